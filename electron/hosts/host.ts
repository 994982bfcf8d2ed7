// One host: the attempts that live there, and what their link is needed for.
//   H1  An order that reached the wire is never answered "not started" by us: after a cut the host is asked.
//   H4  running, ended, gone (supervisor dead), rebooted, absent are the host's words; each has one meaning here.
//   H5  Before an attempt whose supervisor died is reported lost, whatever it left running is stopped and proved gone.
//   Nothing connects to a host that nothing needs, and a link that nothing needs is closed after a while.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { HostReport, StartOrder } from '../ports/hosts.ts'
import type { BlobStore, LogStore } from '../ports/logs.ts'
import type { TerminalSize } from '../ports/terminal.ts'
import type { Transfer } from '../../shared/api/views.ts'
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
import type { ConnectBudget } from './connect-budget.ts'
import { FilesRefused } from './courier.ts'
import {
  mayLive,
  needsHost,
  neverRanEnd,
  openAttempt,
  unknownOrder,
  type Attempt,
  type NeverRan,
} from './host-attempt.ts'
import { hostChecks } from './host-checks.ts'
import { HostLink, type LinkView } from './host-link.ts'
import { LeaseRenewals } from './lease-renewals.ts'
import { openLogPump, type LogPump } from './log-pump.ts'
import { readLogTail } from './log-tail.ts'
import { Releases } from './releases.ts'
import type { Session } from './session.ts'
import { SnapshotDesk, wantsSnapshot } from './snapshot-desk.ts'
import { ShellDesk, type OpenedShell } from './shell-desk.ts'
import { startLine } from './start-line.ts'
import { openTransfers, type Transfers } from './transfers.ts'
import { TransportError, type Transport } from './transport.ts'

export interface HostOptions {
  spec: HostSpec
  transport: Transport
  logs: LogStore
  blobs: BlobStore
  clock: Clock
  dice: Dice
  client: string
  budget: ConnectBudget
  onReport: (report: HostReport) => void
  onLink: () => void
  onError: (error: unknown) => void
}

/** An attempt that no channel would take is given up after this long. */
const startWaitMs = 30_000
/** The first failure after a sleep is that of a try that slept. */
const failedConnectsMin = 2
/** A host that is there and takes no more logins at this moment is not out of reach. */
const busyWaitMs = 900_000
const lookMs = 30_000
/** After a start, so as not to stand in its way. */
const readyDelayMs = 10
const calmStartsMax = 1
/** The agent looks at those of one line together. */
const keysPerLine = 400
/** Attempts that no engine has asked for in this time are nobody's. */
const sweepDays = 30

export class Host {
  readonly #options: HostOptions
  readonly #attempts = new Map<AttemptKey, Attempt>()
  readonly #releases: Releases
  readonly #pump: LogPump
  readonly #leases: LeaseRenewals
  readonly #link: HostLink
  readonly #transfers: Transfers
  readonly #shells: ShellDesk
  readonly #snapshots: SnapshotDesk
  #stopLook: () => void = () => undefined
  #stopReady: (() => void) | null = null
  #startsSinceReady = 0

