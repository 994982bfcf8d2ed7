// One agent at the other end of one pipe: requests, their answers, notices, raw bytes.
//   H2  Answers are matched by the request's id. On a main channel raw bytes travel alone: nothing is asked while they
//       come, because answers and raw bytes have different writers there. A bulk channel is one loop and may be pipelined.
//   No request waits without a limit. Whether the peer still lives is the pulse's question (pulse.ts), below the agent.
import type { Clock } from '../ports/clock.ts'
import { requestLine } from './request-line.ts'
import { RequestQueue } from './request-queue.ts'
import type { Pipe } from './transport.ts'

/** What was seen here while the agent was being started. */
export interface Greeting {
  /** From the command to the first word of ours: the login shell and its rc files. */
  shellMs: number
  /** Before our first word. */
  noiseBytes: number
}

export interface Hello {
  bootId: string
  /** Host clock when it said hello, ms since 1970 UTC. */
  hostNow: number
  /** Our clock then. */
  now: number
  /** ms; null where the host has no clock that nobody steps. */
  uptimeMs: number | null
  canHash: boolean
  /** Requests may come as shell text, which it reads faster. */
  takesText: boolean
  /** A word that stays with the records of attempts; empty where none could be written. */
  folderId: string
  lacks: readonly string[]
  system: string
  /** What it took until the agent spoke. */
  greeting: Greeting
}

export interface Answer {
  /** Words of the closing line. */
  words: readonly string[]
  /** Words of each line before it. */
  parts: readonly (readonly string[])[]
}

export interface Channel {
  readonly hello: Hello
  /** Raw bytes are all it is for: several requests for them may be under way. */
  readonly isBulk: boolean
  /** Rejects with ChannelClosed, also when there is no answer in time. */
  ask(request: string): Promise<Answer>
  /** As `ask`, for requests that are answered by a raw frame. */
  askRaw(request: string): Promise<Uint8Array>
  /**
   * As `askRaw`, for frames of any length: `take` gets the bytes while they come and may look at them until it returns. As
   * long as a promise that it gave is pending, the host is kept waiting.
   */
  askStream(request: string, take: TakeBytes): Promise<void>
  /** As `ask`; `bytes` follow the request on the wire, no faster than the host takes them. */
  askWithBytes(request: string, bytes: AsyncIterable<Uint8Array>): Promise<Answer>
  ping(): Promise<void>
  /** ms of the latest ping. */
  roundTripMs(): number | null
  onNotice(listener: (words: readonly string[]) => void): void
  /** Bytes have come. */
  onHeard(listener: () => void): void
  /** Once; at once when it is closed already. */
  onClose(listener: (why: string) => void): void
  close(): void
}

export type TakeBytes = (bytes: Uint8Array) => Promise<void> | null

export class ChannelClosed extends Error {
  constructor(why: string) {
    super(why)
    this.name = 'ChannelClosed'
  }
}

/** Requests of a main channel are answered in milliseconds; on an overloaded machine, in seconds. */
const quickLimitMs = 30_000
/** These hash or remove, however much there is. */
const slowVerbs = new Set([
  'hash',
  'digest',
  'outputs',
  'release',
  'keep',
  'sweep',
  'snapshot',
  'look',
  'saved',
])
const slowLimitMs = 600_000
/** A frame that has begun brings bytes, or its writer is gone. */
const stalledMs = 30_000
const lookMs = 3_000
/** Of one answer. Ours ask about some hundred keys at once. */
const partsLengthMax = 4 * 1024 * 1024
/** A frame, or a piece of a longer one or of an upload, may take this long even over a thin line. */
const bytesLimitMs = 300_000

/** What becomes of a request. */
interface Asked {
  answer: (answer: Answer) => void
  raw: ((bytes: Uint8Array) => void) | null
  take: TakeBytes | null
  reject: (error: Error) => void
  limitMs: number
  /** Follow it on the wire. */
  bytes: AsyncIterable<Uint8Array> | null
}

interface Waiting extends Omit<Asked, 'limitMs' | 'bytes'> {
  request: string
  /** The host waits for the bytes that follow. */
  go: (() => void) | null
  parts: string[][]
  /** Characters in `parts`. */
  partsLength: number
  dueAt: number
}

