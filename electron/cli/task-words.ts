// What a row says of a task beside its state: counts of its items, what it waits for, what people said, what it saved.
import { durationWords } from './words.ts'
import { savedWords } from '../../shared/run/checkpoint-words.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'

/** A host that has not answered by then deserves a word. */
const reachSlowMs = 3000
const itemLengthMax = 40

/** `47 of 100, 2 failed`; empty where its list is not known. */
export function fanWords({ fan }: TaskView): string {
  if (fan === undefined) return ''
  let ended = 0
  for (const [state, count] of Object.entries(fan.counts) as [TaskState, number][]) {
    if (isTaskEnd(state)) ended += count
  }
  const { failed = 0, unknown = 0, skipped = 0, cancelled = 0 } = fan.counts
  const more = Object.entries({ failed, unknown, skipped, cancelled })
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `, ${count} ${state}`)
  return `${ended} of ${fan.list.length}${more.join('')}`
}

export function noteOf(task: TaskView, now: number): string {
  // That items failed is said by their counts.
  const isCounted = (task.fan?.counts.failed ?? 0) > 0
  const parts = [
    task.value === undefined ? '' : itemWords(task.value),
    isCounted ? '' : stateNote(task, now),
    isTaskEnd(task.state) ? '' : heldWords(task),
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function heldWords({ held }: TaskView): string {
  if (held === undefined) return ''
  return `held by ${held.by}${held.reason === '' ? '' : `: ${held.reason}`}`
}

/** A text stands for itself, anything else as JSON; both cut. */
export function itemWords(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > itemLengthMax ? `${text.slice(0, itemLengthMax - 1)}…` : text
}

function stateNote(task: TaskView, now: number): string {
  const attempt = task.attempts.at(-1)
  switch (task.state) {
    case 'retrying':
      return task.dueAt === null
        ? ''
        : listed([
            `attempt ${task.attempts.length + 1} in ${durationWords(task.dueAt - now)}`,
            savedWords(task, null),
          ])
    case 'unknown':
      return attempt?.unknownWhy ?? ''
    case 'running':
      return runningNote(task, now)
    case 'failed':
      return task.child === undefined || task.why.includes(task.child)
        ? listed([task.why, savedWords(task, null)])
        : `${task.why} (run ${task.child})`
    case 'succeeded':
      return task.child === undefined ? task.why : `run ${task.child}`
    case 'reused':
    case 'skipped':
    case 'cancelled':
      return task.why
    default:
      return ''
  }
}

function runningNote(task: TaskView, now: number): string {
  const { approval, child, attempts, attemptsBefore } = task
  const attempt = attempts.at(-1)
  if (approval?.decided === null) return `asks: ${approval.message}`
  if (child !== undefined) return `run ${child}`
  // The host may be out of reach, and is tried for a while.
  const isSlow = attempt?.hostStartedAt === null && now - attempt.startingAt > reachSlowMs
  if (isSlow) return `not started yet: waits for ${attempt.host}`
  const again = attempts.length - attemptsBefore > 1 ? `attempt ${attempts.length}` : ''
  return listed([again, savedWords(task, null)])
}

function listed(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ')
}
