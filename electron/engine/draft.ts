// One decision in the making: events are folded into the state as they are decided, so that a cascade sees its own
// effects. Nothing leaves before `loop.ts` has committed the whole draft (E2).
import type { Placement } from '../ports/placement.ts'
import type { RunEvent, RunEventBody } from '../../shared/run/events.ts'
import { foldEvent } from '../../shared/run/fold.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { EngineState, HostWork, Lane, LiveRun, LiveTask } from './state.ts'
import { enqueue } from './lanes.ts'
import { hostWork, occupy, vacate } from './state.ts'

/** What the loop does after the commit. Each is safe to do again. */
export type Effect =
  | { kind: 'start' | 'watch'; host: string; task: LiveTask; number: number }
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
  /** The next die, in [0, 1). */
  roll(): number
  readonly placement: Placement
  readonly changes: Map<RunId, DraftChange>
  readonly effects: Effect[]
  /** Proved gone: their fences are done. */
  readonly fenced: AttemptKey[]
  /** Lanes where a slot came free or work came in. */
  readonly stirred: Set<Lane>
}

export function newDraft(
  state: EngineState,
  input: { now: number; roll: () => number; placement: Placement },
): Draft {
  return { state, ...input, changes: new Map(), effects: [], fenced: [], stirred: new Set() }
}

/** The host may take work again. */
export function stirHost(draft: Draft, host: HostWork): void {
  for (const lane of host.lanes) if (lane.queue.size > 0) draft.stirred.add(lane)
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
  if (wasEnded !== isEnded) task.run.open += isEnded ? -1 : 1
  if (closesLog) task.run.openLogs -= 1
  if (body.kind === 'attempt.starting') task.run.openLogs += 1
  keepHost(draft, task, body.kind)
}

export function changeOf(draft: Draft, run: LiveRun): DraftChange {
  let change = draft.changes.get(run.view.run)
  if (change === undefined) {
    change = { run, events: [], touched: new Set(), plan: null }
    draft.changes.set(run.view.run, change)
  }
  return change
}

function keepHost(draft: Draft, task: LiveTask, kind: RunEventBody['kind']): void {
  if (kind === 'task.queued') {
    draft.stirred.add(enqueue(draft.state, task))
  } else if (kind === 'task.ended') {
    task.lane?.queue.remove(task)
  } else if (kind === 'attempt.starting' || kind === 'attempt.ended') {
    const attempt = task.view.attempts.at(-1)
    if (attempt === undefined) return
    const host = hostWork(draft.state, attempt.host)
    if (kind === 'attempt.starting') return occupy(task, host)
    vacate(task, host)
    stirHost(draft, host)
    for (const lane of task.lane?.pool?.lanes ?? [])
      if (lane.queue.size > 0) draft.stirred.add(lane)
  }
}
