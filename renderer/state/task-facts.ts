// Small facts about a task run that several views show the same way.
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { AttemptView, TaskView } from '../../shared/run/run-view.ts'
import { assertNever, isTaskEnd, type TaskState } from '../../shared/run/states.ts'
import { isAsking, isHeldBack } from './task-look.ts'
import { countsWords } from './task-rows.ts'
import { TASK_LOOK, type Look } from '../ui/state-look.ts'
import { durationWords } from '../ui/time-words.ts'

export function lastAttempt(task: TaskView): AttemptView | undefined {
  return task.attempts.at(-1)
}

/** The host's own clock where both ends are known: it does not count our waiting for the news. Null: never ran. */
export function attemptMs(attempt: AttemptView, nowMs: number): number | null {
  const { end } = attempt
  if (end === null) return Math.max(0, nowMs - attempt.startingAt)
  if (end.hostStartedAt !== null && end.hostEndedAt !== null)
    return Math.max(0, end.hostEndedAt - end.hostStartedAt)
  return Math.max(0, end.endedAt - attempt.startingAt)
}

export function taskMs(task: TaskView, nowMs: number): number | null {
  const attempt = lastAttempt(task)
  return attempt === undefined ? null : attemptMs(attempt, nowMs)
}

/** Why it is as it is, as far as its record says. */
export function taskWhy(task: TaskView): string {
  if (isAsking(task)) return task.approval?.message ?? ''
  if (isHeldBack(task) && task.held !== undefined) return saidWords('held', task.held)
  return task.why
}

/** `held by mara: waits for the new schema`. */
export function saidWords(word: string, { by, reason }: { by: string; reason: string }): string {
  return `${word === '' ? '' : `${word} `}by ${by}${reason === '' ? '' : `: ${reason}`}`
}

export function taskHost(task: TaskView | undefined, planned: string): string {
  return (task !== undefined && lastAttempt(task)?.host) || planned
}

/** `exit 65`, `SIGKILL`, `timed out`, `lost: host rebooted`. */
export function endWords(end: AttemptEnd): string {
  switch (end.outcome) {
    case 'exited':
      if (end.missingOutputs !== undefined && end.missingOutputs.length > 0)
        return `no output ${end.missingOutputs.join(', ')}`
      if (end.badValues !== undefined) return 'its values cannot be read'
      return `exit ${end.exit}`
    case 'signalled':
      return end.signal.startsWith('SIG') ? end.signal : `SIG${end.signal}`
    case 'timed_out':
      return 'timed out'
    case 'cancelled':
      return 'cancelled'
    case 'lost':
      return `lost: ${end.cause.replaceAll('_', ' ')}`
    case 'not_started':
      return `not started: ${end.cause.replaceAll('_', ' ')}`
    default:
      return assertNever(end)
  }
}

/** Processes that outlived it, as `PID:COMMAND`. */
export function survivorsOf(end: AttemptEnd): readonly string[] {
  return ('survivors' in end ? end.survivors : undefined) ?? []
}

/** How one try looks: an attempt has no state word of its own once it has ended. */
export function attemptLook(attempt: AttemptView): Look {
  if (attempt.state === 'unknown') return TASK_LOOK.unknown
  const { end } = attempt
  if (end === null) return TASK_LOOK.running
  if (end.outcome === 'cancelled') return TASK_LOOK.cancelled
  return isGoodEnd(end) ? TASK_LOOK.succeeded : TASK_LOOK.failed
}

/** Exit 0, with all that it was to hand back. */
function isGoodEnd(end: AttemptEnd): boolean {
  if (end.outcome !== 'exited' || end.exit !== 0) return false
  return (end.missingOutputs ?? []).length === 0 && end.badValues === undefined
}

/** The second line of a node: where, what came of it, how long. `kind`: what stands for the host of what has none. */
export function taskDetail(
  task: TaskView | undefined,
  planned: string,
  nowMs: number,
  kind: string | null = null,
): string {
  if (task?.fan !== undefined) return countsWords(task.fan.counts)
  const parts = [kind ?? taskHost(task, planned)]
  if (task === undefined) return parts.join('')
  const attempt = lastAttempt(task)
  if (isAsking(task)) return task.approval?.message ?? ''
  if (isHeldBack(task)) parts.push(`held by ${task.held?.by ?? ''}`)
  else if (task.state === 'retrying' && task.dueAt !== null)
    parts.push(`again in ${durationWords(task.dueAt - nowMs)}`)
  else if (task.state === 'failed' && attempt?.end != null) parts.push(endWords(attempt.end))
  else if (task.state === 'queued') parts.push('queued')
  else if (task.marked !== undefined) parts.push(`marked by ${task.marked.by}`)
  else if (task.approval?.decided?.by != null)
    parts.push(`${task.approval.decided.decision} by ${task.approval.decided.by}`)
  if (attempt !== undefined && showsTime(task.state))
    parts.push(durationWords(attemptMs(attempt, nowMs) ?? 0))
  return parts.join(' · ')
}

function showsTime(state: TaskState): boolean {
  return state === 'running' || state === 'unknown' || (isTaskEnd(state) && state !== 'reused')
}

export function countsTotal(counts: Partial<Record<TaskState, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
