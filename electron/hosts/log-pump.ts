// Brings the logs of one host's attempts here. Pulls: the host keeps no state about what we have.
//   H6  The offset is the one the store has come to. A log closes when the bytes here are the host's, by a digest that both
//       made; what could not be had is a gap with its reason, never silent, and kept beside the log.
//       Of a log above its limit the middle is not even asked for, and given back to the host's disk where that can be.
//   A log that is closed here is not asked for again: what was said about it is said once more.
import { AppError } from '../../shared/api/app-error.ts'
import type { LogGap, LogProof } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { LogClosing, LogStore } from '../ports/logs.ts'
import type { Channel } from './channel.ts'
import { openLogCheck, type Found, type LogCheck } from './log-check.ts'
import { openFlow, pollMsMax, pollMsMin, type LogFlow } from './log-flow.ts'
import { openLogPuller, type LogPuller } from './log-pull.ts'

export interface LogClosed {
  bytes: number
  /** The host's of the whole, equal to ours. */
  sha256: string | null
  verified?: LogProof
  gaps: LogGap[]
}

export interface LogPump {
  /** Follows a log; again after a reconnect. Of it at most `limitBytes` are kept; null: all. */
  follow(key: AttemptKey, limitBytes: number | null): void
  /** No process of the attempt writes any more: pull to the end, verify, close. */
  /** `hasLog`: it ran, so its host has a log, be it an empty one. */
  finish(key: AttemptKey, limitBytes: number | null, hasLog: boolean): void
  forget(key: AttemptKey): void
  /** The link to pull by, or none. Starts what is due. */
  use(link: PumpLink | null): void
  close(): void
}

export interface PumpLink {
  /** For the digests: made there while the bytes come by the other channel. */
  readonly main: Channel
  /** The bulk channel, or the main one where the host allows no second. */
  channel(): Promise<Channel>
  /** May several reads be under way? */
  isBulk(): boolean
}

export interface PumpOptions {
  logs: LogStore
  clock: Clock
  dice: Dice
  onClosed: (key: AttemptKey, closed: LogClosed) => void
  /** The local disk refuses bytes, or we have a bug. */
  onError: (error: unknown) => void
}

const keysPerLine = 40
/** Ends that come one after another are asked about together: each request costs the host some processes. */
const gatherMs = 100
/** Rounds of a log that still grows after its attempt's end. */
const finishRoundsMax = 20
/** Hosts give back whole blocks, and a process for each small piece would be dear. */
const freeBytesMin = 1024 * 1024
const blockBytes = 64 * 1024

export function openLogPump(options: PumpOptions): LogPump {
  return new Pump(options)
}

class Pump implements LogPump {
  readonly #options: PumpOptions
  readonly #flows = new Map<AttemptKey, LogFlow>()
  readonly #puller: LogPuller
  readonly #check: LogCheck
  #link: PumpLink | null = null
  #canFree = true
  /** The store refuses bytes, and that was said. */
  #isStuck = false
  #isRunning = false
  /** When the latest round began. */
  #roundAt = Number.NEGATIVE_INFINITY
  #isClosed = false
  #stopTimer: () => void = () => undefined

