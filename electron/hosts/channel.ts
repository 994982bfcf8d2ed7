// One agent at the other end of one pipe: requests, their answers, notices, raw bytes.
//   H2  Answers are matched by the request's id. On a main channel raw bytes travel alone: nothing is asked while they
//       come, because answers and raw bytes have different writers there. A bulk channel is one loop and may be pipelined.
//   No request waits without a limit. Whether the peer still lives is the pulse's question (pulse.ts), below the agent.
//   E5  So many requests are on their way at once, and so many wait behind them.
import type { Clock } from '../ports/clock.ts'
import {
  agentUpload,
  bootstrapCommand,
  type AgentMode,
  type AgentText,
  type Bootstrap,
} from './agent-text.ts'
import { folderRefusedInWords, isLastingRefusal } from './refusal-words.ts'
import { giveBack } from './spent-bytes.ts'
import { TransportError, type Connection, type Pipe } from './transport.ts'
import { FrameReader } from './wire.ts'

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

export interface ChannelOptions {
  agent: AgentText
  nonce: string
  mode: AgentMode
  client: string
  folder: string | null
  clock: Clock
}

const helloLimitMs = 30_000
/** Requests of a main channel are answered in milliseconds; on an overloaded machine, in seconds. */
const quickLimitMs = 30_000
/** These hash or remove, however much there is. */
const slowVerbs = new Set(['hash', 'digest', 'outputs', 'release', 'sweep', 'snapshot', 'look'])
const slowLimitMs = 600_000
/** A frame that has begun brings bytes, or its writer is gone. */
const stalledMs = 30_000
const lookMs = 3_000
const noiseBytesMax = 256 * 1024
/** Of one answer. Ours ask about some hundred keys at once. */
const partsLengthMax = 4 * 1024 * 1024
/** E5: answers come in milliseconds, so this window keeps every line busy. */
const underWayMax = 512
/** Callers wait for their answers, so there are as many as attempts and files that are dealt with at once. */
const queueMax = 100_000
/** A frame, or a piece of a longer one or of an upload, may take this long even over a thin line. */
const bytesLimitMs = 300_000

/** Rejects with a TransportError: `host_refused` where the host has no usable shell or no room for the agent. */
export async function openChannel(
  connection: Connection,
  options: ChannelOptions,
): Promise<Channel> {
  try {
    return await openOnce(connection, options, false)
  } catch (error) {
    // A copy on the host that was cut short by a full disk or changed by a person: send it again.
    if (error instanceof StaleAgent) return await openOnce(connection, options, true)
    throw error
  }
}

class StaleAgent extends TransportError {}

