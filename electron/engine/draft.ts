// One decision in the making: events are folded into the state as they are decided, so that a cascade sees its own
// effects. Nothing leaves before `loop.ts` has committed the whole draft (E2).
import type { Evaluator } from '../ports/evaluator.ts'
import type { Judgement } from '../ports/judgement.ts'
import type { Placement } from '../ports/placement.ts'
import type { RunChange, SemaphoreStart } from '../ports/run-store.ts'
import type { RunEvent, RunEventBody } from '../../shared/run/events.ts'
import { foldEvent } from '../../shared/run/fold.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import { keepBooks } from './books.ts'
import type { EngineState, HostWork, Lane, LiveRun, LiveTask, Place } from './state.ts'

/** What the loop does after the commit. Each is safe to do again. */
export type Effect =
  | { kind: 'start'; host: string; task: LiveTask; number: number }
  | { kind: 'watch'; host: string; task: LiveTask; number: number }
  | { kind: 'cancel'; host: string; key: AttemptKey; graceMs: number }
  | { kind: 'release'; host: string; key: AttemptKey }
  /** Its copy must be proved gone when the host is back. */
  | { kind: 'fence'; host: string; key: AttemptKey; graceMs: number }

export interface DraftChange {
  run: LiveRun
  events: RunEvent[]
  touched: Set<TaskView>
  plan: RunPlan | null
}

export interface Draft {
  readonly state: EngineState
  readonly now: number
  readonly livedMs: number
  /** The next die, in [0, 1). */
  roll(): number
  readonly placement: Placement
  readonly evaluator: Evaluator
  readonly judgement: Judgement
  load(run: RunId): { plan: RunPlan; view: RunView } | null
  readonly changes: Map<RunId, DraftChange>
  readonly effects: Effect[]
  /** Proved gone: their fences are done. */
  readonly fenced: AttemptKey[]
  /** Lanes where work came in. */
  readonly stirred: Set<Lane>
  /** What may have room again. */
  readonly freed: Set<Place>
  /** Starts that rates have to remember. */
  readonly starts: SemaphoreStart[]
  /** What is to be followed up before the draft is done (`follow-up.ts`). */
  readonly agenda: Agenda
}

export interface Agenda {
  /** New, resumed or let go on: all of their task runs that wait are looked at. */
  readonly runs: LiveRun[]
  /** Task runs that have ended: others may have waited for them. */
  readonly ended: LiveTask[]
  /** Task runs whose needs have changed. */
  readonly affected: LiveTask[]
  /** Fan-outs where an item has ended or may begin. */
  readonly fans: Set<LiveTask>
  /** Runs of sub-pipelines that have ended. */
  readonly children: LiveRun[]
  /** Nothing of them is open any more. */
  readonly done: Set<LiveRun>
}

/** What comes in with a decision (E1). */
export interface DraftInput {
  now: number
  /** How long this engine has lived, by the monotonic clock. */
  livedMs: number
  roll: () => number
  placement: Placement
  evaluator: Evaluator
  judgement: Judgement
  /** A run that is not live, as it is stored; null: there is none. */
  load: (run: RunId) => { plan: RunPlan; view: RunView } | null
}

export function newDraft(state: EngineState, input: DraftInput): Draft {
  return {
    state,
    ...input,
    changes: new Map(),
    effects: [],
    fenced: [],
    stirred: new Set(),
    freed: new Set(),
    starts: [],
    agenda: { runs: [], ended: [], affected: [], fans: new Set(), children: [], done: new Set() },
  }
}

/** How events name a task run. */
export function nameOf(task: LiveTask): { task: string; item: number | null } {
  return { task: task.planned.name, item: task.view.item }
}

/** The host may take work again. */
export function stirHost(draft: Draft, host: HostWork): void {
  draft.freed.add(host)
}

/** An event that is about the run as a whole. */
export function emit(draft: Draft, run: LiveRun, body: RunEventBody): void {
  const change = changeOf(draft, run)
  const event: RunEvent = { run: run.view.run, seq: run.view.seq + 1, at: draft.now, ...body }
  change.events.push(event)
  const touched = foldEvent(run.view, event)
  if (touched !== null) change.touched.add(touched)
}

/** An event about one task run; keeps the counters of run and host right. */
export function emitTask(
  draft: Draft,
  task: LiveTask,
  body: Extract<RunEventBody, { task: string; item: number | null }>,
): void {
  const wasEnded = isTaskEnd(task.view.state)
  // The rest of one that was given up closes it a second time.
  const closesLog =
    body.kind === 'attempt.log_closed' && task.view.attempts[body.number - 1]?.log === null
  emit(draft, task.run, body)
  const isEnded = isTaskEnd(task.view.state)
  if (wasEnded !== isEnded) countOpen(draft, task, isEnded)
  if (closesLog) task.run.openLogs -= 1
  if (body.kind === 'attempt.starting') task.run.openLogs += 1
  if (task.run.open === 0 && task.run.openLogs === 0) draft.agenda.done.add(task.run)
  keepBooks(draft, task, body.kind)
}

function countOpen(draft: Draft, task: LiveTask, isEnded: boolean): void {
  const change = isEnded ? -1 : 1
  task.run.open += change
  if (task.head === null && task.planned.isFinal !== true) task.run.openBody += change
  if (isEnded) draft.agenda.ended.push(task)
}

export function changeOf(draft: Draft, run: LiveRun): DraftChange {
  let change = draft.changes.get(run.view.run)
  if (change === undefined) {
    change = { run, events: [], touched: new Set(), plan: null }
    draft.changes.set(run.view.run, change)
  }
  return change
}

/** For the store: the runs of which there is anything to tell. */
export function newsOf(draft: Draft): RunChange[] {
  return [...draft.changes.values()]
    .filter(({ events }) => events.length > 0)
    .map(({ run, events, touched, plan }) => ({ view: run.view, events, touched, plan }))
}