/** Lines that are longer together leave at once. */
const packetLength = 32 * 1024

const noBytes = { raw: null, take: null, bytes: null }

export class LiveChannel implements Channel {
  readonly hello: Hello
  readonly isBulk: boolean
  readonly #pipe: Pipe
  readonly #clock: Clock
  readonly #waiting = new Map<string, Waiting>()
  readonly #queue = new RequestQueue()
  readonly #heardListeners: (() => void)[] = []
  readonly #noticeListeners: ((words: readonly string[]) => void)[] = []
  readonly #closeListeners: ((why: string) => void)[] = []
  #id = 0
  #isText = false
  /** Lines that leave together. */
  #said = ''
  /** Takers of bytes that have not kept up. */
  #slow = 0
  #closedWhy: string | null = null
  #heardAt: number
  #roundTripMs: number | null = null
  #stopTimer: () => void = () => undefined

  constructor(pipe: Pipe, hello: Hello, options: { clock: Clock; isBulk: boolean }) {
    this.#pipe = pipe
    this.hello = hello
    this.#clock = options.clock
    this.isBulk = options.isBulk
    this.#heardAt = this.#clock.monotonic()
    this.#arm()
    if (hello.takesText) this.#goOnByText()
  }

  ask(request: string): Promise<Answer> {
    const limitMs = this.#limitOf(request)
    return new Promise((answer, reject) =>
      this.#enter(request, false, { ...noBytes, answer, reject, limitMs }),
    )
  }

  askRaw(request: string): Promise<Uint8Array> {
    return this.#askFrame(request, null)
  }

  async askStream(request: string, take: TakeBytes): Promise<void> {
    await this.#askFrame(request, take)
  }

