// Brings the logs of one host's attempts here. Pulls: the host keeps no state about what we have.
//   H6  The offset is the length of the local file. A log closes when the local bytes are the host's, by its hash of the
//       whole; what could not be had is a gap with its reason, never silent.
//   Memory is bounded: so many reads under way, of so many bytes, however fast the host writes.
import type { Clock } from '../ports/clock.ts'
import type { LogStore } from '../ports/logs.ts'
import type { LogGap } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Channel } from './channel.ts'

export interface LogClosed {
  bytes: number
  sha256: string | null
  gaps: LogGap[]
}

export interface LogPump {
  /** Follows a log; again after a reconnect. */
  follow(key: AttemptKey): void
  /** No process of the attempt writes any more: pull to the end, verify, close. */
  finish(key: AttemptKey): void
  forget(key: AttemptKey): void
  /** The link to pull by, or none. Starts what is due. */
  use(link: PumpLink | null): void
  close(): void
}

export interface PumpLink {
  /** For the hashes: made there while the bytes come by the other channel. */
  readonly main: Channel
  /** The bulk channel, or the main one where the host allows no second. */
  channel(): Promise<Channel>
  /** May several reads be under way? */
  isBulk(): boolean
}

export interface PumpOptions {
  logs: LogStore
  clock: Clock
  onClosed: (key: AttemptKey, closed: LogClosed) => void
  /** The local disk refuses bytes, or we have a bug. */
  onError: (error: unknown) => void
}

const pollMsMin = 100
const pollMsMax = 2000
const alignBytes = 4096
/** A read grows while the line is fast, and shrinks on a thin one, where a frame must not take minutes. */
const bulkChunkBytesMin = 256 * 1024
const bulkChunkBytesFirst = 1024 * 1024
const bulkChunkBytesMax = 4 * 1024 * 1024
const fastReadMs = 500
const slowReadMs = 4_000
const mainChunkBytes = 256 * 1024
const readsMax = 8
const keysPerLine = 40
/** From here on the host hashes with its fastest tool, and as early as the end is known. */
const bigBytes = 8 * 1024 * 1024
/** Rounds of a log that still grows after its attempt's end. */
const finishRoundsMax = 20

interface Flow {
  key: AttemptKey
  /** Bytes that are here; -1 until the store has said so. */
  offset: number
  hostBytes: number
  /** The host has answered for its size in this round. */
  isSized: boolean
  isEnded: boolean
  rounds: number
  intervalMs: number
  dueAt: number
  gaps: LogGap[]
  /** The host's hash of a big log, asked before its last bytes were. */
  earlyHash: Promise<string | null> | null
  /** The host's log is shorter than ours: nothing of it can be placed any more. */
  isBroken: boolean
}

export function openLogPump(options: PumpOptions): LogPump {
  return new Pump(options)
}

class Pump implements LogPump {
  readonly #options: PumpOptions
  readonly #flows = new Map<AttemptKey, Flow>()
  #link: PumpLink | null = null
  #bulkChunkBytes = bulkChunkBytesFirst
  #isRunning = false
  #isClosed = false
  #stopTimer: () => void = () => undefined

  constructor(options: PumpOptions) {
    this.#options = options
  }