  constructor(options: HostOptions) {
    this.#options = options
    this.#snapshots = new SnapshotDesk(options.clock)
    this.#pump = openLogPump({
      logs: options.logs,
      clock: options.clock,
      dice: options.dice,
      onError: options.onError,
      onClosed: (key, closed) => {
        const attempt = this.#attempts.get(key)
        if (attempt !== undefined) attempt.isLogClosed = true
        options.onReport({ kind: 'log_closed', host: options.spec.name, key, ...closed })
        this.#link.rest()
      },
    })
    this.#releases = new Releases(options.clock, (key) =>
      this.#report({ kind: 'released', host: this.#name, key }),
    )
    this.#leases = new LeaseRenewals(options.clock, () => this.#shortestLeaseMs())
    this.#transfers = openTransfers(options.clock, options.onLink)
    const link = { ...options, onTransfer: this.#transfers.note }
    this.#link = new HostLink(link, {
      isNeeded: () => this.#isNeeded(),
      onUp: (session) => {
        session.main.onNotice((words) => this.#onNotice(words, session))
        this.#pump.use(session)
        void this.#guard(session, () => this.#leases.use(session))
        void this.#guard(session, () => this.#takeUp(session))
      },
      onDown: () => {
        this.#pump.use(null)
        this.#transfers.clear()
        this.#leases.close()
        this.#stopLook()
      },
      onLost: (why) => this.#report({ kind: 'unlinked', host: this.#name, why }),
      onConnectFailed: (error) => this.#onConnectFailed(error),
      onRest: (session) => void this.#guard(session, () => this.#sweep(session)),
    })
    this.#shells = new ShellDesk({ ...options, link: this.#link, folder: options.spec.folder })
  }

  transfers(): Transfer[] {
    return this.#transfers.list()
  }

  link(): LinkView {
    return this.#link.view()
  }

  start(order: StartOrder): void {
    if (this.#attempts.has(order.key)) return
    const attempt = this.#track(order, 'start')
    if (this.#link.session === null) this.#link.connect(true)
    else void this.#begin(attempt, this.#link.session)
  }

  watch(order: StartOrder): void {
    const known = this.#attempts.get(order.key)
    const attempt = known ?? this.#track(order, 'watch')
    if (this.#link.session === null) this.#link.connect(true)
    else void this.#guard(this.#link.session, () => this.#look([attempt], this.#link.session!))
  }

  cancel(key: AttemptKey, graceMs: number): void {
    const attempt = this.#attempts.get(key)
    if (attempt === undefined) {
      this.#track(unknownOrder(key, graceMs), 'watch').cancelGraceMs = graceMs
      if (this.#link.session === null) this.#link.connect(true)
      else
        void this.#guard(this.#link.session, () =>
          this.#sendCancel(key, graceMs, this.#link.session!),
        )
      return
    }
    attempt.cancelGraceMs = graceMs
    if (attempt.hasEnded) return
    if (attempt.wish === 'start' && !attempt.isWritten) {
      return this.#neverRan(attempt, { outcome: 'cancelled' })
    }
    const session = this.#link.session
    if (session === null) this.#link.connect(true)
    else void this.#guard(session, () => this.#sendCancel(key, graceMs, session))
  }

  release(key: AttemptKey): void {
    this.#attempts.delete(key)
    this.#pump.forget(key)
    this.#releases.add(key, () => {
      const session = this.#link.session
      if (session !== null) void this.#guard(session, () => this.#releaseNow(session))
    })
    if (this.#link.session === null) this.#link.connect(false)
  }

  /** A sign of life, with its round trip measured. */
  async ping(signal: AbortSignal): Promise<void> {
    const { main } = await this.#link.linked(signal)
    await main.ping()
    this.#link.seen(main.roundTripMs())
    this.#link.rest()
  }

  /** What the host has and lacks, for its row. */
  async look(signal: AbortSignal): Promise<void> {
    const { main, connection } = await this.#link.linked(signal)
    const answer = await main.ask('look')
    const seen = {
      hello: main.hello,
      greeting: main.hello.greeting,
      now: this.#options.clock.now(),
      agent: agentText().hash,
      route: connection.route ?? null,
    }
    const checks = hostChecks(answer, seen)
    const words = (id: string): string => checks.find((one) => one.id === id)?.found ?? ''
    const login = words('login_shell').replace(/,.*/, '')
    this.#link.setChecks(`${login} (login), ${words('agent_shell')} (agent)`, checks)
  }

  /** Tries again at once where a refusal made the next try far off. */
  retry(): void {
    this.#link.retry()
  }

  /** A terminal where an attempt ran. Rejects with a TransportError, or the signal's reason. */
  async openShell(
    order: StartOrder,
    size: TerminalSize,
    signal: AbortSignal,
  ): Promise<OpenedShell> {
    return await this.#shells.open(order, size, signal)
  }

  /** The machine slept or its network changed. */
  wake(): void {
    this.#link.wake()
  }

  /** A command outside any run: durable like an attempt while it runs, its output bounded, nothing kept. */
  async runOnce(
    order: StartOrder,
    signal: AbortSignal,
  ): Promise<{ exit: number | null; output: string }> {
    await this.#link.linked(signal)
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
        if (this.#link.session === null) this.#link.connect(true)
        else void this.#begin(attempt, this.#link.session)
      })
      if (end.outcome === 'not_started') throw new TransportError(end.cause, end.message)
      const output = await readLogTail(key, await this.#link.linked(signal))
      return { exit: end.outcome === 'exited' ? end.exit : null, output }
    } finally {
      this.release(key)
    }
  }

  close(): void {
    this.#leases.close()
    this.#stopLook()
    this.#stopReady?.()
    this.#releases.close()
    this.#pump.close()
    this.#shells.close()
    this.#link.close()
  }

  // ---- the link's user

  #isNeeded(): boolean {
    if (this.#link.isAwaited() || this.#releases.size + this.#shells.size > 0) return true
    for (const attempt of this.#attempts.values()) if (needsHost(attempt)) return true
    return false
  }

  #onConnectFailed(error: TransportError): void {
    const now = this.#options.clock.monotonic()
    const waitMs = error.isBusy ? busyWaitMs : startWaitMs
    let isWatched = false
    for (const attempt of this.#attempts.values()) {
      if (attempt.hasEnded) continue
      if (mayLive(attempt)) isWatched = true
      else {
        attempt.failedConnects++
        const isTried =
          attempt.failedConnects >= failedConnectsMin && now - attempt.askedAt >= waitMs
        if (error.permanent || isTried) this.#notStarted(attempt, error.kind, error.message)
      }
    }
    if (isWatched) this.#report({ kind: 'unlinked', host: this.#name, why: error.message })
  }

  // H9: what nobody released. Only while nothing is watched here, so that no log goes that is still to be read.
  async #sweep(session: Session): Promise<void> {
    await session.main.ask(`sweep ${sweepDays}`)
  }

  // Everything that may live there is asked about first; what never reached the wire is started meanwhile.
  async #takeUp(session: Session): Promise<void> {
    const open = [...this.#attempts.values()].filter((attempt) => !attempt.hasEnded)
    const unsure = open.filter(mayLive)
    for (const attempt of open) {
      if (!unsure.includes(attempt)) void this.#begin(attempt, session)
    }
    await this.#look(unsure, session)
    if (this.#link.session !== session) return
    this.#report({ kind: 'linked', host: this.#name })
    for (const attempt of unsure) {
      if (attempt.cancelGraceMs !== null && !attempt.hasEnded)
        await this.#sendCancel(attempt.order.key, attempt.cancelGraceMs, session)
    }
    await this.#releaseNow(session)
    this.#lookAgain(session)
    this.#link.rest()
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
        if (this.#link.session === session) this.#lookAgain(session)
      })
    })
  }

  #shortestLeaseMs(): number | null {
    let shortestMs: number | null = null
    for (const attempt of this.#attempts.values()) {
      const { leaseMs } = attempt.order
      if (leaseMs === null || attempt.hasEnded || !mayLive(attempt)) continue
      shortestMs = Math.min(leaseMs, shortestMs ?? leaseMs)
    }
    return shortestMs
  }

  // ---- attempts

  #track(order: StartOrder, wish: Attempt['wish']): Attempt {
    const attempt = openAttempt(order, wish, this.#options.clock.monotonic())
    this.#attempts.set(order.key, attempt)
    this.#leases.arm()
    this.#link.stay()
    return attempt
  }

  async #begin(attempt: Attempt, session: Session): Promise<void> {
    await this.#guard(session, async () => {
      const { order } = attempt
      try {
        const heardMs =
          order.leaseMs === null ? null : await this.#leases.heardUptimeMs(session, order.leaseMs)
        const line = startLine(order, heardMs)
        if (!session.courier.has(order.files)) await session.courier.provide(order.files)
        if (!this.#isOpen(attempt) || attempt.isWritten) return
        attempt.isWritten = true
        this.#leases.arm()
        const { words } = await session.main.ask(line)
        this.#readySoon(session)
        await this.#onState(attempt, readHostState(words), session)
      } catch (error) {
        if (!(error instanceof FilesRefused) || !this.#isOpen(attempt)) throw error
        this.#notStarted(attempt, error.reason, error.message)
      }
    })
  }

  // The host makes itself ready for another start, where starts come one by one: in a crowd it has better to do.
  #readySoon(session: Session): void {
    this.#startsSinceReady++
    if (this.#stopReady !== null) return
    this.#stopReady = this.#options.clock.after(readyDelayMs, () => {
      this.#stopReady = null
      const isCalm = this.#startsSinceReady <= calmStartsMax
      this.#startsSinceReady = 0
      if (isCalm && this.#link.session === session)
        void this.#guard(session, async () => void (await session.main.ask('ready')))
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
        this.#pump.follow(key, attempt.order.logLimitBytes)
        return this.#report({ kind: 'started', host: this.#name, key, pid, bootId, hostStartedAt })
      }
      case 'ended':
        return await this.#onEnded(attempt, state.end, session)
      case 'gone':
      case 'reused':
      case 'lost':
        attempt.isWritten = true
        await session.main.ask(`cancel ${key} ${attempt.order.graceMs}`)
        return
      case 'rebooted':
        await this.#tellSnapshot(attempt, session, false)
        if (!this.#isOpen(attempt)) return
        return this.#ended(attempt, this.#lost('host_rebooted'))
      case 'refused':
        await this.#tellSnapshot(attempt, session, false)
        if (!this.#isOpen(attempt)) return
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
    if (wantsSnapshot(end)) await this.#tellSnapshot(attempt, session, end.outcome !== 'lost')
    if (this.#isOpen(attempt)) this.#ended(attempt, end)
  }

  // H10, before the end it belongs to. Whatever comes of it, the end follows.
  async #tellSnapshot(attempt: Attempt, session: Session, isKept: boolean): Promise<void> {
    const { key } = attempt.order
    // Nobody asks why a command outside any run failed.
    if (attempt.onEnd !== null) return
    const snapshot = await this.#snapshots.of(key, session.main, isKept)
    if (snapshot === null || !this.#isOpen(attempt)) return
    this.#report({ kind: 'snapshot', host: this.#name, key, snapshot })
  }

  /** Its end is known; its log, if there may be one, is still to come. */
  #ended(attempt: Attempt, end: AttemptEnd): void {
    attempt.hasEnded = true
    if (attempt.onEnd !== null) return attempt.onEnd(end)
    this.#report({ kind: 'ended', host: this.#name, key: attempt.order.key, end })
    this.#pump.finish(attempt.order.key, attempt.order.logLimitBytes)
  }

  #notStarted(attempt: Attempt, cause: TransportCause, message: string): void {
    this.#neverRan(attempt, { outcome: 'not_started', cause, message })
  }

  #neverRan(attempt: Attempt, how: NeverRan): void {
    const { key } = attempt.order
    const end = neverRanEnd(how, this.#options.clock.now())
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
    this.#link.rest()
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

  async #releaseNow(session: Session): Promise<void> {
    await this.#releases.send(session)
    this.#link.rest()
  }

  // ---- small things

  get #name(): string {
    return this.#options.spec.name
  }

  #report(report: HostReport): void {
    if (!this.#link.isClosed) this.#options.onReport(report)
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