  #askFrame(request: string, take: TakeBytes | null): Promise<Uint8Array> {
    return new Promise((raw, reject) => {
      const answer = (got: Answer): void =>
        reject(new Error(`The host answered ${got.words.join(' ')} where bytes were asked for.`))
      const asked = { ...noBytes, answer, reject, raw, take, limitMs: bytesLimitMs }
      this.#enter(request, !this.isBulk, asked)
    })
  }

  askWithBytes(request: string, bytes: AsyncIterable<Uint8Array>): Promise<Answer> {
    return new Promise((answer, reject) =>
      this.#enter(request, true, { ...noBytes, answer, reject, limitMs: bytesLimitMs, bytes }),
    )
  }

  async ping(): Promise<void> {
    const sentAt = this.#clock.monotonic()
    await this.ask('ping')
    this.#roundTripMs = this.#clock.monotonic() - sentAt
  }

  roundTripMs(): number | null {
    return this.#roundTripMs
  }

  onNotice(listener: (words: readonly string[]) => void): void {
    this.#noticeListeners.push(listener)
  }

  onClose(listener: (why: string) => void): void {
    if (this.#closedWhy === null) this.#closeListeners.push(listener)
    else listener(this.#closedWhy)
  }

  close(): void {
    this.end('closed here')
  }

  onHeard(listener: () => void): void {
    this.#heardListeners.push(listener)
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonic()
    for (const listener of this.#heardListeners) listener()
  }

  onLine(line: string): void {
    const words = line.slice(1).split(' ')
    if (line.startsWith('* ')) {
      for (const listener of this.#noticeListeners) listener(words.slice(1))
      return
    }
    const waiting = this.#waiting.get(words[0] ?? '')
    if (waiting === undefined) return
    if (line.startsWith('+')) {
      if (waiting.go !== null && words[1] === 'go') {
        waiting.go()
        waiting.go = null
        return
      }
      waiting.partsLength += line.length
      if (waiting.partsLength > partsLengthMax) return this.end('The host answered without end.')
      waiting.parts.push(words.slice(1))
    } else if (line.startsWith('=')) {
      this.#settle(words[0]!)
      waiting.answer({ words: words.slice(1), parts: waiting.parts })
    }
  }

  onRaw(id: string, bytes: Uint8Array): void {
    const waiting = this.#waiting.get(id)
    if (waiting?.raw == null) return this.end('The host sent bytes that nobody asked for.')
    this.#settle(id)
    waiting.raw(bytes)
  }

  streamOf(id: string): ((bytes: Uint8Array) => void) | null {
    const take = this.#waiting.get(id)?.take ?? null
    if (take === null) return null
    return (bytes) => {
      this.#moved()
      const taken = take(bytes)
      if (taken === null) return
      if (this.#slow++ === 0) this.#pipe.pause()
      const goOn = (): void => {
        if (--this.#slow > 0 || this.#closedWhy !== null) return
        // The silence was ours.
        this.heard()
        this.#moved()
        this.#pipe.resume()
      }
      taken.then(goOn, goOn)
    }
  }

  // Bytes move: whoever waits behind them has more time.
  #moved(): void {
    const dueAt = this.#clock.monotonic() + bytesLimitMs
    for (const waiting of this.#waiting.values()) {
      if (waiting.dueAt < dueAt) waiting.dueAt = dueAt
    }
  }

  end(why: string): void {
    if (this.#closedWhy !== null) return
    this.#closedWhy = why
    this.#stopTimer()
    this.#pipe.close()
    const unanswered = [...this.#waiting.values(), ...this.#queue.empty()]
    this.#waiting.clear()
    for (const { reject } of unanswered) reject(new ChannelClosed(why))
    for (const listener of this.#closeListeners) listener(why)
  }

  #enter(request: string, alone: boolean, asked: Asked): void {
    const { reject } = asked
    if (this.#closedWhy !== null) return reject(new ChannelClosed(this.#closedWhy))
    this.#queue.enter({ alone, reject, send: () => this.#send(request, asked) })
  }

  #send(request: string, asked: Asked): void {
    const id = String(++this.#id)
    const space = request.indexOf(' ')
    const verb = space === -1 ? request : request.slice(0, space)
    const rest = space === -1 ? '' : request.slice(space)
    const { bytes, limitMs, ...waiting } = asked
    const dueAt = this.#clock.monotonic() + limitMs
    const broken = (error: Error): void => this.end(error.message)
    // An upload that breaks off in the middle has made the stream unusable.
    const upload = bytes === null ? null : (): void => void this.#upload(bytes).catch(broken)
    const go = this.#isText ? upload : null
    this.#waiting.set(id, { request: verb, parts: [], partsLength: 0, ...waiting, dueAt, go })
    this.#say(requestLine(verb, id, rest, this.#isText))
    if (this.#isText || upload === null) return
    this.#speak()
    upload()
  }

  // What is asked at once leaves in one packet.
  #say(line: string): void {
    if (this.#said === '') queueMicrotask(() => this.#speak())
    this.#said += line
    if (this.#said.length >= packetLength) this.#speak()
  }

  #speak(): void {
    const said = Buffer.from(this.#said, 'latin1')
    this.#said = ''
    if (said.length === 0 || this.#closedWhy !== null) return
    this.#pipe.write(said).catch((error: Error) => this.end(error.message))
  }

  #goOnByText(): void {
    const refused = ({ words }: Answer): void => {
      if (words[0] !== 'ok') this.end(`The host took no text: ${words.join(' ')}`)
    }
    this.ask('text').then(refused, () => undefined)
    this.#isText = true
  }

  async #upload(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of bytes) {
      if (this.#closedWhy !== null) return
      await this.#pipe.write(piece)
      this.heard()
      this.#moved()
    }
  }

  #settle(id: string): void {
    this.#waiting.delete(id)
    this.#queue.settled()
  }

  #limitOf(request: string): number {
    const verb = request.slice(0, Math.max(0, request.indexOf(' ')))
    return this.isBulk || slowVerbs.has(verb) ? slowLimitMs : quickLimitMs
  }

  #arm(): void {
    this.#stopTimer = this.#clock.after(lookMs, () => {
      this.#look()
      if (this.#closedWhy === null) this.#arm()
    })
  }

  #look(): void {
    // It is we who keep it waiting.
    if (this.#slow > 0) return
    const now = this.#clock.monotonic()
    for (const { request, dueAt } of this.#waiting.values()) {
      if (now >= dueAt) return this.end(`no answer to ${request} in time`)
    }
    if (!this.#queue.isAlone || now - this.#heardAt < stalledMs) return
    if ([...this.#waiting.values()].some((one) => one.raw !== null)) this.end('no more bytes came')
  }
}
