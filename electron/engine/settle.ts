// A person decides about an attempt whose outcome is unknown.
import { AppError } from '../../shared/api/app-error.ts'
import type { UnknownDecision } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { nothingRan, waitUnknown } from './attempts.ts'
import { endTask } from './end-task.ts'
import { failOver, recordEnd } from './decide-report.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { isCancelled } from './said.ts'
import type { LiveTask } from './state.ts'
import { whyNoFailover } from './unknown-policy.ts'

export interface Settlement {
  decision: UnknownDecision
  by: string
  reason: string
}

/** Throws AppError('conflict') where there is nothing to decide, or where a failover is not allowed. */
export function decideSettle(draft: Draft, task: LiveTask, settlement: Settlement): void {
  const { decision, by, reason } = settlement
  const name = taskKey(task.planned.name, task.view.item)
  const attempt = task.view.attempts.at(-1)
  if (attempt === undefined || attempt.state !== 'unknown') {
    throw new AppError(
      'conflict',
      `Task ${name} is ${task.view.state}: its outcome is not in doubt.`,
    )
  }
  const forbidden = decision === 'failover' ? whyNoFailover(task.planned) : null
  if (forbidden !== null) {
    throw new AppError('conflict', `Task ${name} cannot fail over: ${forbidden}.`, {
      hint: 'Wait for its host, or let it fail and resume the run.',
    })
  }
  const { number } = attempt
  emitTask(draft, task, { kind: 'attempt.settled', ...nameOf(task), number, ...settlement })
  if (decision === 'wait') return waitUnknown(draft, task, attempt)
  if (decision === 'failover') return failOver(draft, task, attempt)
  const end = { outcome: 'lost' as const, cause: 'given_up' as const, endedAt: draft.now }
  recordEnd(draft, task, attempt, { ...end, ...nothingRan })
  const words = reason === '' ? `given up by ${by}` : `given up by ${by}: ${reason}`
  if (isCancelled(task)) endTask(draft, task, 'cancelled', words)
  else endTask(draft, task, 'failed', words)
}
