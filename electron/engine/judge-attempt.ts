// What the end of an attempt means for its task run: it has ended too, another host takes over, or it is tried again.
// Where a rule asks for the log, the task run stays `running` until the log is here, or until it will not come.
import type { AttemptEnd } from '../../shared/run/events.ts'
import { isGoodEnd } from '../../shared/run/run-view.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import { keyOf, waitRetry } from './attempts.ts'
import { endTask } from './end-task.ts'
import { endSucceeded } from './branches.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { goesElsewhere } from './elsewhere.ts'
import { planRetry } from './retry.ts'
import type { LogAnswers, RetryQuestion } from './retry.ts'
import { isCancelled, isCleanUp, isStopping } from './said.ts'
import type { LiveTask } from './state.ts'
import { endInWords } from './words.ts'

// The verdict waited for the log; it is here, or it will not come.
export function judgeLate(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  isLogMissing: boolean,
): void {
  if (task.view.state !== 'running' || task.view.attempts.at(-1) !== attempt) return
  const { end } = attempt
  if (end !== null) judgeAttempt(draft, task, { attempt, end, isLogMissing })
}

export interface Ended {
  attempt: AttemptView
  end: AttemptEnd
  isLogMissing: boolean
}

/** The attempt has ended: so has its task run, or it is tried again, or its log must tell first. */
export function judgeAttempt(draft: Draft, task: LiveTask, ended: Ended): void {
  const { attempt, end } = ended
  if (isGoodEnd(end)) return endSucceeded(draft, task)
  const words = endInWords(end)
  if (endHalted(draft, task, words)) return
  const { planned, view } = task
  const isOpen = (host: string): boolean => draft.placement.closedWhy(host) === null
  if (goesElsewhere(task, attempt.host, end, isOpen)) return queueElsewhere(draft, task)
  const made = view.attempts.length - view.attemptsBefore
  const { retries, effect } = planned
  const log = answersOf(draft, task, ended)
  const retry = planRetry({ end, made, retries, effect, log, budget: budgetOf(task) }, draft.roll())
  if (retry.kind === 'wait_log') return
  if (retry.kind === 'stop') {
    return endTask(draft, task, 'failed', both(words, retry.why))
  }
  const dueAt = draft.now + retry.delayMs
  const because = retry.because === null ? {} : { because: retry.because }
  emitTask(draft, task, { kind: 'task.retrying', ...nameOf(task), dueAt, ...because })
  waitRetry(draft, task)
}

/** Where the run was cancelled or is to stop, what has ended badly is over: true. */
export function endHalted(draft: Draft, task: LiveTask, words: string): boolean {
  if (isCancelled(task)) endTask(draft, task, 'cancelled', words)
  else if (isStopping(task.run) && !isCleanUp(task)) endTask(draft, task, 'failed', words)
  else return false
  return true
}

function both(words: string, why: string): string {
  if (why === '') return words
  return why.startsWith(words) ? why : `${words}; ${why}`
}

function answersOf(
  draft: Draft,
  task: LiveTask,
  { attempt, end, isLogMissing }: Ended,
): LogAnswers {
  if (isLogMissing) return 'missing'
  if (attempt.log === null) return 'open'
  const key = keyOf(task, attempt.number)
  return {
    cause: () => draft.judgement.causeOf(key, end),
    matching: (patterns) => draft.judgement.matching(key, patterns),
  }
}

export function budgetOf({ run }: LiveTask): RetryQuestion['budget'] {
  const { retryBudget: max } = run.plan
  return max === undefined ? null : { used: run.view.retries ?? 0, max }
}

/** Another host of the pool takes it, at once and not counted as a retry. */
export function queueElsewhere(draft: Draft, task: LiveTask): void {
  emitTask(draft, task, {
    kind: 'task.queued',
    ...nameOf(task),
    elsewhere: true,
  })
}
