// The engine's decisions.
//   E1  A decision is a function of the state and its input: clock, free slots and dice come in. The state changes only by
//       folding the events that were decided. The same inputs replay to the same events.
//   E2  Events are committed before their effects start (`loop.ts`). A crash between the two repeats the effect, and a host
//       refuses an attempt key it has already seen.
//   E3  Attempt keys are derived (run, task, item, number): deciding again after any loss names the same thing.
//   E4  A task run leaves `running` only on an end its host reported, or to `unknown`. `unknown` ends by a report, by its
//       policy, or by a person.
//   E5  Slots hold over runs and restarts: an attempt holds one from `attempt.starting` to `attempt.ended`.
//   E6  The cost of a decision grows with what changed, not with the size of the graph.
//   E7  A restart reads unfinished runs, watches their attempts, and goes on. There is no other recovery code path.
import type { ParamValue } from '../../shared/pipeline/spec.ts'
import type { RunCause } from '../../shared/run/events.ts'
import { newRunView } from '../../shared/run/fold.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { chooseHost } from './choose-host.ts'
import { changeOf, emit, emitTask } from './draft.ts'
import type { Draft } from './draft.ts'
import { enqueue, laneOf, longestWaiting } from './lanes.ts'
import { adoptRun, hostWork, indexRun, occupy } from './state.ts'
import type { LiveRun, LiveTask } from './state.ts'
import { unknownDueAt } from './unknown-policy.ts'

export const LINK_GRACE_MS = 10_000
/** How long an ended attempt's log is waited for when its host does not come back. */
export const LOG_WAIT_MS = 10 * 60_000

export function decideCreate(
  draft: Draft,
  id: RunId,
  request: { plan: RunPlan; cause: RunCause },
): LiveRun {
  const { plan, cause } = request
  const body = {
    kind: 'run.created' as const,
    pipeline: plan.pipeline,
    environment: plan.environment,
    version: plan.version,
    params: plan.params as Record<string, ParamValue>,
    logicalDate: plan.logicalDate,
    cause,
  }
  const event = { run: id, seq: 1, at: draft.now, ...body }
  const view = newRunView(
    event,
    plan.tasks.map((task) => task.name),
  )
  const run = indexRun(view, plan)
  const change = changeOf(draft, run)
  change.events.push(event)
  change.plan = plan
  adoptRun(draft.state, run)
  emit(draft, run, { kind: 'run.started' })
  queueReady(draft, run)
  endRunIfDone(draft, run)
  return run
}

/** Queues every waiting task run whose needs have ended well. */
export function queueReady(draft: Draft, run: LiveRun): void {
  for (const task of run.taskByName.values()) {
    if (task.view.state === 'waiting' && task.unmet === 0) queueTask(draft, task)
  }
}

export function queueTask(draft: Draft, task: LiveTask): void {
  emitTask(draft, task, { kind: 'task.queued', task: task.planned.name, item: null })
}

/** Starts queued work while slots are free, whoever has waited longest first. */
export function decideStarts(draft: Draft): void {
  const lanes = draft.stirred
  for (let next = longestWaiting(lanes); next !== null; next = longestWaiting(lanes)) {
    const { lane, task } = next
    const chosen = chooseHost(lane, task, draft.placement, draft.now)
    if (chosen === null) {
      lanes.delete(lane)
      continue
    }
    lane.queue.take()
    const number = task.view.attempts.length + 1
    const host = chosen.host.name
    emitTask(draft, task, {
      kind: 'attempt.starting',
      task: task.planned.name,
      item: null,
      number,
      host,
      ...(chosen.choice === null ? {} : { chosen: chosen.choice }),
    })
    draft.effects.push({ kind: 'start', host, task, number })
  }
}

export function endTask(
  draft: Draft,
  task: LiveTask,
  state: 'succeeded' | 'failed' | 'upstream_failed' | 'skipped' | 'cancelled',
  why: string,
): void {
  emitTask(draft, task, { kind: 'task.ended', task: task.planned.name, item: null, state, why })
  if (state === 'succeeded') {
    for (const next of task.downstream) {
      next.unmet -= 1
      if (next.unmet === 0 && next.view.state === 'waiting') queueTask(draft, next)
    }
    return
  }
  const verdict = state === 'cancelled' ? 'cancelled' : 'upstream_failed'
  failDownstream(draft, task, verdict)
}

