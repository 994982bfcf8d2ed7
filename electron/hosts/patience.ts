// How long one step of a connect may take. A person's time to answer does not count.
import type { Clock } from '../ports/clock.ts'

export interface Deadline {
  clock: Clock
  ms: number
}

export interface Patience {
  onEnd(listener: (ms: number) => void): void
  /** The time stands still until the work is done. */
  during<T>(work: () => Promise<T>): Promise<T>
  stop(): void
}

export function openPatience({ clock, ms }: Deadline): Patience {
  let listener: (ms: number) => void = () => {}
  let stopped = false
  let working = 0
  const start = (): (() => void) => clock.after(ms, () => listener(ms))
  let stop = start()
  return {
    onEnd(end) {
      listener = end
    },
    async during(work) {
      if (working++ === 0) stop()
      try {
        return await work()
      } finally {
        if (--working === 0 && !stopped) stop = start()
      }
    },
    stop() {
      stopped = true
      stop()
    },
  }
}
