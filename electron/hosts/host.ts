// One host: the attempts that live there (attempt-life.ts), and what their link is needed for.
//   Nothing connects to a host that nothing needs, and a link that nothing needs is closed after a while.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { HostReport, StartOrder } from '../ports/hosts.ts'
import type { BlobStore, LogStore } from '../ports/logs.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { TerminalSize } from '../ports/terminal.ts'
import type { HostSweep, Transfer } from '../../shared/api/views.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { agentText } from './agent-text.ts'
import { AttemptLife, type AttemptLifeOptions } from './attempt-life.ts'
import { ChannelClosed } from './channel.ts'
import type { ConnectBudget } from './connect-budget.ts'
import { mayLive, needsHost, openAttempt, unknownOrder, type Attempt } from './host-attempt.ts'
import { hostChecks } from './host-checks.ts'
import { HostLink, type LinkView } from './host-link.ts'
import { LeaseRenewals } from './lease-renewals.ts'
import { openLogPump, type LogPump } from './log-pump.ts'
import { readLogTail } from './log-tail.ts'
import { openReadySoon, type ReadySoon } from './ready-soon.ts'
import { Releases } from './releases.ts'
import type { Session } from './session.ts'
import { ShellDesk, type OpenedShell } from './shell-desk.ts'
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
  secrets: Secrets
  knownFolders: AttemptLifeOptions['knownFolders']
  onReport: (report: HostReport) => void
  onLink: () => void
  onError: (error: unknown) => void
}

const lookMs = 30_000
export interface SweepWish {
  days: number
  isPreview: boolean
}

/** Attempts that no engine has asked for in this time are nobody's. */
const sweepDays = 30
/** A weekend. */
const keepFailedDays = 3

export class Host {
  readonly #options: HostOptions
  readonly #attempts = new Map<AttemptKey, Attempt>()
  readonly #releases: Releases
  readonly #ready: ReadySoon
  readonly #pump: LogPump
  readonly #leases: LeaseRenewals
  readonly #link: HostLink
  readonly #transfers: Transfers
  readonly #shells: ShellDesk
  readonly #life: AttemptLife
  #stopLook: () => void = () => undefined
  /** The engine knows that this link is up. */
  #isTold = false

