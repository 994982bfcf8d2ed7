// E7: what a restart must do for a run that was read from the store, and a resume for the run that lives again.
import { waitAnswer } from './approvals.ts'
import { recoverBooks } from './books.ts'
import { cancelAttempt, waitLog, waitRetry, waitUnknown } from './attempts.ts'
import type { Draft } from './draft.ts'
import { enqueue } from './lanes.ts'
import { isCancelled, isHeldBack } from './said.ts'
import type { LiveRun, LiveTask } from './state.ts'

export function decideRecover(draft: Draft, run: LiveRun): void {
  recoverBooks(draft, run)
  for (const task of run.taskByName.values()) {
    recoverLogs(draft, task)
    const { state } = task.view
    if (state === 'queued' || state === 'retrying') letGo(draft, task)
    else if (state === 'running' || state === 'unknown') recoverLive(draft, task)
  }
  // The last event before a crash may have been the one that ends the last task.
  draft.agenda.runs.push(run)
  if (run.open === 0 && run.openLogs === 0) draft.agenda.done.add(run)
}

/** What waits for a host or a time goes on to wait for it, unless a person holds it back. */
export function letGo(draft: Draft, task: LiveTask): void {
  if (isHeldBack(task)) return
  if (task.view.state === 'queued') draft.stirred.add(enqueue(draft.state, task))
  else if (task.view.state === 'retrying') waitRetry(draft, task)
}

function recoverLive(draft: Draft, task: LiveTask): void {
  if (task.view.approval?.decided === null) return waitAnswer(draft, task)
  const attempt = task.view.attempts.at(-1)
  if (attempt === undefined || attempt.state === 'ended') return
  draft.effects.push({ kind: 'watch', host: attempt.host, task, number: attempt.number })
  if (attempt.state === 'unknown') waitUnknown(draft, task, attempt)
  if (isCancelled(task)) cancelAttempt(draft, task)
}

// An attempt that ended before its log was whole here: the host still has the rest.
function recoverLogs(draft: Draft, task: LiveTask): void {
  for (const attempt of task.view.attempts) {
    if (attempt.state !== 'ended' || attempt.log !== null) continue
    draft.effects.push({ kind: 'watch', host: attempt.host, task, number: attempt.number })
    waitLog(draft, task, attempt.number)
  }
}
