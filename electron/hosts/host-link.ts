// The life of one host's link: made when something needs it, made again when it breaks, closed when nothing has needed it
// for a while. What travels over it is not known here.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { BlobStore } from '../ports/logs.ts'
import type { HostCheck, HostFacts, HostRow, LinkState } from '../../shared/api/views.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { agentText } from './agent-text.ts'
import type { CourierOptions } from './courier.ts'
import { backoffMs } from './backoff.ts'
import type { ConnectBudget, ConnectTurn, Outcome } from './connect-budget.ts'
import { RoundTrips } from './pulse.ts'
import type { SessionLimit } from './session-budget.ts'
import { lackInWords } from './host-checks.ts'
import { openSession, type Session } from './session.ts'
import { TransportError, type Connection, type Transport } from './transport.ts'

export interface LinkView {
  state: LinkState
  why: string
  facts: HostFacts | null
  roundTripMs: number | null
  lastSeenAt: number | null
  askFingerprint: string | null
  askRandomart: string
  changedKey: HostRow['changedKey']
}

export interface HostLinkOptions {
  spec: HostSpec
  transport: Transport
  blobs: BlobStore
  clock: Clock
  dice: Dice
  client: string
  /** Shared by all hosts of this process. */
  budget: ConnectBudget
  onTransfer: CourierOptions['onTransfer']
  /** The view has changed. */
  onLink: () => void
}

export interface LinkUser {
  isNeeded(): boolean
  onUp(session: Session): void
  /** It is being made again. */
  onLost(why: string): void
  onDown(): void
  onConnectFailed(error: TransportError): void
  /** Once for each link: nothing has needed it for a moment. */
  onRest(session: Session): void
}

/** A link that has lived for so long has proved itself. */
const steadyMs = 30_000
const idleLinkMs = 300_000
const restMs = 2_000
/** Of the wall clock, which goes on in a sleep. */
const staleLoginMs = 8_000

const noKeyWaits = { askFingerprint: null, askRandomart: '', changedKey: null } as const