  follow(key: AttemptKey): void {
    if (this.#flows.has(key)) return
    const dueAt = this.#options.clock.monotonic() + pollMsMin
    this.#flows.set(key, {
      key,
      offset: -1,
      hostBytes: 0,
      isSized: false,
      isEnded: false,
      rounds: 0,
      intervalMs: pollMsMin,
      dueAt,
      gaps: [],
      earlyHash: null,
      isBroken: false,
    })
    this.#arm()
  }

  finish(key: AttemptKey): void {
    this.follow(key)
    const flow = this.#flows.get(key)!
    flow.isEnded = true
    flow.dueAt = 0
    // A round that began before the end may pull for long.
    if (this.#isRunning && this.#link !== null) this.#hashEarly(flow, this.#link.main)
    this.#arm()
  }

  forget(key: AttemptKey): void {
    this.#flows.delete(key)
  }

  use(link: PumpLink | null): void {
    this.#link = link
    for (const flow of this.#flows.values()) flow.earlyHash = null
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
      if (this.#link === link && !isLinkLoss(error)) this.#options.onError(error)
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
    const due = [...this.#flows.values()].filter((flow) => flow.dueAt <= now)
    if (due.length === 0) return
    const channel = await link.channel()
    // Whether it had ended is decided before its size is asked: only then is the size the last one.
    const ended = new Set(due.filter((flow) => flow.isEnded))
    for (let at = 0; at < due.length; at += keysPerLine) {
      await this.#askSizes(channel, due.slice(at, at + keysPerLine))
    }
    for (const flow of due) if (flow.isEnded && !ended.has(flow)) flow.dueAt = 0
    const done = [...ended].filter((flow) => flow.isSized)
    const hashes = this.#askHashes(link.main, done)
    hashes.catch(() => undefined)
    await this.#pull(channel, link.isBulk(), due)
    const hashByKey = await hashes
    for (const flow of done) {
      if (this.#flows.get(flow.key) === flow)
        await this.#closeOne(flow, hashByKey.get(flow.key) ?? null)
    }
  }

  async #askHashes(main: Channel, flows: readonly Flow[]): Promise<Map<string, string>> {
    const hashes = new Map<string, string>()
    if (!main.hello.canHash) return hashes
    const all = flows.filter((flow) => flow.hostBytes > 0 && !flow.isBroken)
    const keys = all.filter((flow) => flow.hostBytes < bigBytes).map((flow) => flow.key)
    for (const flow of all) this.#hashEarly(flow, main)
    for (let at = 0; at < keys.length; at += keysPerLine) {
      const { parts } = await main.ask(`hash ${keys.slice(at, at + keysPerLine).join(' ')}`)
      for (const [key, hash] of parts) if (key !== undefined) hashes.set(key, hash ?? '')
    }
    for (const flow of all) {
      const hash = await flow.earlyHash
      flow.earlyHash = null
      if (hash !== null) hashes.set(flow.key, hash)
    }
    return hashes
  }

  #hashEarly(flow: Flow, main: Channel): void {
    if (flow.earlyHash !== null || flow.hostBytes < bigBytes || flow.isBroken) return
    if (!main.hello.canHash) return
    flow.earlyHash = main.ask(`hashbig ${flow.key}`).then(({ parts }) => parts[0]?.[1] ?? null)
    flow.earlyHash.catch(() => undefined)
  }

  async #askSizes(channel: Channel, flows: readonly Flow[]): Promise<void> {
    const answer = channel.ask(`sizes ${flows.map((flow) => flow.key).join(' ')}`)
    answer.catch(() => undefined)
    for (const flow of flows) {
      if (flow.offset === -1) flow.offset = await this.#options.logs.size(flow.key)
    }
    const sizes = new Map((await answer).parts.map((words) => [words[0], words[1]]))
    for (const flow of flows) {
      const word = sizes.get(flow.key)
      // Silence about a key is no size: it is asked again. `-` says that there is no such file.
      flow.isSized = word !== undefined && /^(-|\d{1,15})$/.test(word)
      const bytes = flow.isSized && word !== '-' ? Number(word) : null
      const grew = bytes !== null && bytes > flow.offset
      flow.hostBytes = bytes ?? 0
      flow.intervalMs = grew ? pollMsMin : Math.min(pollMsMax, flow.intervalMs * 2)
      flow.dueAt = this.#options.clock.monotonic() + flow.intervalMs
      if (flow.isSized && flow.hostBytes < flow.offset && !flow.isBroken) breakFlow(flow, bytes)
    }
  }

  async #pull(channel: Channel, isBulk: boolean, flows: readonly Flow[]): Promise<void> {
    const reads: Promise<void>[] = []
    const all: Promise<void>[] = []
    const tails = new Map<Flow, Promise<void>>()
    try {
      for (const flow of flows) {
        if (flow.isBroken) continue
        let from = flow.offset
        while (from < flow.hostBytes) {
          // The host reads in blocks: it is asked from a block's start, and what we have is dropped here.
          const start = from - (from % alignBytes)
          const chunkBytes = isBulk ? this.#bulkChunkBytes : mainChunkBytes
          const end = Math.min(flow.hostBytes, start + chunkBytes)
          const bytes = this.#read(channel, `read ${flow.key} ${start} ${end - start}`)
          bytes.catch(() => undefined)
          const written = this.#write(flow, { from, start, bytes, after: tails.get(flow) ?? null })
          written.catch(() => undefined)
          tails.set(flow, written)
          all.push(written)
          reads.push(written)
          if (reads.length >= (isBulk ? readsMax : 1)) await reads.shift()
          from = end
        }
      }
      await Promise.all(reads)
    } finally {
      // The next round asks the store how much is here: nothing of this one may still be on its way there.
      await Promise.allSettled(all)
    }
  }

  async #read(channel: Channel, request: string): Promise<Uint8Array> {
    const { clock } = this.#options
    const askedAt = clock.monotonic()
    const bytes = await channel.askRaw(request)
    const tookMs = clock.monotonic() - askedAt
    if (tookMs < fastReadMs && bytes.length >= this.#bulkChunkBytes) this.#bulkChunkBytes *= 2
    else if (tookMs > slowReadMs) this.#bulkChunkBytes /= 2
    this.#bulkChunkBytes = Math.max(
      bulkChunkBytesMin,
      Math.min(bulkChunkBytesMax, this.#bulkChunkBytes),
    )
    return bytes
  }

  async #write(
    flow: Flow,
    read: { from: number; start: number; bytes: Promise<Uint8Array>; after: Promise<void> | null },
  ): Promise<void> {
    await read.after
    const fresh = (await read.bytes).subarray(read.from - read.start)
    await this.#options.logs.append(flow.key, read.from, fresh)
    flow.offset = read.from + fresh.length
  }

  async #closeOne(flow: Flow, hostHash: string | null): Promise<void> {
    const { logs } = this.#options
    let sha256: string | null = null
    if (hostHash !== null) {
      sha256 = await logs.hash(flow.key)
      if (sha256 !== hostHash) {
        sha256 = null
        // Something that outlived the attempt still writes: look again.
        if (++flow.rounds < finishRoundsMax) {
          flow.dueAt = this.#options.clock.monotonic() + pollMsMin * flow.rounds
          return
        }
        const why = 'the log on the host is not the one that was read'
        flow.gaps.push({ offset: flow.offset, bytes: null, why })
      }
    }
    if (this.#flows.get(flow.key) !== flow) return
    this.#flows.delete(flow.key)
    await logs.close(flow.key, flow.gaps)
    this.#options.onClosed(flow.key, { bytes: flow.offset, sha256, gaps: flow.gaps })
  }
}

function breakFlow(flow: Flow, bytes: number | null): void {
  flow.isBroken = true
  const why =
    bytes === null ? 'the log on the host is gone' : `the log on the host shrank to ${bytes} bytes`
  flow.gaps.push({ offset: flow.offset, bytes: null, why })
}

function isLinkLoss(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'ChannelClosed' || error.name === 'TransportError')
  )
}