async function openOnce(
  connection: Connection,
  options: ChannelOptions,
  force: boolean,
): Promise<Channel> {
  const { agent, nonce, mode, client, folder, clock } = options
  const boot: Bootstrap = { agentHash: agent.hash, nonce, mode, client, folder, force }
  const askedAt = clock.monotonic()
  const pipe = await connection.exec(bootstrapCommand(boot))
  return await new Promise<Channel>((resolve, reject) => {
    let found = ''
    let noise = ''
    let skipped = 0
    let channel: LiveChannel | null = null
    const stopWaiting = clock.after(helloLimitMs, () => fail('no answer from its shell'))
    const fail = (why: string): void => {
      stopWaiting()
      if (channel !== null) return
      const text = `The host's shell did not start the agent: ${noise.trim().slice(0, 500) || why}.`
      const Kind = found === 'have' && !force ? StaleAgent : TransportError
      reject(new Kind('host_refused', text))
      // Only then: a pipe that closes says so, and the first reason counts.
      pipe.close()
    }
    // `FOLDER: what a tool said`. Sending the agent again would not help.
    const refuse = (words: string): void => {
      found = 'no'
      const at = words.indexOf(': ')
      const [where, said] = [words.slice(0, Math.max(0, at)), words.slice(at + 2)]
      const permanent = isLastingRefusal(said)
      stopWaiting()
      if (channel !== null) return
      reject(new TransportError('host_refused', folderRefusedInWords(where, said), { permanent }))
      pipe.close()
    }
    const greeting: Greeting = { shellMs: 0, noiseBytes: 0 }
    const reader = new FrameReader(nonce, {
      onLine(line) {
        if (channel !== null) return channel.onLine(line)
        if (line.startsWith(`! ${nonce} `)) return refuse(line.slice(nonce.length + 3))
        if (line.startsWith(`sluice-${nonce} no `)) return refuse(line.slice(nonce.length + 11))
        if (found === '') {
          // Everything before the marker is from banners and rc files.
          if (line === `sluice-${nonce} have`) found = 'have'
          else if (line === `sluice-${nonce} want`) {
            found = 'want'
            pipe.write(agentUpload(agent, nonce)).catch(() => undefined)
          }
          return
        }
        const hello = readHello(line, nonce, clock.now(), greeting)
        if (hello === null) return
        stopWaiting()
        channel = new LiveChannel(pipe, hello, options)
        resolve(channel)
      },
      onRaw: (id, bytes) => channel?.onRaw(id, bytes),
      streamOf: (id) => channel?.streamOf(id) ?? null,
      onBroken: (why) => (channel === null ? fail(why) : channel.end(why)),
    })
    pipe.onNoise((text) => (noise = (noise + text).slice(0, 4000)))
    pipe.onClose((why) => (channel === null ? fail(why) : channel.end(why)))
    let marker: Uint8Array = new Uint8Array(0)
    pipe.onData((bytes) => {
      channel?.heard()
      if (found !== '') {
        reader.push(bytes)
        return giveBack(bytes)
      }
      // Banners may hold anything, so the marker is looked for in the bytes, and the reader begins there.
      skipped += bytes.length
      if (skipped > noiseBytesMax) return fail('more than 256 KB before the agent spoke')
      const all = Buffer.concat([marker, bytes])
      const at = all.indexOf(`\nsluice-${nonce} `)
      if (at === -1) marker = all.subarray(Math.max(0, all.length - 200))
      else if (all.indexOf(10, at + 1) === -1) marker = all.subarray(at)
      else {
        greeting.shellMs = clock.monotonic() - askedAt
        greeting.noiseBytes = skipped - (all.length - at)
        reader.push(all.subarray(at + 1))
      }
    })
  })
}

function readHello(line: string, nonce: string, now: number, greeting: Greeting): Hello | null {
  if (!line.startsWith(`hello ${nonce} 1 `)) return null
  const fields = new Map<string, string>()
  for (const word of line.split(' ').slice(3)) {
    const at = word.indexOf('=')
    if (at > 0) fields.set(word.slice(0, at), word.slice(at + 1))
  }
  const hostNow = Number(fields.get('now'))
  return {
    bootId: fields.get('boot') ?? 'unknown',
    hostNow: Number.isFinite(hostNow) ? hostNow : now,
    now,
    uptimeMs: /^\d{1,15}$/.test(fields.get('up') ?? '') ? Number(fields.get('up')) : null,
    canHash: (fields.get('hash') ?? '') !== '',
    lacks: (fields.get('lacks') ?? '').split(',').filter((word) => word !== ''),
    system: (fields.get('system') ?? '').replaceAll('/', ' '),
    greeting,
  }
}

interface Waiting {
  request: string
  parts: string[][]
  /** Characters in `parts`. */
  partsLength: number
  answer: (answer: Answer) => void
  raw: ((bytes: Uint8Array) => void) | null
  take: TakeBytes | null
  reject: (error: Error) => void
  dueAt: number
}

interface Queued {
  alone: boolean
  send: () => void
  reject: (error: Error) => void
}

class LiveChannel implements Channel {
  readonly hello: Hello
  readonly isBulk: boolean
  readonly #pipe: Pipe
  readonly #clock: Clock
  readonly #pipelined: boolean
  readonly #waiting = new Map<string, Waiting>()
  readonly #queue: Queued[] = []
  /** Of the queue, from its head: already on their way. */
  #sent = 0
  readonly #heardListeners: (() => void)[] = []
  readonly #noticeListeners: ((words: readonly string[]) => void)[] = []
  readonly #closeListeners: ((why: string) => void)[] = []
  #id = 0
  #alone = false
  /** Takers of bytes that have not kept up. */
  #slow = 0
  #closedWhy: string | null = null
  #heardAt: number
  #roundTripMs: number | null = null
  #stopTimer: () => void = () => undefined

