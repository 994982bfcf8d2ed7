// The life of each attempt of one host: what the host's words mean for it, how it ends, and what is told of that.
//   H1  An order that reached the wire is never answered "not started" by us: after a cut the host is asked.
//   H4  running, ended, gone (supervisor dead), rebooted, absent are the host's words; each has one meaning here.
//       Who asks for them never waits for files, which may take hours: those come and go aside.
//   H5  Before an attempt whose supervisor died is reported lost, whatever it left running is stopped and proved gone.
//   A host's home folder may be another machine's too: what only that one can tell is no end.
import type { Clock } from '../ports/clock.ts'
import type { HostReport } from '../ports/hosts.ts'
import type { BlobStore, LogStore } from '../ports/logs.ts'
import { readSecrets, type Secrets } from '../ports/secrets.ts'
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import {
  attemptEnd,
  nothingRan,
  readHostEnd,
  readHostState,
  type HostEnd,
  type HostState,
} from './attempt-record.ts'
import { FilesRefused } from './courier.ts'
import { filesOf, HandedBack } from './handed-back.ts'
import { mayLive, neverRanEnd, type Attempt, type NeverRan } from './host-attempt.ts'
import type { KnownFolders } from './known-folders.ts'
import type { LeaseRenewals } from './lease-renewals.ts'
import type { LogPump } from './log-pump.ts'
import type { Session } from './session.ts'
import { isGood, SnapshotDesk, wantsSnapshot } from './snapshot-desk.ts'
import { startLine } from './start-line.ts'
import type { TransportError } from './transport.ts'

export interface AttemptLifeOptions {
  host: string
  /** Those that are known, by key. One that has left it is nobody's. */
  attempts: Map<AttemptKey, Attempt>
  logs: LogStore
  blobs: BlobStore
  clock: Clock
  pump: LogPump
  leases: LeaseRenewals
  secrets: Secrets
  /** null: nobody remembers. */
  knownFolders: KnownFolders | null
  onReport: (report: HostReport) => void
  /** That the link is up; until then no copy with a lease may begin. */
  isTold: () => boolean
  /** Its link is still the one there is. */
  isCurrent: (session: Session) => boolean
  /** Goes on while others are spoken of; what it rejects with is dealt with. */
  aside: (session: Session, work: () => Promise<void>) => void
  /** A start was answered. */
  onStarted: (session: Session) => void
  /** One needs the host no more. */
  onRest: () => void
  onError: (error: unknown) => void
}

/** An attempt that no channel would take is given up after this long. */
const startWaitMs = 30_000
/** The first failure after a sleep is that of a try that slept. */
const failedConnectsMin = 2
/** A host that is there and takes no more logins at this moment is not out of reach. */
const busyWaitMs = 900_000
/** The agent looks at those of one line together. */
const keysPerLine = 400

export class AttemptLife {
  readonly #options: AttemptLifeOptions
  readonly #snapshots: SnapshotDesk
  readonly #handedBack: HandedBack
  /** Orders may have gone to a folder that is not there any more. */
  #hasMoved = false

  constructor(options: AttemptLifeOptions) {
    this.#options = options
    this.#snapshots = new SnapshotDesk(options.clock)
    this.#handedBack = new HandedBack(options)
  }

