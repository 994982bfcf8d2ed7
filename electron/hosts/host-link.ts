// The life of one host's link: made when something needs it, made again when it breaks, closed when nothing has needed it
// for a while. What travels over it is not known here.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { BlobStore } from '../ports/logs.ts'
import type { HostFacts, HostRow, LinkState } from '../../shared/api/views.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { agentText } from './agent-text.ts'
import { openSession, type Session } from './session.ts'
import { TransportError, type Transport } from './transport.ts'

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

const backoffMsMin = 250
const backoffMsMax = 30_000
const refusedRetryMs = 60_000
const idleLinkMs = 300_000
const restMs = 2_000

const noKeyWaits = { askFingerprint: null, askRandomart: '', changedKey: null } as const

export class HostLink {
  readonly #options: HostLinkOptions
  readonly #user: LinkUser
  readonly #closing = new AbortController()
  readonly #waiters = new Set<(outcome: Session | Error) => void>()
  #session: Session | null = null
  #isConnecting = false
  #failures = 0
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
    const roundTripMs = this.#session?.main.roundTripMs() ?? this.#view.roundTripMs
    return { ...this.#view, roundTripMs }
  }

  isAwaited(): boolean {
    return this.#waiters.size > 0
  }

  /** Makes the link when it is not up. Rejects with a TransportError. */
  linked(signal: AbortSignal): Promise<Session> {
    if (this.#session !== null) return Promise.resolve(this.#session)
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

  /** Tries again at once where a refusal made the next try far off. */
  retry(): void {
    this.#wakeBackoff?.()
    if (this.#view.state === 'refused') this.#setView({ state: 'idle', why: '', ...noKeyWaits })
  }

  /** `now`: do not sit out a backoff. */
  connect(now: boolean): void {
    if (this.#isConnecting) {
      if (now) this.#wakeBackoff?.()
      return
    }
    if (this.#session !== null || this.#closing.signal.aborted) return
    this.#isConnecting = true
    void this.#connectLoop().finally(() => {
      this.#isConnecting = false
      // Something may have come to need the link after the loop had looked for the last time.
      if (this.#user.isNeeded()) this.connect(false)
    })
  }

  async #connectLoop(): Promise<void> {
    while (!this.#closing.signal.aborted && this.#user.isNeeded()) {
      this.#setView({ state: 'connecting' })
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
        if (!this.#user.isNeeded()) return
        await this.#backoff(asTransportError(error).permanent)
      }
    }
    if (this.#view.state === 'connecting') this.#setView({ state: 'idle' })
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
    const { fingerprint, randomart, changedKey } = error
    const key = { askFingerprint: fingerprint, askRandomart: randomart, changedKey }
    this.#setView({ state, why: error.message, ...key })
    for (const done of this.#waiters) done(error)
    this.#user.onConnectFailed(error)
  }

  #onSession(session: Session): void {
    this.#session = session
    this.#failures = 0
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
        lacks: hello.lacks.map((word) => lackWords[word] ?? word),
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
    this.stay()
    this.#user.onDown()
    if (this.#closing.signal.aborted) return
    const isNeeded = this.#user.isNeeded()
    this.#setView(
      isNeeded
        ? { state: 'down', why, lastSeenAt: this.#options.clock.now() }
        : { state: 'idle', why: '' },
    )
    if (!isNeeded) return
    this.#user.onLost(why)
    this.connect(false)
  }

  /** Looks whether it is still needed. */
  rest(): void {
    this.stay()
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
    this.#stopIdle()
    this.#stopRest()
  }

  close(): void {
    this.#closing.abort(new TransportError('host_unreachable', 'Sluice is closing.'))
    this.#wakeBackoff?.()
    this.stay()
    this.#session?.close()
  }

  #setView(change: Partial<LinkView>): void {
    this.#view = { ...this.#view, ...change }
    this.#options.onLink()
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