export class HostLink {
  readonly #options: HostLinkOptions
  readonly #user: LinkUser
  readonly #closing = new AbortController()
  readonly #waiters = new Set<(outcome: Session | Error) => void>()
  // What is known of the host outlives its connections.
  readonly #roundTrips = new RoundTrips()
  readonly #sessions: SessionLimit = { max: null }
  #session: Session | null = null
  #isConnecting = false
  #login: { beganAt: number; stop: (why: TransportError) => void } | null = null
  #failures = 0
  /** Links in a row that came up and broke soon after, with nothing done. */
  #falls = 0
  #upAt = 0
  #hasRested = false
  #wakeBackoff: (() => void) | null = null
  #stopIdle: () => void = () => undefined
  #stopRest: () => void = () => undefined
  #view: LinkView = {
    state: 'idle',
    why: '',
    facts: null,
    roundTripMs: null,
    lastSeenAt: null,
    ...noKeyWaits,
  }

  constructor(options: HostLinkOptions, user: LinkUser) {
    this.#options = options
    this.#user = user
  }

  get session(): Session | null {
    return this.#session
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  view(): LinkView {
    const roundTripMs = this.#roundTrips.latestMs ?? this.#view.roundTripMs
    return { ...this.#view, roundTripMs, facts: this.#facts() }
  }

  isAwaited(): boolean {
    return this.#waiters.size > 0
  }

  /** Makes the link when it is not up. Rejects with a TransportError. */
  linked(signal: AbortSignal): Promise<Session> {
    if (this.#session !== null) {
      this.#session.stir()
      return Promise.resolve(this.#session)
    }
    return new Promise((resolve, reject) => {
      const done = (outcome: Session | Error): void => {
        this.#waiters.delete(done)
        signal.removeEventListener('abort', onAbort)
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      }
      const onAbort = (): void => done(signal.reason as Error)
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiters.add(done)
      this.connect(true)
    })
  }

  /** A sign of life has come. */
  seen(roundTripMs: number | null): void {
    this.#setView({ lastSeenAt: this.#options.clock.now(), roundTripMs })
  }

  /** What `hosts check` found. */
  setChecks(shell: string, checks: readonly HostCheck[]): void {
    const { facts } = this.#view
    if (facts !== null) this.#setView({ facts: { ...facts, shell, checks } })
  }

  /** Tries again at once where a refusal made the next try far off. */
  retry(): void {
    this.#wakeBackoff?.()
    if (this.#view.state === 'refused') this.#setView({ state: 'idle', why: '', ...noKeyWaits })
  }

  /** The machine slept or its network changed: what is dead is found out soon, and what was dead is tried at once. */
  wake(): void {
    this.#session?.wake()
    if (this.#session !== null || this.#view.state === 'refused') return
    this.#failures = 0
    this.#falls = 0
    this.#wakeBackoff?.()
    // A login that began before the sleep waits for a connection that is gone.
    if (this.#login !== null && this.#options.clock.now() - this.#login.beganAt > staleLoginMs)
      this.#login.stop(new TransportError('host_unreachable', 'This machine slept meanwhile.'))
  }

  /** `now`: do not sit out a backoff. */
  connect(now: boolean): void {
    if (this.#isConnecting) {
      if (now) this.#wakeBackoff?.()
      return
    }
    if (this.#session !== null || this.#closing.signal.aborted) return
    this.#isConnecting = true
    void this.#connectLoop(now).finally(() => {
      this.#isConnecting = false
      // Something may have come to need the link after the loop had looked for the last time.
      if (this.#user.isNeeded()) this.connect(false)
    })
  }

  /** It brought what it was made for: however soon it breaks, the next may be made at once. */
  prove(): void {
    this.#falls = 0
  }

  async #connectLoop(now: boolean): Promise<void> {
    // One that breaks may be made again at once. Where each breaks over the same thing, that would be for ever.
    if (this.#falls > 1 && !now)
      await this.#waitFor(backoffMs(this.#falls - 1, 'down', this.#roll()))
    while (!this.#closing.signal.aborted && this.#user.isNeeded()) {
      this.#setView({ state: 'connecting', why: '' })
      try {
        const session = await this.#openSession()
        if (session === null) break
        if (this.#closing.signal.aborted) return session.close()
        return this.#onSession(session)
      } catch (error) {
        if (this.#closing.signal.aborted) return
        this.#onConnectFailed(asTransportError(error))
        if (!this.#user.isNeeded()) return
        await this.#backoff(asTransportError(error))
      }
    }
    if (this.#view.state === 'connecting') this.#setView({ state: 'idle', why: '' })
  }

  /** null: when its turn came, nothing needed it any more. */
  async #openSession(): Promise<Session | null> {
    const turn = await this.#takeTurn(this.#closing.signal, () => this.isAwaited())
    let outcome: Outcome = 'failed'
    const stop = new AbortController()
    try {
      if (!this.#user.isNeeded()) return null
      this.#login = {
        beganAt: this.#options.clock.now(),
        stop: (why) => stop.abort(why),
      }
      const session = await openSession(
        {
          ...this.#options,
          folder: this.#options.spec.folder,
          roundTrips: this.#roundTrips,
          sessions: this.#sessions,
          isNeeded: () => this.#user.isNeeded(),
          onLearned: () => this.#options.onLink(),
        },
        AbortSignal.any([this.#closing.signal, stop.signal]),
      )
      outcome = 'made'
      return session
    } catch (error) {
      // Who refuses us has taken us in to do so.
      if (error instanceof TransportError)
        outcome = error.isBusy ? 'busy' : error.permanent ? 'made' : 'failed'
      throw error
    } finally {
      this.#login = null
      turn.leave(outcome)
    }
  }

  /** A connection beside the link's, for what that has no room for. Whoever asks for it closes it. */
  async connectApart(signal: AbortSignal): Promise<Connection> {
    const until = AbortSignal.any([signal, this.#closing.signal])
    const turn = await this.#takeTurn(until, () => true)
    let outcome: Outcome = 'failed'
    try {
      const connection = await this.#options.transport.connect(until)
      outcome = 'made'
      return connection
    } finally {
      turn.leave(outcome)
    }
  }

  #takeTurn(signal: AbortSignal, isUrgent: () => boolean): Promise<ConnectTurn> {
    const { budget, transport } = this.#options
    return budget.enter(
      {
        place: async () => (await transport.gate?.()) ?? transport.address,
        isUrgent,
        onWait: (ahead) => {
          if (this.#session === null)
            this.#setView({ why: `waits for its turn behind ${ahead} other hosts` })
        },
      },
      signal,
    )
  }

  #backoff(error: TransportError): Promise<void> {
    const why = error.permanent ? 'refused' : error.isBusy ? 'busy' : 'down'
    return this.#waitFor(backoffMs(this.#failures, why, this.#roll()))
  }

  #roll(): number {
    return this.#options.dice.roll()
  }

  #waitFor(delayMs: number): Promise<void> {
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
    const { fingerprint, randomart, changedKey } = error
    const key = { askFingerprint: fingerprint, askRandomart: randomart, changedKey }
    this.#setView({ state, why: error.message, ...key })
    for (const done of this.#waiters) done(error)
    this.#user.onConnectFailed(error)
  }

  #onSession(session: Session): void {
    this.#session = session
    this.#failures = 0
    this.#upAt = this.#options.clock.monotonic()
    const { hello } = session.main
    this.#setView({
      state: 'linked',
      why: '',
      ...noKeyWaits,
      lastSeenAt: this.#options.clock.now(),
      facts: {
        system: hello.system,
        shell: '',
        bootId: hello.bootId,
        clockOffsetMs: hello.hostNow - hello.now,
        agent: agentText().hash,
        lacks: hello.lacks.map(lackInWords),
        checks: [],
      },
    })
    this.#hasRested = false
    session.onClose((why) => this.#onSessionClosed(session, why))
    for (const done of this.#waiters) done(session)
    this.#user.onUp(session)
  }

  #onSessionClosed(session: Session, why: string): void {
    if (this.#session !== session) return
    this.#session = null
    this.#stopWaits()
    this.#user.onDown()
    if (this.#closing.signal.aborted) return
    const isNeeded = this.#user.isNeeded()
    this.#setView(
      isNeeded
        ? { state: 'down', why, lastSeenAt: this.#options.clock.now() }
        : { state: 'idle', why: '' },
    )
    const isSteady = this.#options.clock.monotonic() - this.#upAt >= steadyMs
    this.#falls = isSteady || !isNeeded ? 0 : this.#falls + 1
    if (!isNeeded) return
    this.#user.onLost(why)
    this.connect(false)
  }

  /** Looks whether it is still needed. */
  rest(): void {
    this.#stopWaits()
    if (this.#user.isNeeded()) return
    this.#restOnce()
    this.#stopIdle = this.#options.clock.after(idleLinkMs, () => {
      if (!this.#user.isNeeded()) this.#session?.close()
    })
  }

  #restOnce(): void {
    const session = this.#session
    if (session === null || this.#hasRested) return
    this.#stopRest = this.#options.clock.after(restMs, () => {
      if (this.#session !== session || this.#user.isNeeded()) return
      this.#hasRested = true
      this.#user.onRest(session)
    })
  }

  /** Something needs it from here on. */
  stay(): void {
    this.#stopWaits()
    this.#session?.stir()
  }

  #stopWaits(): void {
    this.#stopIdle()
    this.#stopRest()
  }

  close(): void {
    this.#closing.abort(new TransportError('host_unreachable', 'Sluice is closing.'))
    this.#wakeBackoff?.()
    this.#stopWaits()
    this.#session?.close()
  }

  #facts(): HostFacts | null {
    const { facts } = this.#view
    const { max } = this.#sessions
    if (facts === null || max === null) return facts
    return { ...facts, checks: [...facts.checks, sessionsCheck(max)] }
  }

  #setView(change: Partial<LinkView>): void {
    this.#view = { ...this.#view, ...change }
    this.#options.onLink()
  }
}

/** What was learned from a refusal, not asked: there is no way to ask. */
function sessionsCheck(max: number): HostCheck {
  return {
    id: 'sessions',
    level: 'note',
    found: `${max} ${max === 1 ? 'session' : 'sessions'} on one connection`,
    cost:
      max === 1
        ? 'Logs and files share the channel that carries orders, and each debug shell takes a connection of its own. MaxSessions 3 in sshd_config mends it.'
        : `Orders take one and bytes another; debug shells beyond ${max - 2} take connections of their own. A higher MaxSessions in sshd_config mends it.`,
  }
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new TransportError('host_unreachable', message, { error })
}