  constructor(options: HostOptions) {
    this.#options = options
    this.#pump = openLogPump({
      logs: options.logs,
      clock: options.clock,
      dice: options.dice,
      onError: options.onError,
      onClosed: (key, closed) => {
        const attempt = this.#attempts.get(key)
        if (attempt !== undefined) attempt.isLogClosed = true
        options.onReport({ kind: 'log_closed', host: options.spec.name, key, ...closed })
        this.#link.prove()
        this.#link.rest()
      },
    })
    this.#ready = openReadySoon(options.clock)
    const keepDays = options.spec.keepFailedDays ?? keepFailedDays
    this.#releases = new Releases(options.clock, keepDays, (key) =>
      this.#report({ kind: 'released', host: this.#name, key }),
    )
    this.#leases = new LeaseRenewals(options.clock, () => this.#shortestLeaseMs())
    this.#life = new AttemptLife({
      ...options,
      host: options.spec.name,
      attempts: this.#attempts,
      pump: this.#pump,
      leases: this.#leases,
      onReport: (report) => this.#report(report),
      isTold: () => this.#isTold,
      isCurrent: (session) => this.#link.session === session,
      aside: (session, work) => void this.#guard(session, work),
      onStarted: (session) => this.#readySoon(session),
      onRest: () => this.#link.rest(),
    })
    this.#transfers = openTransfers(options.clock, options.onLink)
    const link = { ...options, onTransfer: this.#transfers.note }
    this.#link = new HostLink(link, {
      isNeeded: () => this.#isNeeded(),
      onUp: (session) => {
        this.#isTold = false
        this.#leases.hear(session)
        session.main.onNotice(
          (words) => void this.#guard(session, () => this.#life.hear(words, session)),
        )
        this.#pump.use(session)
        void this.#guard(session, () => this.#takeUp(session))
      },
      onDown: () => {
        this.#pump.use(null)
        this.#transfers.clear()
        this.#leases.close()
        this.#stopLook()
      },
      onLost: (why) => this.#report({ kind: 'unlinked', host: this.#name, why }),
      onConnectFailed: (error) => {
        if (this.#life.connectFailed(error))
          this.#report({ kind: 'unlinked', host: this.#name, why: error.message })
      },
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
    else void this.#guard(this.#link.session, () => this.#life.attach(attempt, this.#link.session!))
  }

  cancel(key: AttemptKey, graceMs: number): void {
    const attempt = this.#attempts.get(key)
    if (attempt === undefined) {
      this.#track(unknownOrder(key, graceMs), 'watch').cancelGraceMs = graceMs
      if (this.#link.session === null) this.#link.connect(true)
      else
        void this.#guard(this.#link.session, () =>
          this.#life.sendCancel(key, graceMs, this.#link.session!),
        )
      return
    }
    attempt.cancelGraceMs = graceMs
    if (attempt.hasEnded) return
    if (attempt.wish === 'start' && !attempt.isWritten) {
      return this.#life.neverRan(attempt, { outcome: 'cancelled' })
    }
    const session = this.#link.session
    if (session === null) this.#link.connect(true)
    else void this.#guard(session, () => this.#life.sendCancel(key, graceMs, session))
  }

  release(key: AttemptKey): void {
    this.#attempts.delete(key)
    this.#life.forget(key)
    this.#pump.forget(key)
    const send = (): void => {
      const session = this.#link.session
      if (session !== null) void this.#guard(session, () => this.#releaseNow(session))
    }
    this.#releases.add(key, send, this.#liveCount() > 0)
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

  /** H9, by a person's word. What is known here stays: its log may still be wanted. */
  async sweep({ days, isPreview }: SweepWish, signal: AbortSignal): Promise<HostSweep> {
    const { main } = await this.#link.linked(signal)
    const wanted = [...this.#attempts.keys()].join(' ')
    const { parts } = await main.ask(`sweep ${days} ${isPreview ? 'look' : 'go'} ${wanted}`)
    this.#link.rest()
    const attempts = parts
      .filter(([kind]) => kind === 'attempt')
      .map(([, key = '', kb]) => ({ key, logBytes: (Number(kb) || 0) * 1024 }))
    const files = parts.filter(([kind]) => kind === 'file').map(([, path = '']) => path)
    return { host: this.#name, days, isPreview, attempts, files }
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
      // Whoever asked may leave at once, and no store knows of it.
      const { session } = this.#link
      if (session !== null) await this.#guard(session, () => this.#releaseNow(session))
    }
  }

  close(): void {
    this.#leases.close()
    this.#stopLook()
    this.#ready.close()
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

  // H9: what nobody released. Only while nothing is watched here, so that no log goes that is still to be read.
  async #sweep(session: Session): Promise<void> {
    await session.main.ask(`sweep ${sweepDays} go`)
  }

  // Everything that may live there is asked about first; what never reached the wire is started meanwhile, but for what has a
  // lease: until the engine knows of this link it may give the task to another host.
  async #takeUp(session: Session): Promise<void> {
    const open = [...this.#attempts.values()].filter((attempt) => !attempt.hasEnded)
    const unsure = open.filter(mayLive)
    for (const attempt of open) {
      if (!unsure.includes(attempt)) void this.#begin(attempt, session)
    }
    await this.#life.takeUp(unsure, session)
    if (this.#link.session !== session) return
    this.#isTold = true
    this.#report({ kind: 'linked', host: this.#name })
    this.#tellElsewhere()
    this.#lookAgain(session)
    void this.#guard(session, () => this.#leases.use(session))
    for (const attempt of this.#attempts.values()) {
      const isHeldBack = attempt.order.leaseMs !== null && !mayLive(attempt) && !attempt.hasEnded
      if (isHeldBack) void this.#begin(attempt, session)
    }
    if (unsure.length > 0) void this.#guard(session, () => this.#life.askSaved(unsure, session))
    for (const attempt of unsure) {
      if (attempt.cancelGraceMs !== null && !attempt.hasEnded)
        await this.#life.sendCancel(attempt.order.key, attempt.cancelGraceMs, session)
    }
    await this.#releaseNow(session)
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
        await this.#life.look(open, session)
        if (this.#link.session !== session) return
        this.#tellElsewhere()
        this.#lookAgain(session)
      })
    })
  }

  // A login name that leads to one of several machines: what another one has is unknown, though the link is up.
  #tellElsewhere(): void {
    for (const { key, why } of this.#life.elsewhere())
      this.#report({ kind: 'elsewhere', host: this.#name, key, why })
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
    if (order.leaseMs !== null) this.#leases.arm()
    this.#link.stay()
    return attempt
  }

  async #begin(attempt: Attempt, session: Session): Promise<void> {
    await this.#guard(session, () => this.#life.begin(attempt, session))
  }

  #readySoon(session: Session): void {
    this.#ready.started(this.#liveCount(), () => {
      if (this.#link.session === session)
        void this.#guard(session, async () => void (await session.main.ask('ready')))
    })
  }

  #liveCount(): number {
    let count = 0
    for (const attempt of this.#attempts.values()) if (!attempt.hasEnded) count++
    return count
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
    if (this.#link.isClosed) return
    if (report.kind === 'ended') this.#link.prove()
    this.#options.onReport(report)
  }

  // What broke off is asked about again over the next link, also where bulk alone broke; anything else is a bug or a full disk.
  async #guard(session: Session, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const isBroken = error instanceof ChannelClosed || error instanceof TransportError
      if (!isBroken) this.#options.onError(error)
      session.close(isBroken ? error.message : undefined)
    }
  }
}
