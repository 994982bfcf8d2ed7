// What has fallen due: a retry, a link that stays away, the end of a wait.
import type { AttemptView } from '../../shared/run/run-view.ts'
import { assertNever } from '../../shared/run/states.ts'
import { decideApprovalDue } from './approvals.ts'
import { becomeUnknown, keyOf, waitLease } from './attempts.ts'
import { begin } from './begin.ts'
import { attemptOf, closeLogWithGap, failOver, loseAttempt } from './decide-report.ts'
import type { Draft } from './draft.ts'
import { isHeldBack } from './said.ts'
import { openRate } from './starts.ts'
import { hostWork } from './state.ts'
import type { Due, LiveTask } from './state.ts'
import { leaseEndsAfterMs, unknownDueAt, unknownPolicy } from './unknown-policy.ts'

export function decideDue(draft: Draft, due: Due): void {
  switch (due.kind) {
    case 'link_grace': {
      const host = hostWork(draft.state, due.host)
      if (host.downSince !== due.since) return
      for (const task of host.live) becomeUnknown(draft, task, host.downWhy)
      return
    }
    case 'retry': {
      const task = draft.state.runs.get(due.run)?.taskByName.get(due.task)
      if (task?.view.state !== 'retrying') return
      // It may be another retry by now, which is due later.
      if ((task.view.dueAt ?? 0) <= draft.now && !isHeldBack(task)) begin(draft, task)
      return
    }
    case 'approval': {
      const task = draft.state.runs.get(due.run)?.taskByName.get(due.task)
      if (task !== undefined) decideApprovalDue(draft, task)
      return
    }
    case 'rate_opens':
      return openRate(draft, due.semaphore)
    case 'unknown_wait': {
      const found = attemptOf(draft, due)
      if (found?.attempt.state === 'unknown') decideUnknownDue(draft, found.task, found.attempt)
      return
    }
    case 'log_wait': {
      const found = attemptOf(draft, due)
      if (found === null || found.attempt.log !== null) return
      closeLogWithGap(
        draft,
        found.task,
        due.number,
        'the host did not come back to hand over the rest',
      )
      return
    }
    default:
      assertNever(due)
  }
}

function decideUnknownDue(draft: Draft, task: LiveTask, attempt: AttemptView): void {
  const dueAt = unknownDueAt(task.planned, attempt, draft.now)
  // A person has said to wait on: the time has moved, and its own entry stands for that.
  if (dueAt === null || dueAt > draft.now) return
  if (unknownPolicy(task.planned).then === 'failover') {
    const host = hostWork(draft.state, attempt.host)
    // Where its host is heard, its word is on the way, and its lease may be renewed by now.
    const lastHeardMs = host.downSince === null ? draft.livedMs : host.silentSinceMs
    const silentSinceMs = host.elsewhere.get(keyOf(task, attempt.number)) ?? lastHeardMs
    const leftMs = leaseEndsAfterMs(task.planned) - (draft.livedMs - silentSinceMs)
    // Or the engine's clock has jumped ahead: the host's lease goes by true time.
    if (leftMs > 0) return waitLease(draft, task, attempt, leftMs)
    return failOver(draft, task, attempt)
  }
  loseAttempt(draft, task, attempt, 'unknown_too_long')
}
