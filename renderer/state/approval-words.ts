// What becomes of a question that nobody answers, and what was answered, in words.
import type { ApprovalSpec } from '../../shared/pipeline/spec.ts'
import type { ApprovalView } from '../../shared/run/run-view.ts'
import { dateWords, distanceWords } from '../ui/time-words.ts'

export function timeLeftWords(
  { dueAt }: ApprovalView,
  spec: ApprovalSpec | undefined,
  nowMs: number,
): string {
  if (dueAt === null) return 'It waits without end.'
  const then = spec?.onTimeout === 'approve' ? 'it is approved' : 'it is rejected'
  if (dueAt <= nowMs) return `Its time is over: ${then} at any moment.`
  return `Without an answer ${then} ${distanceWords(dueAt, nowMs)}, at ${dateWords(dueAt)}.`
}

export function decidedWords(decided: NonNullable<ApprovalView['decided']>): string {
  const what = decided.decision === 'approved' ? 'Approved' : 'Rejected'
  const who = decided.by === null ? 'because nobody answered in time' : `by ${decided.by}`
  return `${what} ${who}, ${dateWords(decided.at)}.`
}