// Each task run is ended once, so a cascade costs what it changes. A stack of our own: chains may be 100,000 long.
function failDownstream(
  draft: Draft,
  task: LiveTask,
  state: 'cancelled' | 'upstream_failed',
): void {
  const stack = [task]
  for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
    for (const next of from.downstream) {
      if (next.view.state !== 'waiting') continue
      const why = `needs ${from.planned.name}`
      emitTask(draft, next, { kind: 'task.ended', task: next.planned.name, item: null, state, why })
      stack.push(next)
    }
  }
}

/** A run ends when every task run has ended and every log is here. */
export function endRunIfDone(draft: Draft, run: LiveRun): void {
  if (run.open > 0 || run.openLogs > 0 || run.view.state !== 'running') return
  const { counts } = run.view
  const bad = (counts.failed ?? 0) + (counts.upstream_failed ?? 0)
  const cancelled = run.view.cancelAsked !== null && (counts.cancelled ?? 0) > 0
  const state = cancelled
    ? 'cancelled'
    : bad > 0
      ? 'failed'
      : (counts.cancelled ?? 0) > 0
        ? 'cancelled'
        : 'succeeded'
  emit(draft, run, { kind: 'run.ended', state })
  draft.state.runs.delete(run.view.run)
}

/** What has not started never will; what runs is told to stop, and the run waits for the proof. */
export function decideCancel(draft: Draft, run: LiveRun, by: string, reason: string): void {
  emit(draft, run, { kind: 'run.cancel_asked', by, reason })
  for (const task of run.taskByName.values()) {
    switch (task.view.state) {
      case 'waiting':
      case 'queued':
      case 'retrying':
        emitTask(draft, task, {
          kind: 'task.ended',
          task: task.planned.name,
          item: null,
          state: 'cancelled',
          why: 'the run was cancelled',
        })
        break
      case 'running':
      case 'unknown':
        cancelAttempt(draft, task)
        break
      default:
        break
    }
  }
  endRunIfDone(draft, run)
}

export function cancelAttempt(draft: Draft, task: LiveTask): void {
  const attempt = task.view.attempts.at(-1)
  if (attempt === undefined || attempt.state === 'ended') return
  draft.effects.push({
    kind: 'cancel',
    host: attempt.host,
    key: keyOf(task, attempt.number),
    graceMs: task.planned.graceMs,
  })
}

/** E7: what a restart must do for a run that was read from the store. */
export function decideRecover(draft: Draft, run: LiveRun): void {
  for (const task of run.taskByName.values()) {
    recoverLogs(draft, task)
    const { view } = task
    if (view.state === 'queued') {
      draft.stirred.add(enqueue(draft.state, task))
    } else if (view.state === 'retrying') {
      draft.state.due.add(view.dueAt ?? draft.now, {
        kind: 'retry',
        run: run.view.run,
        task: task.planned.name,
        number: view.attempts.length,
      })
    } else if (view.state === 'running' || view.state === 'unknown') {
      recoverLive(draft, task)
    }
  }
  // The last event before a crash may have been the one that ends the last task.
  queueReady(draft, run)
  endRunIfDone(draft, run)
}

function recoverLive(draft: Draft, task: LiveTask): void {
  const attempt = task.view.attempts.at(-1)
  if (attempt === undefined || attempt.state === 'ended') return
  laneOf(draft.state, task)
  occupy(task, hostWork(draft.state, attempt.host))
  draft.effects.push({ kind: 'watch', host: attempt.host, task, number: attempt.number })
  if (attempt.state === 'unknown') waitUnknown(draft, task, attempt)
  if (task.run.view.cancelAsked !== null) cancelAttempt(draft, task)
}

// An attempt that ended before its log was whole here: the host still has the rest.
function recoverLogs(draft: Draft, task: LiveTask): void {
  for (const attempt of task.view.attempts) {
    if (attempt.state !== 'ended' || attempt.log !== null) continue
    draft.effects.push({ kind: 'watch', host: attempt.host, task, number: attempt.number })
    waitLog(draft, task, attempt.number)
  }
}

/** Until its policy acts; where that asks a person, there is nothing to wait for. */
export function waitUnknown(draft: Draft, task: LiveTask, attempt: AttemptView): void {
  const at = unknownDueAt(task.planned, attempt, draft.now)
  if (at === null) return
  const { run } = task.run.view
  const { name } = task.planned
  draft.state.due.add(at, { kind: 'unknown_wait', run, task: name, number: attempt.number })
}

export function waitLog(draft: Draft, task: LiveTask, number: number): void {
  const due = { kind: 'log_wait' as const, run: task.run.view.run, task: task.planned.name, number }
  draft.state.due.add(draft.now + LOG_WAIT_MS, due)
}

export function keyOf(task: LiveTask, number: number): AttemptKey {
  return attemptKey(task.run.view.run, task.planned.name, null, number)
}