  /** Rejects, as all that speak to the host do, when its link breaks: the next one asks again. */
  async begin(attempt: Attempt, session: Session): Promise<void> {
    const { leases, onStarted } = this.#options
    const { order } = attempt
    // Whoever fails it over has not heard of this link.
    if (order.leaseMs !== null && !this.#options.isTold()) return
    // An order without any is written in this turn: no look may come before it.
    const secrets =
      order.secrets === undefined
        ? { env: {}, whys: [] }
        : await readSecrets(this.#options.secrets, order.secrets)
    if (secrets.whys.length > 0) {
      if (!this.#isOpen(attempt) || attempt.isWritten) return
      return this.#notStarted(attempt, 'secret_missing', secrets.whys.join('. '))
    }
    try {
      const heardMs =
        order.leaseMs === null ? null : await leases.heardUptimeMs(session, order.leaseMs)
      const isNarrow = session.main.hello.lacks.includes('wide')
      const env = { ...secrets.env, ...order.env }
      const lacksPrintf = session.main.hello.lacks.includes('printf')
      const line = startLine({ ...order, env }, heardMs, { isNarrow, lacksPrintf })
      const files = filesOf(order)
      if (!session.courier.has(files)) await session.courier.provide(files)
      if (!this.#isOpen(attempt) || attempt.isWritten || !this.#options.isCurrent(session)) return
      attempt.isWritten = true
      attempt.isAsked = true
      if (order.leaseMs !== null) leases.arm()
      // A link that breaks leaves the next one to ask.
      const { words } = await session.main.ask(line).finally(() => (attempt.isAsked = false))
      onStarted(session)
      await this.#onState(attempt, readHostState(words), session)
    } catch (error) {
      if (!(error instanceof FilesRefused) || !this.#isOpen(attempt)) throw error
      this.#notStarted(attempt, error.reason, error.message)
    }
  }

  /** Over a new link: asks for those that may live there. */
  async takeUp(attempts: readonly Attempt[], session: Session): Promise<void> {
    const { knownFolders, host } = this.#options
    const { folderId } = session.main.hello
    if (knownFolders === null || folderId === '') return await this.look(attempts, session)
    if (await knownFolders.enter(host, folderId)) this.#hasMoved = true
    for (const attempt of attempts) this.#doubt(attempt)
    await this.look(attempts, session)
    await knownFolders.settle(host, folderId)
  }

  // H1: what an earlier process had ordered and is absent here may have begun in a folder that somebody removed, or on the
  // machine that had this name before.
  #doubt(attempt: Attempt): void {
    if (this.#hasMoved && attempt.wish === 'watch') attempt.isSeen = true
  }

  async look(attempts: readonly Attempt[], session: Session): Promise<void> {
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

  /** A notice of the host. */
  async hear(words: readonly string[], session: Session): Promise<void> {
    const attempt = this.#options.attempts.get((words[1] ?? '') as AttemptKey)
    if (attempt === undefined) return
    if (words[0] === 'saved' && attempt.onEnd === null && this.#isOpen(attempt))
      return await this.#handedBack.hear(attempt, words.slice(2), session)
    const end = words[0] === 'ended' ? readHostEnd(words.slice(2)) : null
    if (end !== null) await this.#onEnded(attempt, end, session)
  }

  /** As after a restart. */
  async attach(attempt: Attempt, session: Session): Promise<void> {
    this.#doubt(attempt)
    await this.look([attempt], session)
    await this.askSaved([attempt], session)
  }

  /** What those that run have saved while nobody heard it. */
  async askSaved(attempts: readonly Attempt[], session: Session): Promise<void> {
    const open = attempts.filter(
      (one) => this.#isOpen(one) && one.isSeen && one.onEnd === null && one.endsOver !== session,
    )
    for (let at = 0; at < open.length; at += keysPerLine)
      await this.#handedBack.ask(open.slice(at, at + keysPerLine), session, false)
  }

  forget(key: AttemptKey): void {
    this.#handedBack.forget(key)
  }

  /** Attempts of which only another machine with this home can tell whether they live. */
  elsewhere(): { key: AttemptKey; why: string }[] {
    const found: { key: AttemptKey; why: string }[] = []
    for (const { order, elsewhere, hasEnded, onEnd } of this.#options.attempts.values()) {
      if (elsewhere === null || hasEnded || onEnd !== null) continue
      const why = `it was started on ${elsewhere}, and this link leads to another machine with the same home`
      found.push({ key: order.key, why })
    }
    return found
  }

  /** No link could be made. True: of what may live there nothing is known. */
  connectFailed(error: TransportError): boolean {
    const now = this.#options.clock.monotonic()
    const waitMs = error.isBusy ? busyWaitMs : startWaitMs
    let isWatched = false
    for (const attempt of this.#options.attempts.values()) {
      if (attempt.hasEnded) continue
      if (mayLive(attempt)) isWatched = true
      else {
        attempt.failedConnects++
        const isTried =
          attempt.failedConnects >= failedConnectsMin && now - attempt.askedAt >= waitMs
        if (error.permanent || isTried) this.#notStarted(attempt, error.kind, error.message)
      }
    }
    return isWatched
  }

  async #onState(attempt: Attempt, state: HostState | null, session: Session): Promise<void> {
    if (!this.#isOpen(attempt) || state === null) return
    const { key } = attempt.order
    attempt.elsewhere = state.kind === 'elsewhere' ? state.machine : null
    switch (state.kind) {
      // Its log and its end come by the home folder that they share; that it lives cannot be seen from here.
      case 'elsewhere':
        attempt.isWritten = true
        if (attempt.onEnd === null) this.#options.pump.follow(key, attempt.order.logLimitBytes)
        return
      case 'running': {
        const { bootId, pid, hostStartedAt } = state
        attempt.isWritten = true
        attempt.isSeen = true
        if (attempt.onEnd !== null) return
        this.#options.pump.follow(key, attempt.order.logLimitBytes)
        return this.#report({
          kind: 'started',
          host: this.#host,
          key,
          pid,
          bootId,
          hostStartedAt,
        })
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
        if (attempt.endsOver === session) return
        attempt.endsOver = session
        return this.#options.aside(session, async () => {
          await this.#tellSaved(attempt, session)
          await this.#tellSnapshot(attempt, session, false)
          if (this.#isOpen(attempt)) this.#ended(attempt, this.#lost('host_rebooted'))
        })
      case 'refused':
        await this.#tellSnapshot(attempt, session, false)
        if (!this.#isOpen(attempt)) return
        return this.#notStarted(attempt, 'host_refused', state.message)
      case 'absent':
        // H1: its records were removed. It is never started again; what lives of it is stopped and proved gone (H5).
        if (attempt.isSeen) return await this.sendCancel(key, attempt.order.graceMs, session)
        // A look may overtake the supervisor that is about to take the key; its answer is on the way.
        if (attempt.cancelGraceMs !== null || attempt.isAsked) return
        if (attempt.wish === 'start') {
          attempt.isWritten = false
          return this.#options.aside(session, () => this.begin(attempt, session))
        }
        this.#options.attempts.delete(key)
        return this.#report({ kind: 'absent', host: this.#host, key })
    }
  }

  // A notice, a look and the answer to a cancel may all tell it: a second fetch of its outputs would go on after the end that
  // the first one leads to, and find them released.
  async #onEnded(attempt: Attempt, hostEnd: HostEnd, session: Session): Promise<void> {
    if (!this.#isOpen(attempt) || attempt.endsOver === session) return
    attempt.endsOver = session
    const now = this.#options.clock.now()
    const end = attemptEnd(hostEnd, now, attempt.cancelGraceMs !== null)
    if (end.outcome === 'not_started') return this.#notStarted(attempt, end.cause, end.message)
    const finish = (): Promise<void> => this.#finish(attempt, { end, hostEnd }, session)
    if (mayBringFiles(attempt, hostEnd)) this.#options.aside(session, finish)
    else await finish()
  }

  /** Its end comes after all that belongs to it. */
  async #finish(
    attempt: Attempt,
    { end, hostEnd }: { end: AttemptEnd; hostEnd: HostEnd },
    session: Session,
  ): Promise<void> {
    const { key, outputs } = attempt.order
    if (end.outcome === 'exited' && end.exit === 0) {
      if (Object.keys(outputs).length > 0) {
        const fetched = await session.courier.fetchOutputs(key, outputs)
        end.outputs = fetched.outputs
        if (fetched.missing.length > 0) end.missingOutputs = fetched.missing
      }
      if (hostEnd.hasValues && attempt.onEnd === null)
        Object.assign(end, await this.#handedBack.values(key, session))
    }
    if (hostEnd.hasSaved && !isGood(end)) await this.#tellSaved(attempt, session)
    if (wantsSnapshot(end)) await this.#tellSnapshot(attempt, session, end.outcome !== 'lost')
    if (this.#isOpen(attempt)) this.#ended(attempt, end)
  }

  // Where its next attempt goes on, before it may begin.
  async #tellSaved(attempt: Attempt, session: Session): Promise<void> {
    if (attempt.onEnd === null) await this.#handedBack.ask([attempt], session, true)
  }

  // H10, before the end it belongs to. Whatever comes of it, the end follows.
  async #tellSnapshot(attempt: Attempt, session: Session, isKept: boolean): Promise<void> {
    const { key } = attempt.order
    // Nobody asks why a command outside any run failed.
    if (attempt.onEnd !== null) return
    const snapshot = await this.#snapshots.of(key, session.main, isKept)
    if (snapshot === null || !this.#isOpen(attempt)) return
    this.#report({ kind: 'snapshot', host: this.#host, key, snapshot })
  }

  /** Its end is known; its log, if there may be one, is still to come. */
  #ended(attempt: Attempt, end: AttemptEnd): void {
    attempt.hasEnded = true
    if (attempt.onEnd !== null) return attempt.onEnd(end)
    this.#report({ kind: 'ended', host: this.#host, key: attempt.order.key, end })
    const hasLog = attempt.isSeen || end.hostStartedAt !== null
    this.#options.pump.finish(attempt.order.key, attempt.order.logLimitBytes, hasLog)
  }

  #notStarted(attempt: Attempt, cause: TransportCause, message: string): void {
    this.neverRan(attempt, { outcome: 'not_started', cause, message })
  }

  neverRan(attempt: Attempt, how: NeverRan): void {
    const { key } = attempt.order
    const end = neverRanEnd(how, this.#options.clock.now())
    attempt.hasEnded = true
    attempt.isLogClosed = true
    if (attempt.onEnd !== null) return attempt.onEnd(end)
    this.#report({ kind: 'ended', host: this.#host, key, end })
    this.#options.logs.close(key, []).then(
      () =>
        this.#report({
          kind: 'log_closed',
          host: this.#host,
          key,
          bytes: 0,
          sha256: null,
          gaps: [],
        }),
      (error) => this.#options.onError(error),
    )
    this.#options.onRest()
  }

  async sendCancel(key: AttemptKey, graceMs: number, session: Session): Promise<void> {
    const how = this.#options.attempts.get(key)?.isSeen === true ? ' vanished' : ''
    const { words } = await session.main.ask(`cancel ${key} ${graceMs}${how}`)
    const attempt = this.#options.attempts.get(key)
    if (attempt === undefined || words[0] === 'stopping') return
    // Another order for the key came between: ask again, and find it running.
    if (words[0] === 'retry') return await this.sendCancel(key, graceMs, session)
    await this.#onState(attempt, readHostState(words), session)
  }

  #lost(cause: 'host_rebooted'): AttemptEnd {
    return { ...nothingRan, endedAt: this.#options.clock.now(), outcome: 'lost', cause }
  }

  get #host(): string {
    return this.#options.host
  }

  #report(report: HostReport): void {
    this.#options.onReport(report)
  }

  #isOpen(attempt: Attempt): boolean {
    return !attempt.hasEnded && this.#options.attempts.get(attempt.order.key) === attempt
  }
}

/** Before it is told. */
function mayBringFiles({ order }: Attempt, end: HostEnd): boolean {
  const hasOutputs = end.hasValues || Object.keys(order.outputs).length > 0
  return end.hasSaved || (end.how === 'exited' && end.detail === '0' && hasOutputs)
}
