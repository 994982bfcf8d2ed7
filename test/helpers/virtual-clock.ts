// Time that stands still until a test moves it. Callbacks come in order of their due time, then of their asking.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../electron/ports/clock.ts'

export interface VirtualClock extends Clock {
  /** Moves time on and runs what falls due, synchronously, each at its own due time; also what those ask for in turn. */
  advance(ms: number): void
  /** As `advance`, and lets promises and I/O callbacks run before the start and after each callback. */
  flow(ms: number): Promise<void>
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
  const heap: Waiting[] = []
  const cancelled = new Set<Waiting>()

  const dropCancelled = (): void => {
    while (heap[0] !== undefined && cancelled.delete(heap[0])) popEarliest(heap)
  }
  const runNext = (until: number): boolean => {
    dropCancelled()
    const next = heap[0]
    if (next === undefined || next.due > until) return false
    popEarliest(heap)
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
      const waiting = { due: elapsed + Math.max(0, delayMs), order: order++, callback }
      push(heap, waiting)
      let over = false
      waiting.callback = () => {
        over = true
        callback()
      }
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
    step(ms) {
      wallOffset += ms
    },
    pending: () => heap.length - cancelled.size,
    nextIn() {
      dropCancelled()
      return heap[0] === undefined ? null : Math.max(0, heap[0].due - elapsed)
    },
  }
}

function isBefore(left: Waiting, right: Waiting): boolean {
  return left.due < right.due || (left.due === right.due && left.order < right.order)
}

function push(heap: Waiting[], item: Waiting): void {
  let at = heap.length
  heap.push(item)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(item, heap[parent] as Waiting)) break
    heap[at] = heap[parent] as Waiting
    at = parent
  }
  heap[at] = item
}

function popEarliest(heap: Waiting[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Waiting, heap[child] as Waiting)) {
      child += 1
    }
    if (!isBefore(heap[child] as Waiting, last)) break
    heap[at] = heap[child] as Waiting
    at = child
  }
  heap[at] = last
}
