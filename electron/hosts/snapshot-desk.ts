// H10: gets what a host was like when attempts failed there. It's never worth waiting long for: without it an end is an end.
import type { Clock } from '../ports/clock.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Channel } from './channel.ts'
import { parseSnapshot } from './snapshot.ts'

/** An end is not kept back for longer. */
export const snapshotLimitMs = 5_000
/** Where nothing could be kept for them, attempts lost together share a look at their host. */
const sharedMs = 1_000
/** Each costs the host some processes. */
const askingMax = 16

/** Did it fail? A person who cancels knows why. */
export function wantsSnapshot(end: AttemptEnd): boolean {
  return end.outcome !== 'cancelled' && !isGood(end)
}

/** Exit 0, with all that it was to leave. */
export function isGood(end: AttemptEnd): boolean {
  if (end.outcome !== 'exited' || end.exit !== 0) return false
  return (end.missingOutputs ?? []).length === 0 && end.badValues === undefined
}

export class SnapshotDesk {
  readonly #clock: Clock
  readonly #waiting: (() => void)[] = []
  #asking = 0
  #last: { askedAt: number; found: Promise<HostSnapshot | null> } | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** null: it could not be had. Never rejects. `isKept`: its supervisor lived to the end, so it has one of its own. */
  of(key: AttemptKey, channel: Channel, isKept: boolean): Promise<HostSnapshot | null> {
    // What was seen before its death says nothing about it, so nobody else's will do.
    if (isKept) return this.#ask(key, channel)
    const now = this.#clock.monotonic()
    if (this.#last === null || now - this.#last.askedAt > sharedMs) {
      this.#last = { askedAt: now, found: this.#ask(key, channel) }
    }
    return this.#last.found
  }

  async #ask(key: AttemptKey, channel: Channel): Promise<HostSnapshot | null> {
    let stop: () => void = () => undefined
    const tooLate = new Promise<null>((resolve) => {
      stop = this.#clock.after(snapshotLimitMs, () => resolve(null))
    })
    const found = await Promise.race([this.#inTurn(key, channel), tooLate])
    stop()
    if (found === null) this.#last = null
    return found
  }

  async #inTurn(key: AttemptKey, channel: Channel): Promise<HostSnapshot | null> {
    if (this.#asking >= askingMax) await new Promise<void>((go) => this.#waiting.push(go))
    this.#asking++
    const found = await channel.ask(`snapshot ${key}`).then(
      ({ parts }) => {
        const lines = parts.map((words) => words.join(' '))
        return parseSnapshot(lines, this.#clock.now())
      },
      // The link broke: what the attempt came to is known already, and is told without it.
      () => null,
    )
    this.#asking--
    this.#waiting.shift()?.()
    return found
  }
}
