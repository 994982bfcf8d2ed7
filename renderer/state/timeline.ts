// The bars of the Timeline: when each task waited for its slot and when each attempt ran. Pure.
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { Look } from '../ui/state-look.ts'
import { durationWords } from '../ui/time-words.ts'
import { attemptLook } from './task-facts.ts'

export interface Bar {
  /** Ms since 1970, engine clock. */
  from: number
  to: number
  /** `retry`: the wait between two attempts. */
  kind: 'queued' | 'attempt' | 'retry'
  /** Null for a wait. */
  attempt: number | null
  look: Look | null
}

export interface Span {
  from: number
  to: number
}

export function runSpan(view: RunView, nowMs: number): Span {
  const from = view.startedAt ?? view.createdAt
  const to = view.endedAt ?? Math.max(nowMs, from)
  return { from, to: Math.max(to, from + 1000) }
}

export function barsOf(task: TaskView, nowMs: number): Bar[] {
  const bars: Bar[] = []
  const first = task.attempts[0]
  if (task.queuedAt !== null && (first === undefined || task.queuedAt <= first.startingAt)) {
    const to = first?.startingAt ?? task.endedAt ?? nowMs
    bars.push({ from: task.queuedAt, to, kind: 'queued', attempt: null, look: null })
  }
  for (const [index, attempt] of task.attempts.entries()) {
    const before = task.attempts[index - 1]?.end?.endedAt
    if (before !== undefined)
      bars.push({
        from: before,
        to: Math.max(before, attempt.startingAt),
        kind: 'retry',
        attempt: attempt.number,
        look: null,
      })
    bars.push({
      from: attempt.startingAt,
      to: attempt.end?.endedAt ?? Math.max(nowMs, attempt.startingAt),
      kind: 'attempt',
      attempt: attempt.number,
      look: attemptLook(attempt),
    })
  }
  return bars
}

/** Tasks in the order they began; those that have not begun keep their order at the end. */
export function byStart(tasks: readonly TaskView[]): TaskView[] {
  const begin = (task: TaskView) => task.attempts[0]?.startingAt ?? task.queuedAt ?? Infinity
  return tasks
    .map((task, index) => ({ task, index, at: begin(task) }))
    .sort((a, b) => (a.at === b.at ? a.index - b.index : a.at - b.at))
    .map(({ task }) => task)
}

/** `+4 s`, `+1m 30s`: no more digits than the step has. */
export function tickWords(ms: number): string {
  const words = ms % 1000 === 0 && ms < 10_000 ? `${ms / 1000} s` : durationWords(ms)
  return ms === 0 ? '0' : `+${words}`
}

const steps = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
]

/** Round moments in the span, as ms after its start; `countMax` at most. */
export function ticks(span: Span, countMax: number): number[] {
  const length = span.to - span.from
  const step = steps.find((each) => length / each <= countMax) ?? (steps.at(-1) as number)
  return Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => index * step)
}