  constructor(pipe: Pipe, hello: Hello, options: ChannelOptions) {
    this.#pipe = pipe
    this.hello = hello
    this.#clock = options.clock
    this.#pipelined = options.mode === 'bulk'
    this.isBulk = this.#pipelined
    this.#heardAt = this.#clock.monotonic()
    this.#arm()
  }

  ask(request: string): Promise<Answer> {
    return new Promise((answer, reject) => {
      this.#enter(false, reject, () =>
        this.#send(request, {
          answer,
          reject,
          raw: null,
          take: null,
          limitMs: this.#limitOf(request),
          bytes: null,
        }),
      )
    })
  }

  askRaw(request: string): Promise<Uint8Array> {
    return this.#askFrame(request, null)
  }

  async askStream(request: string, take: TakeBytes): Promise<void> {
    await this.#askFrame(request, take)
  }

  #askFrame(request: string, take: TakeBytes | null): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const answer = (got: Answer): void =>
        reject(new Error(`The host answered ${got.words.join(' ')} where bytes were asked for.`))
      this.#enter(!this.#pipelined, reject, () =>
        this.#send(request, {
          answer,
          reject,
          raw: resolve,
          take,
          limitMs: bytesLimitMs,
          bytes: null,
        }),
      )
    })
  }

  askWithBytes(request: string, bytes: AsyncIterable<Uint8Array>): Promise<Answer> {
    return new Promise((answer, reject) => {
      this.#enter(true, reject, () =>
        this.#send(request, {
          answer,
          reject,
          raw: null,
          take: null,
          limitMs: bytesLimitMs,
          bytes,
        }),
      )
    })
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
    const unanswered = [...this.#waiting.values(), ...this.#queue.slice(this.#sent)]
    this.#waiting.clear()
    this.#queue.length = this.#sent = 0
    for (const { reject } of unanswered) reject(new ChannelClosed(why))
    for (const listener of this.#closeListeners) listener(why)
  }

  // What must go alone waits for silence, and keeps those behind it waiting.
  #enter(alone: boolean, reject: (error: Error) => void, send: () => void): void {
    if (this.#closedWhy !== null) return reject(new ChannelClosed(this.#closedWhy))
    if (this.#queue.length - this.#sent >= queueMax)
      return reject(new Error(`${queueMax} requests wait for one host.`))
    this.#queue.push({ alone, send, reject })
    this.#admit()
  }

  #admit(): void {
    while (this.#sent < this.#queue.length && !this.#alone && this.#waiting.size < underWayMax) {
      const next = this.#queue[this.#sent]!
      if (next.alone && this.#waiting.size > 0) break
      this.#sent++
      this.#alone = next.alone
      next.send()
    }
    // Not one by one: taking the first of a long array away moves all others.
    if (this.#sent < 1000 && this.#sent < this.#queue.length) return
    this.#queue.splice(0, this.#sent)
    this.#sent = 0
  }

  #send(
    request: string,
    how: Pick<Waiting, 'answer' | 'raw' | 'take' | 'reject'> & {
      limitMs: number
      bytes: AsyncIterable<Uint8Array> | null
    },
  ): void {
    const id = String(++this.#id)
    const space = request.indexOf(' ')
    const verb = space === -1 ? request : request.slice(0, space)
    const rest = space === -1 ? '' : request.slice(space)
    const { bytes, limitMs, ...waiting } = how
    const dueAt = this.#clock.monotonic() + limitMs
    this.#waiting.set(id, { request: verb, parts: [], partsLength: 0, ...waiting, dueAt })
    const line = Buffer.from(`${verb} ${id}${rest}\n`, 'latin1')
    const broken = (error: Error): void => this.end(error.message)
    this.#pipe.write(line).catch(broken)
    // An upload that breaks off in the middle has made the stream unusable.
    if (bytes !== null) this.#upload(bytes).catch(broken)
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
    if (this.#waiting.size === 0) this.#alone = false
    queueMicrotask(() => this.#admit())
  }

  #limitOf(request: string): number {
    const verb = request.slice(0, Math.max(0, request.indexOf(' ')))
    return this.#pipelined || slowVerbs.has(verb) ? slowLimitMs : quickLimitMs
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
    if (!this.#alone || now - this.#heardAt < stalledMs) return
    if ([...this.#waiting.values()].some((one) => one.raw !== null)) this.end('no more bytes came')
  }
}