  constructor(options: PumpOptions) {
    this.#options = options
    this.#check = openLogCheck(options.logs, options.dice)
    this.#puller = openLogPuller({
      ...options,
      onStoreError: (_, error) => this.#onStoreError(error),
    })
  }

  follow(key: AttemptKey, limitBytes: number | null): void {
    if (this.#flows.has(key)) return
    const halves = limitBytes === null ? null : this.#options.logs.limit(key, limitBytes)
    const dueAt = this.#options.clock.monotonic() + pollMsMin
    this.#flows.set(key, openFlow(key, halves, dueAt))
    this.#arm()
  }

  finish(key: AttemptKey, limitBytes: number | null, hasLog: boolean): void {
    this.follow(key, limitBytes)
    const flow = this.#flows.get(key)!
    flow.isEnded = true
    flow.hasLog = hasLog
    flow.dueAt = this.#roundAt + gatherMs
    // A round that began before the end may pull for long.
    if (this.#isRunning && this.#link !== null) this.#check.begin(this.#link.main, [flow])
    this.#arm()
  }

  forget(key: AttemptKey): void {
    const flow = this.#flows.get(key)
    if (flow !== undefined) this.#check.forget(flow)
    this.#flows.delete(key)
  }

  use(link: PumpLink | null): void {
    this.#link = link
    this.#check.forget()
    this.#canFree = true
    if (link === null) return this.#stopTimer()
    for (const flow of this.#flows.values()) flow.dueAt = 0
    this.#arm()
  }

  close(): void {
    this.#isClosed = true
    this.#link = null
    this.#stopTimer()
  }

  #arm(): void {
    if (this.#isRunning || this.#link === null || this.#flows.size === 0) return
    this.#stopTimer()
    let dueAt = Number.POSITIVE_INFINITY
    for (const flow of this.#flows.values()) dueAt = Math.min(dueAt, flow.dueAt)
    const waitMs = dueAt - this.#options.clock.monotonic()
    // At once, but after the present turn: ends that come together are asked about together.
    this.#stopTimer = this.#options.clock.after(Math.max(0, waitMs), () => void this.#run())
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    const link = this.#link
    try {
      if (link !== null) await this.#round(link)
    } catch (error) {
      // A link that broke is followed by `use`; everything is asked again there.
      if (this.#link === link && !isLinkLoss(error)) this.#onStoreError(error)
      const retryAt = this.#options.clock.monotonic() + pollMsMax
      for (const flow of this.#flows.values()) {
        flow.dueAt = Math.max(flow.dueAt, retryAt)
        flow.offset = -1
      }
    } finally {
      this.#isRunning = false
      if (!this.#isClosed) {
        // A link that came while this round ran wants all flows at once.
        if (this.#link !== link) this.use(this.#link)
        else this.#arm()
      }
    }
  }

  async #round(link: PumpLink): Promise<void> {
    const now = this.#options.clock.monotonic()
    this.#roundAt = now
    const due = [...this.#flows.values()].filter(
      (flow) => flow.dueAt <= now && !this.#saidAgain(flow),
    )
    if (due.length === 0) return
    const channel = await link.channel()
    // Whether it had ended is decided before its size is asked: only then is the size the last one.
    const ended = new Set(due.filter((flow) => flow.isEnded))
    for (let at = 0; at < due.length; at += keysPerLine) {
      await this.#askSizes(channel, due.slice(at, at + keysPerLine))
    }
    for (const flow of due) if (flow.isEnded && !ended.has(flow)) flow.dueAt = now + gatherMs
    if (link.main.hello.canHash) this.#check.prepare(due)
    this.#check.begin(link.main, [...ended])
    for (const flow of due) {
      await this.#leaveMiddle(flow, channel)
      this.#shareRound(flow)
    }
    await this.#puller.pull(channel, link.isBulk(), due)
    const retryAt = this.#options.clock.monotonic() + pollMsMax
    for (const flow of due) if (flow.hasFailed) flow.dueAt = Math.max(flow.dueAt, retryAt)
    if (due.some((flow) => !flow.hasFailed && flow.offset > 0)) this.#isStuck = false
    const done = [...ended].filter(
      (flow) =>
        flow.isSized && !flow.hasFailed && (flow.isBroken || flow.offset === flow.hostBytes),
    )
    const foundByFlow = await this.#check.end(link.main, done)
    for (const flow of done) {
      if (this.#flows.get(flow.key) === flow) await this.#closeOne(flow, foundByFlow.get(flow))
    }
  }

  // After a crash between the close and its report.
  #saidAgain(flow: LogFlow): boolean {
    const { logs, clock } = this.#options
    if (!logs.isClosed(flow.key)) return false
    flow.dueAt = clock.monotonic() + pollMsMax
    const closing = flow.isEnded ? logs.closing(flow.key) : null
    if (closing === null) return true
    this.#flows.delete(flow.key)
    this.#options.onClosed(flow.key, closedOf(closing))
    return true
  }

  async #askSizes(channel: Channel, flows: readonly LogFlow[]): Promise<void> {
    const { logs, clock } = this.#options
    const answer = channel.ask(`sizes ${flows.map((flow) => flow.key).join(' ')}`)
    answer.catch(() => undefined)
    for (const flow of flows) {
      if (flow.offset === -1 || flow.hasFailed) flow.offset = await logs.size(flow.key)
      flow.hasFailed = false
    }
    const sizes = new Map((await answer).parts.map((words) => [words[0], words[1]]))
    for (const flow of flows) {
      const word = sizes.get(flow.key)
      // Silence about a key is no size: it is asked again. `-` says that there is no such file.
      flow.isSized = word !== undefined && /^(-|\d{1,15})$/.test(word)
      const bytes = flow.isSized && word !== '-' ? Number(word) : null
      const grew = bytes !== null && bytes > flow.offset
      flow.hostBytes = bytes ?? 0
      flow.wantTo = flow.hostBytes
      flow.intervalMs = grew ? pollMsMin : Math.min(pollMsMax, flow.intervalMs * 2)
      flow.dueAt = clock.monotonic() + flow.intervalMs
      const isGone = bytes === null && flow.isEnded && flow.hasLog
      if (flow.isSized && (flow.hostBytes < flow.offset || isGone) && !flow.isBroken)
        this.#break(flow, bytes)
    }
  }

  #break(flow: LogFlow, bytes: number | null): void {
    flow.isBroken = true
    const why =
      bytes === null
        ? 'the log on the host is gone'
        : `the log on the host shrank to ${bytes} bytes`
    this.#options.logs.noteGap(flow.key, { offset: flow.offset, bytes: null, why })
  }

  // What can only become the middle is not asked for. The head comes first, in a round of its own.
  async #leaveMiddle(flow: LogFlow, channel: Channel): Promise<void> {
    if (flow.halves === null || flow.isBroken) return
    const { headBytes, tailBytes } = flow.halves
    if (flow.hostBytes <= headBytes + tailBytes) return
    if (flow.offset < headBytes) {
      flow.wantTo = headBytes
      flow.dueAt = 0
      return
    }
    const tailFrom = Math.floor((flow.hostBytes - tailBytes) / blockBytes) * blockBytes
    if (tailFrom > flow.offset) {
      await this.#options.logs.skip(flow.key, tailFrom)
      flow.offset = tailFrom
    }
    const freeFrom = Math.max(headBytes, flow.freedTo)
    if (!this.#canFree || tailFrom - freeFrom < freeBytesMin) return
    const { words } = await channel.ask(`free ${flow.key} ${freeFrom} ${tailFrom - freeFrom}`)
    if (words[0] === 'ok') flow.freedTo = tailFrom
    else this.#canFree = false
  }

  #shareRound(flow: LogFlow): void {
    const end = flow.offset + this.#puller.roundBytes()
    if (flow.isBroken || flow.wantTo <= end) return
    flow.wantTo = end - (end % blockBytes)
    flow.dueAt = 0
  }

  async #closeOne(flow: LogFlow, found: Found | 'differs' | undefined): Promise<void> {
    const { logs, clock } = this.#options
    const gaps: LogGap[] = []
    if (found === 'differs') {
      // Something that outlived the attempt still writes: look again.
      if (++flow.rounds < finishRoundsMax) {
        flow.dueAt = clock.monotonic() + pollMsMin * flow.rounds
        return
      }
      const why = 'the log on the host is not the one that was read'
      gaps.push({ offset: flow.offset, bytes: null, why })
    }
    if (this.#flows.get(flow.key) !== flow) return
    const compared = found === undefined || found === 'differs' ? undefined : found
    const closing = await logs.close(flow.key, gaps, compared)
    this.#flows.delete(flow.key)
    this.#options.onClosed(flow.key, closedOf(closing))
  }

  // Said once until bytes can be stored again, not every two seconds.
  #onStoreError(error: unknown): void {
    if (this.#isStuck && error instanceof AppError) return
    this.#isStuck = error instanceof AppError
    this.#options.onError(error)
  }
}

function closedOf({ bytes, sha256, verified, gaps }: LogClosing): LogClosed {
  const proof = verified === null ? {} : { verified }
  return { bytes, sha256: verified === 'sha256' ? sha256 : null, ...proof, gaps: [...gaps] }
}

function isLinkLoss(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'ChannelClosed' || error.name === 'TransportError')
  )
}
