// Tells a host that we still hear it, while attempts with a lease live there.
//   What renews is the host's own uptime, handed back: it proves that an answer which left there then was heard here. A lease
//   therefore ends no later than its length after the last answer that we had, whatever lines are still on their way.
import type { Clock } from '../ports/clock.ts'
import type { Session } from './session.ts'

/** A lease is renewed so many times in its length. */
const renewalsPerLease = 4

export class LeaseRenewals {
  readonly #clock: Clock
  /** Of the attempts that live there; null: none has one. */
  readonly #shortestMs: () => number | null
  #session: Session | null = null
  #heard: { uptimeMs: number | null; at: number } = { uptimeMs: null, at: 0 }
  #asking: Promise<void> | null = null
  #stopTimer: (() => void) | null = null

  constructor(clock: Clock, shortestMs: () => number | null) {
    this.#clock = clock
    this.#shortestMs = shortestMs
  }

  /** What a new link has just said. */
  hear(session: Session): void {
    this.#heard = { uptimeMs: session.main.hello.uptimeMs, at: this.#clock.monotonic() }
  }

  /** From now on. Rejects with ChannelClosed. */
  async use(session: Session): Promise<void> {
    this.close()
    this.#session = session
    const leaseMs = this.#shortestMs()
    if (leaseMs === null) return
    const heardAt = this.#heard.at
    await this.#renew(session)
    // What was handed back was as old as the link: the answer to it is new.
    const ageMs = this.#clock.monotonic() - heardAt
    if (ageMs > leaseMs / renewalsPerLease && this.#session === session) await this.#renew(session)
  }

  /** The host's uptime as it told us a moment ago, short beside the lease. Rejects with ChannelClosed. */
  async heardUptimeMs(session: Session, leaseMs: number): Promise<number | null> {
    const ageMs = this.#clock.monotonic() - this.#heard.at
    if (ageMs > leaseMs / renewalsPerLease) await this.#renew(session)
    return this.#heard.uptimeMs
  }

  /** Attempts may have come or gone. */
  arm(): void {
    const session = this.#session
    const leaseMs = this.#shortestMs()
    if (leaseMs === null || session === null || this.#stopTimer !== null) return
    this.#stopTimer = this.#clock.after(leaseMs / renewalsPerLease, () => {
      this.#stopTimer = null
      if (this.#session !== session || this.#shortestMs() === null) return
      // A channel that broke is followed by another session.
      this.#renew(session).catch(() => undefined)
    })
  }

  #renew(session: Session): Promise<void> {
    if (this.#asking !== null) return this.#asking
    const asking = this.#ask(session).finally(() => {
      if (this.#asking === asking) this.#asking = null
    })
    this.#asking = asking
    return asking
  }

  async #ask(session: Session): Promise<void> {
    const { words } = await session.main.ask(`renew ${this.#heard.uptimeMs ?? '-'}`)
    if (this.#session !== session) return
    if (/^\d{1,15}$/.test(words[1] ?? ''))
      this.#heard = { uptimeMs: Number(words[1]), at: this.#clock.monotonic() }
    this.arm()
  }

  close(): void {
    this.#session = null
    this.#asking = null
    this.#stopTimer?.()
    this.#stopTimer = null
  }
}
