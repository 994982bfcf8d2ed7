// Attempts that a host may forget.
//   H9  A release is kept until the host has confirmed it. One that it refuses is asked for again: a supervisor that waits
//       for room on a full disk to write its record counts as running, long after its end is known here.
import type { Clock } from '../ports/clock.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Session } from './session.ts'

const keysPerLine = 40
/** Those that come together go together: each request costs the host some processes. */
const delayMs = 50
/** While attempts go on there: their starts have the first call on the host. */
const busyDelayMs = 500
const againMsMin = 1_000
const againMsMax = 60_000

export class Releases {
  readonly #keys = new Set<AttemptKey>()
  readonly #clock: Clock
  readonly #verb: string
  readonly #onReleased: (key: AttemptKey) => void
  #stopTimer: (() => void) | null = null
  #dueAt = 0
  #send: () => void = () => undefined
  #againMs = againMsMin
  #isClosed = false

  /** `keepDays`: so long the host keeps the working folders of attempts that failed; 0: not. */
  constructor(clock: Clock, keepDays: number, onReleased: (key: AttemptKey) => void) {
    this.#clock = clock
    this.#verb = keepDays === 0 ? 'release' : `keep ${keepDays}`
    this.#onReleased = onReleased
  }

  get size(): number {
    return this.#keys.size
  }

  /** `send` is called when it is time, once for all that came until then. */
  add(key: AttemptKey, send: () => void, isHostBusy = false): void {
    this.#keys.add(key)
    this.#send = send
    this.#sendIn(isHostBusy ? busyDelayMs : delayMs)
  }

  async send(session: Pick<Session, 'channel'>): Promise<void> {
    const refused = new Set<string>()
    for (;;) {
      const keys = [...this.#keys].filter((key) => !refused.has(key)).slice(0, keysPerLine)
      if (keys.length === 0) break
      const channel = await session.channel()
      const { parts } = await channel.ask(`${this.#verb} ${keys.join(' ')}`)
      for (const [key = ''] of parts) refused.add(key)
      for (const key of keys) {
        if (refused.has(key)) continue
        this.#keys.delete(key)
        this.#onReleased(key)
      }
    }
    if (refused.size === 0) this.#againMs = againMsMin
    if (this.#keys.size === 0) return
    this.#sendIn(this.#againMs)
    this.#againMs = Math.min(againMsMax, this.#againMs * 2)
  }

  close(): void {
    this.#isClosed = true
    this.#stopTimer?.()
  }

  #sendIn(ms: number): void {
    const dueAt = this.#clock.monotonic() + ms
    if (this.#isClosed || (this.#stopTimer !== null && dueAt >= this.#dueAt)) return
    this.#stopTimer?.()
    this.#dueAt = dueAt
    this.#stopTimer = this.#clock.after(ms, () => {
      this.#stopTimer = null
      this.#send()
    })
  }
}
