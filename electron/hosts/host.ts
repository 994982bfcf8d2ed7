// One host: a link that is made when something needs it, and the attempts that live there.
//   H1  An order that reached the wire is never answered "not started" by us: after a cut the host is asked.
//   H4  running, ended, gone (supervisor dead), rebooted, absent are the host's words; each has one meaning here.
//   H5  Before an attempt whose supervisor died is reported lost, whatever it left running is stopped and proved gone.
//   H9  A release is kept until the host has confirmed it.
//   Nothing connects to a host that nothing needs, and a link that nothing needs is closed after a while.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { HostReport, StartOrder } from '../ports/hosts.ts'
import type { BlobStore, LogStore } from '../ports/logs.ts'
import type { HostFacts, LinkState } from '../../shared/api/views.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { agentText } from './agent-text.ts'
import {
  attemptEnd,
  nothingRan,
  readHostEnd,
  readHostState,
  type HostEnd,
  type HostState,
} from './attempt-record.ts'
import { ChannelClosed } from './channel.ts'
import { FilesRefused } from './courier.ts'
import { openLogPump, type LogPump } from './log-pump.ts'
import { openSession, type Session } from './session.ts'
import { startLine } from './start-line.ts'
import { TransportError, type Transport } from './transport.ts'

export interface HostOptions {
  spec: HostSpec
  transport: Transport
  logs: LogStore
  blobs: BlobStore
  clock: Clock
  dice: Dice
  client: string
  onReport: (report: HostReport) => void
  onLink: () => void
  onError: (error: unknown) => void
}

export interface LinkView {
  state: LinkState
  why: string
  facts: HostFacts | null
  roundTripMs: number | null
  lastSeenAt: number | null
  askFingerprint: string | null
}

interface Attempt {
  order: StartOrder
  /** `start`: ours to start. `watch`: the engine's question whether it is there. */
  wish: 'start' | 'watch'
  /** The start line may have reached the host. */
  isWritten: boolean
  askedAt: number
  cancelGraceMs: number | null
  /** The host's record, once seen. */
  hasEnded: boolean
  isLogClosed: boolean
  /** Ends of attempts of our own (remedies) go here and not to the engine. */
  onEnd: ((end: AttemptEnd) => void) | null
}

/** An attempt that no channel would take is given up after this long. */
const startWaitMs = 30_000
const backoffMsMin = 250
const backoffMsMax = 30_000
const refusedRetryMs = 60_000
const idleLinkMs = 300_000
const lookMs = 30_000
const keysPerLine = 40
const releaseDelayMs = 50
const onceLogBytesMax = 64 * 1024

