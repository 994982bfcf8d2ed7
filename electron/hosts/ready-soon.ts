// When a host is asked to make itself ready for another start: where starts come one by one. A spare costs about five processes
// more than a plain start, and saves its time only before the start: in a crowd others wait for that time.
import type { Clock } from '../ports/clock.ts'

export interface ReadySoon {
  /** An attempt has started, and `live` of them are there with it. */
  started(live: number, ask: () => void): void
  close(): void
}

/** After a start, so as not to stand in its way. */
const delayMs = 10
/** Starts beside live attempts are a crowd where they come faster than this. */
const crowdMs = 500

export function openReadySoon(clock: Clock): ReadySoon {
  let startedAt = Number.NEGATIVE_INFINITY
  let stop = (): void => undefined
  return {
    started(live, ask) {
      const now = clock.monotonic()
      const isCrowd = live > 1 && now - startedAt < crowdMs
      startedAt = now
      stop()
      stop = isCrowd ? () => undefined : clock.after(delayMs, ask)
    },
    close: () => stop(),
  }
}
