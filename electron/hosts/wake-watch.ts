// Says when this machine has slept. While it does, monotonic time stands still (Linux, macOS) or timers come late (Windows):
// either way the time that a timer was asked for is not the time that has passed. A clock set forward looks the same, and a
// look at each link costs little.
import type { Clock } from '../ports/clock.ts'

const lookMs = 5_000
/** Shorter sleeps break no connection. */
const sleepMsMin = 10_000

/** Gives back its undo. */
export function watchForSleep(clock: Clock, onWake: () => void): () => void {
  let stop: () => void = () => undefined
  const arm = (): void => {
    const askedAt = clock.now()
    const askedAtMonotonic = clock.monotonic()
    stop = clock.after(lookMs, () => {
      const tookMs = Math.max(clock.now() - askedAt, clock.monotonic() - askedAtMonotonic)
      arm()
      if (tookMs - lookMs >= sleepMsMin) onWake()
    })
  }
  arm()
  return () => stop()
}