export class Host {
  readonly #options: HostOptions
  readonly #attempts = new Map<AttemptKey, Attempt>()
  readonly #releases = new Set<AttemptKey>()
  readonly #pump: LogPump
  readonly #closing = new AbortController()
  readonly #linkWaiters = new Set<(outcome: Session | Error) => void>()
  #session: Session | null = null
  #isConnecting = false
  #failures = 0
  #wakeBackoff: (() => void) | null = null
  #stopIdle: () => void = () => undefined
  #stopLook: () => void = () => undefined
  #releaseTimer: (() => void) | null = null
  #link: LinkView = {
    state: 'idle',
    why: '',
    facts: null,
    roundTripMs: null,
    lastSeenAt: null,
    askFingerprint: null,
  }

  constructor(options: HostOptions) {
    this.#options = options
    this.#pump = openLogPump({
      logs: options.logs,
      clock: options.clock,
      onError: options.onError,
      onClosed: (key, closed) => {
        const attempt = this.#attempts.get(key)
        if (attempt !== undefined) attempt.isLogClosed = true
        options.onReport({ kind: 'log_closed', host: options.spec.name, key, ...closed })
        this.#restWhenIdle()
      },
    })
  }

  link(): LinkView {
    const roundTripMs = this.#session?.main.roundTripMs() ?? this.#link.roundTripMs
    return { ...this.#link, roundTripMs }
  }

  start(order: StartOrder): void {
    if (this.#attempts.has(order.key)) return
    const attempt = this.#track(order, 'start')
    if (this.#session === null) this.#connect(true)
    else void this.#begin(attempt, this.#session)
  }

  watch(order: StartOrder): void {
    const known = this.#attempts.get(order.key)
    const attempt = known ?? this.#track(order, 'watch')
    if (this.#session === null) this.#connect(true)
    else void this.#guard(this.#session, () => this.#look([attempt], this.#session!))
  }

  cancel(key: AttemptKey, graceMs: number): void {
    const attempt = this.#attempts.get(key)
    if (attempt === undefined) {
      // Not ours any more, or never was: the host is asked, and a start on its way finds the key taken.
      const order = { key, run: '', env: {}, timeoutMs: null, graceMs, files: [], outputs: {} }
      this.#track(order, 'watch').cancelGraceMs = graceMs
      if (this.#session === null) this.#connect(true)
      else void this.#guard(this.#session, () => this.#sendCancel(key, graceMs, this.#session!))
      return
    }
    attempt.cancelGraceMs = graceMs
    if (attempt.hasEnded) return
    if (attempt.wish === 'start' && !attempt.isWritten) {
      return this.#neverRan(attempt, { outcome: 'cancelled' })
    }
    const session = this.#session
    if (session === null) this.#connect(true)
    else void this.#guard(session, () => this.#sendCancel(key, graceMs, session))
  }

  release(key: AttemptKey): void {
    this.#attempts.delete(key)
    this.#pump.forget(key)
    this.#releases.add(key)
    if (this.#session === null) this.#connect(false)
    this.#releaseSoon()
  }

  /** Makes the link when it is not up. Rejects with a TransportError. */
  linked(signal: AbortSignal): Promise<Session> {
    if (this.#session !== null) return Promise.resolve(this.#session)
    return new Promise((resolve, reject) => {
      const done = (outcome: Session | Error): void => {
        this.#linkWaiters.delete(done)
        signal.removeEventListener('abort', onAbort)
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      const onAbort = (): void => done(signal.reason as Error)
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      this.#linkWaiters.add(done)
      this.#connect(true)
    })
  }

  /** A sign of life, with its round trip measured. */
  async ping(signal: AbortSignal): Promise<void> {
    const { main } = await this.linked(signal)
    await main.ping()
    this.#setLink({ lastSeenAt: this.#options.clock.now(), roundTripMs: main.roundTripMs() })
    this.#restWhenIdle()
  }

  /** Tries again at once where a refusal made the next try far off. */
  retry(): void {
    this.#wakeBackoff?.()
    if (this.#link.state === 'refused')
      this.#setLink({ state: 'idle', why: '', askFingerprint: null })
  }

  /** A command outside any run: durable like an attempt while it runs, its output bounded, nothing kept. */
  async runOnce(
    order: StartOrder,
    signal: AbortSignal,
  ): Promise<{ exit: number | null; output: string }> {
    await this.linked(signal)
    const { key } = order
    const attempt = this.#track(order, 'start')
    try {
      const end = await new Promise<AttemptEnd>((resolve, reject) => {
        attempt.onEnd = resolve
        const onAbort = (): void => {
          this.cancel(key, order.graceMs)
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', onAbort, { once: true })
        if (this.#session === null) this.#connect(true)
        else void this.#begin(attempt, this.#session)
      })
      if (end.outcome === 'not_started') throw new TransportError(end.cause, end.message)
      const output = await this.#outputOf(key, await this.linked(signal))
      return { exit: end.outcome === 'exited' ? end.exit : null, output }
    } finally {
      this.release(key)
    }
  }

  close(): void {
    this.#closing.abort(new TransportError('host_unreachable', 'Sluice is closing.'))
    this.#wakeBackoff?.()
    this.#stopIdle()
    this.#stopLook()
    this.#releaseTimer?.()
    this.#pump.close()
    this.#session?.close()
  }

  // ---- the link

  #isNeeded(): boolean {
    if (this.#linkWaiters.size > 0 || this.#releases.size > 0) return true
    for (const attempt of this.#attempts.values()) {
      if (!attempt.hasEnded || !(attempt.isLogClosed || attempt.onEnd !== null)) return true
    }
    return false
  }

  /** `now`: do not sit out a backoff. */
  #connect(now: boolean): void {
    if (this.#isConnecting) {
      if (now) this.#wakeBackoff?.()
      return
    }
    if (this.#session !== null || this.#closing.signal.aborted) return
    this.#isConnecting = true
    void this.#connectLoop().finally(() => {
      this.#isConnecting = false
      // Something may have come to need the link after the loop had looked for the last time.
      if (this.#isNeeded()) this.#connect(false)
    })
  }

  async #connectLoop(): Promise<void> {
    while (!this.#closing.signal.aborted && this.#isNeeded()) {
      this.#setLink({ state: 'connecting' })
      try {
        const session = await openSession(
          { ...this.#options, folder: this.#options.spec.folder },
          this.#closing.signal,
        )
        if (this.#closing.signal.aborted) return session.close()
        return this.#onSession(session)
      } catch (error) {
        if (this.#closing.signal.aborted) return
        this.#onConnectFailed(asTransportError(error))
        if (!this.#isNeeded()) return
        await this.#backoff(asTransportError(error).permanent)
      }
    }
    if (this.#link.state === 'connecting') this.#setLink({ state: 'idle' })
  }

  #backoff(isRefused: boolean): Promise<void> {
    const top = Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(this.#failures, 10))
    // Full jitter above a floor: without it, all hosts behind one dead gateway come back together.
    const delayMs = isRefused ? refusedRetryMs : top * (0.25 + 0.75 * this.#options.dice.roll())
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(delayMs, () => this.#wakeBackoff?.())
      this.#wakeBackoff = () => {
        this.#wakeBackoff = null
        cancel()
        resolve()
      }
    })
  }

  #onConnectFailed(error: TransportError): void {
    this.#failures++
    const state = error.permanent ? 'refused' : 'down'
    this.#setLink({ state, why: error.message, askFingerprint: error.fingerprint })
    for (const done of this.#linkWaiters) done(error)
    const now = this.#options.clock.monotonic()
    let isWatched = false
    for (const attempt of this.#attempts.values()) {
      if (attempt.hasEnded) continue
      if (attempt.wish === 'watch' || attempt.isWritten) isWatched = true
      else if (error.permanent || now - attempt.askedAt >= startWaitMs) {
        this.#notStarted(attempt, error.kind, error.message)
      }
    }
    if (isWatched) this.#report({ kind: 'unlinked', host: this.#name, why: error.message })
  }

  #onSession(session: Session): void {
    this.#session = session
    this.#failures = 0
    const { hello } = session.main
    this.#setLink({
      state: 'linked',
      why: '',
      askFingerprint: null,
      lastSeenAt: this.#options.clock.now(),
      facts: {
        system: hello.system,
        shell: '',
        bootId: hello.bootId,
        clockOffsetMs: hello.hostNow - hello.now,
        agent: agentText().hash,
        lacks: hello.lacks.map((word) => lackWords[word] ?? word),
      },
    })
    session.main.onNotice((words) => this.#onNotice(words, session))
    session.onClose((why) => this.#onSessionClosed(session, why))
    for (const done of this.#linkWaiters) done(session)
    this.#pump.use(session)
    void this.#guard(session, () => this.#takeUp(session))
  }

  // Everything that may live there is asked about first; what never reached the wire is started meanwhile.
  async #takeUp(session: Session): Promise<void> {
    const open = [...this.#attempts.values()].filter((attempt) => !attempt.hasEnded)
    const unsure = open.filter((attempt) => attempt.wish === 'watch' || attempt.isWritten)
    for (const attempt of open) {
      if (!unsure.includes(attempt)) void this.#begin(attempt, session)
    }
    await this.#look(unsure, session)
    if (this.#session !== session) return
    this.#report({ kind: 'linked', host: this.#name })
    for (const attempt of unsure) {
      if (attempt.cancelGraceMs !== null && !attempt.hasEnded)
        await this.#sendCancel(attempt.order.key, attempt.cancelGraceMs, session)
    }
    await this.#releaseNow(session)
    this.#lookAgain(session)
    this.#restWhenIdle()
  }

  #onSessionClosed(session: Session, why: string): void {
    if (this.#session !== session) return
    this.#session = null
    this.#pump.use(null)
    this.#stopLook()
    this.#stopIdle()
    if (this.#closing.signal.aborted) return
    const isNeeded = this.#isNeeded()
    this.#setLink(
      isNeeded
        ? { state: 'down', why, lastSeenAt: this.#options.clock.now() }
        : { state: 'idle', why: '' },
    )
    if (!isNeeded) return
    this.#report({ kind: 'unlinked', host: this.#name, why })
    this.#connect(false)
  }

  #restWhenIdle(): void {
    this.#stopIdle()
    if (this.#isNeeded()) return
    this.#stopIdle = this.#options.clock.after(idleLinkMs, () => {
      if (!this.#isNeeded()) this.#session?.close()
    })
  }

  // A supervisor that is killed can tell nobody; only asking shows it.
  #lookAgain(session: Session): void {
    this.#stopLook()
    this.#stopLook = this.#options.clock.after(lookMs, () => {
      const open = [...this.#attempts.values()].filter(
        (attempt) => !attempt.hasEnded && attempt.isWritten,
      )
      void this.#guard(session, async () => {
        await this.#look(open, session)
        if (this.#session === session) this.#lookAgain(session)
      })
    })
  }

  // ---- attempts

  #track(order: StartOrder, wish: Attempt['wish']): Attempt {
    const attempt: Attempt = {
      order,
      wish,
      isWritten: false,
      askedAt: this.#options.clock.monotonic(),
      cancelGraceMs: null,
      hasEnded: false,
      isLogClosed: false,
      onEnd: null,
    }
    this.#attempts.set(order.key, attempt)
    this.#stopIdle()
    return attempt
  }

  async #begin(attempt: Attempt, session: Session): Promise<void> {
    await this.#guard(session, async () => {
      const { order } = attempt
      try {
        const line = startLine(order)
        if (!session.courier.has(order.files)) await session.courier.provide(order.files)
        if (!this.#isOpen(attempt) || attempt.isWritten) return
        attempt.isWritten = true
        const { words } = await session.main.ask(line)
        await this.#onState(attempt, readHostState(words), session)
      } catch (error) {
        if (!(error instanceof FilesRefused) || !this.#isOpen(attempt)) throw error
        this.#notStarted(attempt, error.reason, error.message)
      }
    })
  }

  async #look(attempts: readonly Attempt[], session: Session): Promise<void> {
    const byKey = new Map<string, Attempt>(attempts.map((one) => [one.order.key, one]))
    const keys = [...byKey.keys()]
    const settled: Promise<void>[] = []
    for (let at = 0; at < keys.length; at += keysPerLine) {
      const { parts } = await session.main.ask(
        `probe ${keys.slice(at, at + keysPerLine).join(' ')}`,
      )
      for (const [key = '', ...words] of parts) {
        const attempt = byKey.get(key)
        if (attempt !== undefined && this.#isOpen(attempt))
          settled.push(this.#onState(attempt, readHostState(words), session))
      }
    }
    await Promise.all(settled)
  }

  #onNotice(words: readonly string[], session: Session): void {
    if (words[0] !== 'ended') return
    const attempt = this.#attempts.get((words[1] ?? '') as AttemptKey)
    const end = readHostEnd(words.slice(2))
    if (attempt === undefined || end === null) return
    void this.#guard(session, () => this.#onEnded(attempt, end, session))
  }

  async #onState(attempt: Attempt, state: HostState | null, session: Session): Promise<void> {
    if (!this.#isOpen(attempt) || state === null) return
    const { key } = attempt.order
    switch (state.kind) {
      case 'running': {
        const { bootId, pid, hostStartedAt } = state
        attempt.isWritten = true
        if (attempt.onEnd !== null) return
        this.#pump.follow(key)
        return this.#report({ kind: 'started', host: this.#name, key, pid, bootId, hostStartedAt })
      }
      case 'ended':
        return await this.#onEnded(attempt, state.end, session)
      case 'gone':
        attempt.isWritten = true
        await session.main.ask(`cancel ${key} ${attempt.order.graceMs}`)
        return
      case 'rebooted':
        return this.#ended(attempt, this.#lost('host_rebooted'))
      case 'refused':
        return this.#notStarted(attempt, 'host_refused', state.message)
      case 'absent':
        if (attempt.cancelGraceMs !== null) return
        if (attempt.wish === 'start') {
          attempt.isWritten = false
          return await this.#begin(attempt, session)
        }
        this.#attempts.delete(key)
        return this.#report({ kind: 'absent', host: this.#name, key })
    }
  }

  async #onEnded(attempt: Attempt, hostEnd: HostEnd, session: Session): Promise<void> {
    if (!this.#isOpen(attempt)) return
    const now = this.#options.clock.now()
    const end = attemptEnd(hostEnd, now, attempt.cancelGraceMs !== null)
    if (end.outcome === 'not_started') return this.#notStarted(attempt, end.cause, end.message)
    const { key, outputs } = attempt.order
    if (end.outcome === 'exited' && end.exit === 0 && Object.keys(outputs).length > 0) {
      const fetched = await session.courier.fetchOutputs(key, outputs)
      end.outputs = fetched.outputs
      if (fetched.missing.length > 0) end.missingOutputs = fetched.missing
    }
    if (this.#isOpen(attempt)) this.#ended(attempt, end)
  }

  /** Its end is known; its log, if there may be one, is still to come. */
  #ended(attempt: Attempt, end: AttemptEnd): void {
    attempt.hasEnded = true
    if (attempt.onEnd !== null) return attempt.onEnd(end)
    this.#report({ kind: 'ended', host: this.#name, key: attempt.order.key, end })
    this.#pump.finish(attempt.order.key)
  }

  #notStarted(attempt: Attempt, cause: TransportCause, message: string): void {
    this.#neverRan(attempt, { outcome: 'not_started', cause, message })
  }

  #neverRan(
    attempt: Attempt,
    how:
      | { outcome: 'cancelled' }
      | { outcome: 'not_started'; cause: TransportCause; message: string },
  ): void {
    const { key } = attempt.order
    const end: AttemptEnd = { ...nothingRan, endedAt: this.#options.clock.now(), ...how }
    attempt.hasEnded = true
    attempt.isLogClosed = true
    if (attempt.onEnd !== null) return attempt.onEnd(end)
    this.#report({ kind: 'ended', host: this.#name, key, end })
    this.#options.logs.close(key, []).then(
      () =>
        this.#report({
          kind: 'log_closed',
          host: this.#name,
          key,
          bytes: 0,
          sha256: null,
          gaps: [],
        }),
      (error) => this.#options.onError(error),
    )
    this.#restWhenIdle()
  }

  async #sendCancel(key: AttemptKey, graceMs: number, session: Session): Promise<void> {
    const { words } = await session.main.ask(`cancel ${key} ${graceMs}`)
    const attempt = this.#attempts.get(key)
    if (attempt === undefined || words[0] === 'stopping') return
    // Another order for the key came between: ask again, and find it running.
    if (words[0] === 'retry') return await this.#sendCancel(key, graceMs, session)
    await this.#onState(attempt, readHostState(words), session)
  }

  #lost(cause: 'host_rebooted'): AttemptEnd {
    return { ...nothingRan, endedAt: this.#options.clock.now(), outcome: 'lost', cause }
  }

  #isOpen(attempt: Attempt): boolean {
    return !attempt.hasEnded && this.#attempts.get(attempt.order.key) === attempt
  }

  async #outputOf(key: AttemptKey, session: Session): Promise<string> {
    const { parts } = await session.main.ask(`sizes ${key}`)
    const bytes = Number(parts[0]?.[1] ?? 0)
    if (!(bytes > 0)) return ''
    const tail = Math.max(0, bytes - onceLogBytesMax)
    const start = tail - (tail % 4096)
    const channel = await session.channel()
    const got = await channel.askRaw(`read ${key} ${start} ${bytes - start}`)
    return Buffer.from(got.subarray(tail - start)).toString('utf8')
  }

  // ---- releases

  #releaseSoon(): void {
    this.#releaseTimer ??= this.#options.clock.after(releaseDelayMs, () => {
      this.#releaseTimer = null
      const session = this.#session
      if (session !== null) void this.#guard(session, () => this.#releaseNow(session))
    })
  }

  async #releaseNow(session: Session): Promise<void> {
    while (this.#releases.size > 0) {
      const keys = [...this.#releases].slice(0, keysPerLine)
      const channel = await session.channel()
      await channel.ask(`release ${keys.join(' ')}`)
      for (const key of keys) {
        this.#releases.delete(key)
        this.#report({ kind: 'released', host: this.#name, key })
      }
    }
    this.#restWhenIdle()
  }

  // ---- small things

  get #name(): string {
    return this.#options.spec.name
  }

  #report(report: HostReport): void {
    if (!this.#closing.signal.aborted) this.#options.onReport(report)
  }

  #setLink(change: Partial<LinkView>): void {
    this.#link = { ...this.#link, ...change }
    this.#options.onLink()
  }

  // A link that broke in the middle is taken up again by the next session; anything else is a bug or a full disk.
  async #guard(session: Session, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof ChannelClosed || error instanceof TransportError) return
      this.#options.onError(error)
      // What was half done is asked about again.
      session.close()
    }
  }
}

const lackWords: Readonly<Record<string, string>> = {
  setsid: 'setsid: a cancel reaches only processes that bear the attempt in their environment',
  sha256: 'a SHA-256 tool: logs and files are checked by length only',
  proc: '/proc: processes are found by their group only, and times are in whole seconds',
  bootid: 'a boot id: a reboot is seen only by the processes that are gone',
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TransportError('host_unreachable', message, { error })
}
