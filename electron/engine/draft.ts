// One decision in the making: events are folded into the state as they are decided, so that a cascade sees its own
// effects. Nothing leaves before `loop.ts` has committed the whole draft (E2).
import type { RunEvent, RunEventBody } from '../../shared/run/events.ts'
import { foldEvent } from '../../shared/run/fold.ts'
import type { TaskView } from '../../shared/run/fold.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { EngineState, HostWork, LiveRun, LiveTask } from './state.ts'
import { firstHost, hostWork } from './state.ts'

/** What the loop does after the commit. Each is safe to do again. */
export type Effect =
  | { kind: 'start' | 'watch'; host: string; task: LiveTask; number: number }
  | { kind: 'cancel'; host: string; key: AttemptKey; graceMs: number }
  | { kind: 'release'; host: string; key: AttemptKey }

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
  readonly changes: Map<RunId, DraftChange>
  readonly effects: Effect[]
  /** Hosts where a slot came free or work came in. */
  readonly stirred: Set<HostWork>
}

export function newDraft(state: EngineState, now: number, roll: () => number): Draft {
  return { state, now, roll, changes: new Map(), effects: [], stirred: new Set() }
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
  emit(draft, task.run, body)
  const isEnded = isTaskEnd(task.view.state)
  if (wasEnded !== isEnded) task.run.open += isEnded ? -1 : 1
  if (body.kind === 'attempt.log_closed') task.run.openLogs -= 1
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
    const host = hostWork(draft.state, firstHost(task))
    host.queue.push(task)
    draft.stirred.add(host)
  } else if (kind === 'task.ended') {
    hostWork(draft.state, firstHost(task)).queue.remove(task)
  } else if (kind === 'attempt.starting' || kind === 'attempt.ended') {
    const attempt = task.view.attempts.at(-1)
    if (attempt === undefined) return
    const host = hostWork(draft.state, attempt.host)
    if (kind === 'attempt.starting') host.live.add(task)
    else host.live.delete(task)
    draft.stirred.add(host)
  }
}
