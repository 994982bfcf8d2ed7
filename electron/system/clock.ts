// Real time. With `dice.ts`, the only place that reads the machine's clock, timers or chance.
import type { Clock } from '../ports/clock.ts'

/** Node turns a longer delay into 1 ms. */
const timerMsMax = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const dueAt = performance.now() + delayMs
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const restMs = dueAt - performance.now()
      timer = setTimeout(onTimer, Math.min(Math.max(Math.ceil(restMs), 0), timerMsMax))
    }
    // A timer may come up to 1 ms early; the port promises that it does not.
    const onTimer = (): void => (performance.now() < dueAt ? arm() : callback())
    arm()
    return () => clearTimeout(timer)
  },
}
