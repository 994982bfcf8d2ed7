// Time that stands still until a test moves it. Callbacks come in order of their due time, then of their asking.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../electron/ports/clock.ts'
import { minHeap } from '../../shared/schedule/min-heap.ts'

export interface VirtualClock extends Clock {
  /** Moves time on and runs what falls due, synchronously, each at its own due time; also what those ask for in turn. */
  advance(ms: number): void
  /** As `advance`, and lets promises and I/O callbacks run before the start and after each callback. */
  flow(ms: number): Promise<void>
  /** Runs the one callback that is due first, where that is within `ms`; false: none is, and no time has passed. */
  runNext(ms: number): boolean
  /** The process is busy: time goes on, and what falls due in it comes late. */
  block(ms: number): void
  /** The wall clock jumps, as by NTP or a suspended laptop: monotonic time and waits do not. */
  step(ms: number): void
  /** Callbacks that wait. */
  pending(): number
  /** Wait until the earliest callback, ms; null when none waits. */
  nextIn(): number | null
}

interface Waiting {
  due: number
  order: number
  callback: () => void
}

const callbacksMax = 10_000_000

export function virtualClock(startMs: number = Date.UTC(2026, 0, 1)): VirtualClock {
  let elapsed = 0
  let wallOffset = startMs
  let order = 0
  const heap = minHeap<Waiting>((left, right) =>
    left.due === right.due ? left.order < right.order : left.due < right.due,
  )
  const cancelled = new Set<Waiting>()

  const dropCancelled = (): void => {
    for (let next = heap.peek(); next !== undefined && cancelled.delete(next); next = heap.peek()) {
      heap.pop()
    }
  }
  const runNext = (until: number): boolean => {
    dropCancelled()
    const next = heap.peek()
    if (next === undefined || next.due > until) return false
    heap.pop()
    elapsed = Math.max(elapsed, next.due)
    next.callback()
    return true
  }
  const bound = (count: number): void => {
    if (count > callbacksMax) throw new Error(`More than ${callbacksMax} callbacks in one advance`)
  }

  return {
    now: () => wallOffset + elapsed,
    monotonic: () => elapsed,
    after(delayMs, callback) {
      let over = false
      const run = (): void => {
        over = true
        callback()
      }
      const waiting = { due: elapsed + Math.max(0, delayMs), order: order++, callback: run }
      heap.push(waiting)
      return () => {
        if (!over) cancelled.add(waiting)
        over = true
      }
    },
    advance(ms) {
      const until = elapsed + ms
      for (let count = 0; runNext(until); count++) bound(count)
      elapsed = until
    },
    async flow(ms) {
      const until = elapsed + ms
      await nextTurn()
      for (let count = 0; runNext(until); count++) {
        bound(count)
        await nextTurn()
      }
      elapsed = until
    },
    runNext: (ms) => runNext(elapsed + ms),
    block(ms) {
      elapsed += ms
    },
    step(ms) {
      wallOffset += ms
    },
    pending: () => heap.size() - cancelled.size,
    nextIn() {
      dropCancelled()
      const next = heap.peek()
      return next === undefined ? null : Math.max(0, next.due - elapsed)
    },
  }
}
