// Attempts that a host may forget.
//   H9  A release is kept until the host has confirmed it.
import type { Clock } from '../ports/clock.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Session } from './session.ts'

const keysPerLine = 40
/** Those that come together go together. */
const delayMs = 50

export class Releases {
  readonly #keys = new Set<AttemptKey>()
  readonly #clock: Clock
  readonly #onReleased: (key: AttemptKey) => void
  #stopTimer: (() => void) | null = null

  constructor(clock: Clock, onReleased: (key: AttemptKey) => void) {
    this.#clock = clock
    this.#onReleased = onReleased
  }

  get size(): number {
    return this.#keys.size
  }

  /** `send` is called when it is time, once for all that came until then. */
  add(key: AttemptKey, send: () => void): void {
    this.#keys.add(key)
    this.#stopTimer ??= this.#clock.after(delayMs, () => {
      this.#stopTimer = null
      send()
    })
  }

  async send(session: Session): Promise<void> {
    while (this.#keys.size > 0) {
      const keys = [...this.#keys].slice(0, keysPerLine)
      const channel = await session.channel()
      await channel.ask(`release ${keys.join(' ')}`)
      for (const key of keys) {
        this.#keys.delete(key)
        this.#onReleased(key)
      }
    }
  }

  close(): void {
    this.#stopTimer?.()
  }
}
