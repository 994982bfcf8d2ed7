// Whether the other end of a connection still lives: asked when it has been silent, given up when it stays silent.
//   P1  Any byte is life, and so is the kernel taking more of ours: a peer that is busy or far away is not dead.
//   P2  The limit follows the round trips, as TCP's retransmission timer does (RFC 6298): a far or lossy line gets more time.
//   P3  Where our own bytes wait to leave, the question stands behind them: the line gets time to carry them.
//   P4  A timer that comes late says that this process stood still (a suspended laptop, a long collection): answers may lie
//       unread, so the peer is asked once more before it is given up.
import type { Clock } from '../ports/clock.ts'
import type { ConnectionLife } from './transport.ts'

export interface PulseOptions {
  clock: Clock
  roundTrips: RoundTrips
  /** Resolves when the peer has answered; rejects when the connection is closed. */
  probe: () => Promise<void>
  outgoing: ConnectionLife['outgoing']
  /** Something needs this link: it is asked often. */
  isNeeded: () => boolean
  /** After this much silence the peer is asked, while something needs it. */
  quietMs: number
  /** An answer may take so long at the least. */
  limitMsMin: number
  /** At most once. */
  onDead: (why: string) => void
}

/** Of a transport that can be asked itself: the two together are the time in which a dead peer is noticed. */
export const pulseQuietMs = 2_000
export const pulseLimitMsMin = 5_000
/** Between two looks at a question that is open. */
const openLookMs = 2_000
/** Keeps the tables of routers warm, no more. */
const idleQuietMs = 30_000
const idleLimitMs = 15_000
const limitMsMax = 60_000
/** P3: also for a while after the last of them left, for what then lies in the kernel. */
const slowLineLimitMs = 20_000
const slowLineRestMs = 20_000
/** P4. */
const lateMs = 3_000
/** After a sleep nearly every connection is dead: no long wait, but one for a line that must wake up itself. */
const wakeLimitMs = 3_000
/** A link that died so soon after it was made may only be slow: the next one gets more time. */
const youngMs = 60_000
const probesMax = 3
/** Of the slowest answer, per answer since: half after five minutes of asking. */
const worstKept = 0.995

/** What is known of the line to one host; outlives its connections. */
export class RoundTrips {
  #smoothMs: number | null = null
  #swingMs = 0
  /** The slowest of late: each loss in a row doubles TCP's wait, so a line that lost three will lose four. */
  #worstMs = 0
  /** Doubled when a young link died of silence. */
  #doubtMs = 0
  latestMs: number | null = null

  take(roundTripMs: number): void {
    this.latestMs = roundTripMs
    this.#worstMs = Math.max(roundTripMs, this.#worstMs * worstKept)
    if (this.#smoothMs === null) {
      this.#smoothMs = roundTripMs
      this.#swingMs = roundTripMs / 2
      return
    }
    this.#swingMs += (Math.abs(roundTripMs - this.#smoothMs) - this.#swingMs) / 4
    this.#smoothMs += (roundTripMs - this.#smoothMs) / 8
  }

