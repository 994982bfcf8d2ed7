// Wakes the loop when the next thing falls due.
import type { Clock } from '../ports/clock.ts'

/** A clock that stepped only makes us look early, or once more. */
const LONGEST_MS = 3_600_000

export class Wake {
  readonly #clock: Clock
  readonly #onDue: () => void
  #at: number | null = null
  #cancel: (() => void) | null = null

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock
    this.#onDue = onDue
  }

  /** Null: nothing will fall due. */
  set(at: number | null): void {
    if (at === this.#at) return
    this.#cancel?.()
    this.#cancel = null
    this.#at = at
    if (at === null) return
    const delay = Math.min(Math.max(at - this.#clock.now(), 0), LONGEST_MS)
    this.#cancel = this.#clock.after(delay, () => {
      this.#at = null
      this.#onDue()
    })
  }
}
