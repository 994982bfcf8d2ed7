// What is ordered and awaited for one attempt.
import { attemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import type { LiveTask } from './state.ts'
import { unknownDueAt } from './unknown-policy.ts'

/** How long an ended attempt's log is waited for when its host does not come back. */
export const LOG_WAIT_MS = 10 * 60_000

/** What an end says of an attempt of which nothing ran, or nobody saw it run. */
export const nothingRan = { hostStartedAt: null, hostEndedAt: null, cpuMs: null, peakBytes: null }

export function keyOf(task: LiveTask, number: number): AttemptKey {
  return attemptKey(task.run.view.run, task.planned.name, task.view.item, number)
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

/** E4: silence is not an end. An attempt whose start was never answered is unknown just the same. */
export function becomeUnknown(draft: Draft, task: LiveTask, why: string): void {
  const attempt = task.view.attempts.at(-1)
  if (attempt?.state !== 'starting' && attempt?.state !== 'running') return
  const { number } = attempt
  emitTask(draft, task, {
    kind: 'attempt.unknown',
    ...nameOf(task),
    number,
    why,
  })
  waitUnknown(draft, task, attempt)
}

/** Until its policy acts; where that asks a person, there is nothing to wait for. */
export function waitUnknown(draft: Draft, task: LiveTask, attempt: AttemptView): void {
  const at = unknownDueAt(task.planned, attempt, draft.now)
  if (at !== null)
    draft.state.due.add(at, { kind: 'unknown_wait', ...named(task), number: attempt.number })
}

/** Its lease may still hold the first copy alive. */
export function waitLease(
  draft: Draft,
  task: LiveTask,
  { number }: AttemptView,
  leftMs: number,
): void {
  draft.state.due.add(draft.now + leftMs, { kind: 'unknown_wait', ...named(task), number })
}

export function waitLog(draft: Draft, task: LiveTask, number: number): void {
  draft.state.due.add(draft.now + LOG_WAIT_MS, { kind: 'log_wait', ...named(task), number })
}

/** `retrying` until its view's `dueAt`. */
export function waitRetry(draft: Draft, task: LiveTask): void {
  draft.state.due.add(task.view.dueAt ?? draft.now, { kind: 'retry', ...named(task) })
}

function named(task: LiveTask): { run: LiveTask['run']['view']['run']; task: string } {
  return { run: task.run.view.run, task: taskKey(task.planned.name, task.view.item) }
}