  /**
   * How long an answer may take. By simulation of TCP's timers with 30 % loss: two links an hour are ended wrongly at round
   * trips of 50 ms to 2 s. A line that loses little has the least limit.
   */
  limitMs(limitMsMin: number): number {
    const expected = 8 * (this.#smoothMs ?? 1_000) + 4 * this.#swingMs
    const seen = 3 * this.#worstMs
    return Math.min(limitMsMax, Math.max(limitMsMin, expected, seen, this.#doubtMs))
  }

  died(ageMs: number, limitMs: number): void {
    this.#doubtMs = ageMs < youngMs ? Math.min(limitMsMax, limitMs * 2) : 0
  }

  livedLong(): void {
    this.#doubtMs = 0
  }
}

export class Pulse {
  readonly #options: PulseOptions
  readonly #openedAt: number
  #heardAt: number
  /** Since the first question after the last byte. */
  #unansweredSince: number | null = null
  #probes = 0
  #limitMs: number | null = null
  #lastTaken = Number.POSITIVE_INFINITY
  #slowLineAt = Number.NEGATIVE_INFINITY
  #stopTimer: () => void = () => undefined
  #dueAt = 0
  #isClosed = false

  constructor(options: PulseOptions) {
    this.#options = options
    this.#openedAt = this.#heardAt = options.clock.monotonic()
    this.#ask()
    this.#arm()
  }

  /** Bytes have come. Cheap: called for each piece. */
  heard(): void {
    this.#heardAt = this.#options.clock.monotonic()
    this.#unansweredSince = null
    this.#limitMs = null
  }

  /** Something has come to need the link. */
  stir(): void {
    const { clock, quietMs } = this.#options
    // Called for each order: mostly it looks soon enough anyhow.
    if (this.#isClosed || this.#dueAt <= clock.monotonic() + quietMs) return
    this.#look()
  }

  /** The machine slept or its network changed: is the peer still there? */
  wake(): void {
    if (this.#isClosed) return
    this.#unansweredSince = null
    this.#ask()
    const { roundTrips, limitMsMin } = this.#options
    this.#limitMs = Math.max(wakeLimitMs, roundTrips.limitMs(limitMsMin) / 2)
    this.#arm()
  }

  close(): void {
    this.#isClosed = true
    this.#stopTimer()
  }

  #look(): void {
    const now = this.#options.clock.monotonic()
    this.#watchOutgoing(now)
    if (now - this.#openedAt > youngMs) this.#options.roundTrips.livedLong()
    if (this.#unansweredSince !== null) {
      const silentMs = now - this.#unansweredSince
      if (silentMs >= this.#allowedMs(now)) return this.#giveUp(now)
    } else if (now - this.#heardAt >= this.#quietMs()) this.#ask()
    this.#arm()
  }

  #arm(): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    this.#dueAt =
      this.#unansweredSince === null
        ? this.#heardAt + this.#quietMs()
        : Math.min(now + openLookMs, this.#unansweredSince + this.#allowedMs(now))
    this.#stopTimer()
    this.#stopTimer = clock.after(Math.max(1, this.#dueAt - now), () => this.#onTimer())
  }

  #onTimer(): void {
    if (this.#options.clock.monotonic() - this.#dueAt > lateMs) this.wake()
    else this.#look()
  }

  // A connection that answers no probe of three is not asked a fourth time: the first still waits behind what is lost.
  #ask(): void {
    const { clock, roundTrips, probe } = this.#options
    const askedAt = clock.monotonic()
    this.#unansweredSince ??= askedAt
    if (this.#probes >= probesMax) return
    this.#probes++
    const answered = (): void => {
      this.#probes--
      if (this.#isClosed) return
      roundTrips.take(clock.monotonic() - askedAt)
      this.heard()
    }
    probe().then(answered, () => this.#probes--)
  }

  #watchOutgoing(now: number): void {
    const { isWaiting, taken } = this.#options.outgoing()
    if (isWaiting) this.#slowLineAt = now
    // P1: what has to wait finds the kernel's buffer full, which empties only when the peer takes some.
    if (isWaiting && taken > this.#lastTaken) this.heard()
    this.#lastTaken = taken
  }

  #allowedMs(now: number): number {
    const isSlow = now - this.#slowLineAt < slowLineRestMs
    return Math.max(this.#limitMs ?? this.#ownLimitMs(), isSlow ? slowLineLimitMs : 0)
  }

  #quietMs(): number {
    const { isNeeded, quietMs } = this.#options
    return isNeeded() ? quietMs : idleQuietMs
  }

  #ownLimitMs(): number {
    const { roundTrips, isNeeded, limitMsMin } = this.#options
    return roundTrips.limitMs(isNeeded() ? limitMsMin : Math.max(limitMsMin, idleLimitMs))
  }

  #giveUp(now: number): void {
    this.close()
    this.#options.roundTrips.died(now - this.#openedAt, this.#ownLimitMs())
    const seconds = Math.round((now - this.#heardAt) / 100) / 10
    this.#options.onDead(`the host has not answered for ${seconds} s`)
  }
}
