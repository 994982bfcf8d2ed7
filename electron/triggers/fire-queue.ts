// Hands occurrences over, a few at a time: a thousand schedules of midnight do not plan a thousand runs at once.
import type { OccurrenceRow } from '../../shared/api/views.ts'

const atOnceMax = 8

export interface FireQueue {
  add(row: OccurrenceRow): void
  /** Drops what waits; what has begun goes on. */
  close(): void
}

/** `handOver` must not reject. */
export function fireQueue(handOver: (row: OccurrenceRow) => Promise<void>): FireQueue {
  const waiting: OccurrenceRow[] = []
  let active = 0
  const pump = (): void => {
    while (active < atOnceMax) {
      const row = waiting.shift()
      if (row === undefined) return
      active += 1
      void handOver(row).finally(() => {
        active -= 1
        pump()
      })
    }
  }
  return {
    add(row) {
      waiting.push(row)
      pump()
    },
    close: () => void waiting.splice(0),
  }
}
