// The scripted machines as one engine sees them. Keeps the promises of the `Hosts` port (idempotent starts, reports after a
// reconnect) on a virtual clock.
import type { Clock } from '../../electron/ports/clock.ts'
import type { HostReport, Hosts, StartOrder } from '../../electron/ports/hosts.ts'
import type { Checkpoint } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Behaviour, FakeHost } from './fake-hosts.ts'
import { Wires } from './fake-wires.ts'
import type { Network } from './fake-wires.ts'

/** One engine's view of the machines. Dropped with the engine when a test crashes it. */
export class FakeFleet implements Hosts {
  readonly #hosts: ReadonlyMap<string, FakeHost>
  readonly #clock: Clock
  readonly #listeners = new Set<(report: HostReport) => void>()
  readonly #watched = new Map<AttemptKey, string>()
  readonly #pending: Pending[] = []
  readonly #behave: (key: AttemptKey) => Behaviour
  readonly #refused = new Set<AttemptKey>()
  /** Releases that were asked for and not yet confirmed. */
  readonly #releasing = new Map<AttemptKey, string>()
  readonly #wires: Wires
  readonly #network: Network | null
  /** That are up, or were when they were last needed. */
  readonly #links = new Map<string, object>()
  /** Whose link the engine knows to be up: until then nothing with a lease begins there, and none is renewed. */
  readonly #told = new Set<string>()
  #isGone = false

  constructor(
    hosts: ReadonlyMap<string, FakeHost>,
    clock: Clock,
    behave: (key: AttemptKey) => Behaviour,
    network: Network | null = null,
  ) {
    this.#hosts = hosts
    this.#clock = clock
    this.#behave = behave
    this.#network = network
    this.#wires = new Wires(clock, network)
    for (const host of hosts.values()) {
      host.onEnd = (key) => this.#tellEnd(host, key)
      host.onCheckpoint = (key, checkpoint) => this.#tellCheckpoint(host, key, checkpoint)
    }
    for (const host of hosts.values()) if (host.isUp) this.#heard(host)
  }

  start(name: string, order: StartOrder): void {
    const refused = this.#behave(order.key).notStarted
    if (refused !== undefined) {
      this.#refused.add(order.key)
      if (refused.cause === 'host_refused') this.#host(name).refusals.add(order.key)
      const end = {
        outcome: 'not_started' as const,
        ...refused,
        endedAt: this.#clock.now(),
        ...nothing,
      }
      return this.#later(() => this.#deliver({ kind: 'ended', host: name, key: order.key, end }))
    }
    const { key } = order
    this.#reach(name, {
      act: (host) => {
        host.start(order)
        this.#watched.set(key, name)
        this.#tell(host, key)
      },
      unheard: (host) => host.start(order),
      starts: key,
      ...(order.leaseMs === null ? {} : { isLeased: true }),
    })
  }

  watch(name: string, order: StartOrder): void {
    this.#reach(name, {
      act: (host) => {
        this.#watched.set(order.key, name)
        if (host.attempts.has(order.key)) this.#tell(host, order.key)
        else this.#report({ kind: 'absent', host: name, key: order.key })
      },
      asks: true,
    })
  }

  cancel(name: string, key: AttemptKey, graceMs: number): void {
    // What never reached the wire never will; what was refused has its end already.
    if (this.#refused.has(key)) return
    const unsent = this.#pending.findIndex(({ starts, isWritten }) => starts === key && !isWritten)
    if (unsent !== -1) {
      this.#pending.splice(unsent, 1)
      const end = { outcome: 'cancelled' as const, endedAt: this.#clock.now(), ...nothing }
      return this.#later(() => this.#deliver({ kind: 'ended', host: name, key, end }))
    }
    this.#reach(name, {
      act: (host) => {
        this.#watched.set(key, name)
        host.cancel(key, graceMs)
      },
      unheard: (host) => host.cancel(key, graceMs),
      asks: true,
    })
  }

  release(name: string, key: AttemptKey): void {
    this.#watched.delete(key)
    const unsent = this.#pending.findIndex(({ starts }) => starts === key)
    if (unsent !== -1) this.#pending.splice(unsent, 1)
    this.#releasing.set(key, name)
    this.#reach(name, { act: (host) => this.#forget(host, key) })
  }

  onReport(listener: (report: HostReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  drop(name: string): void {
    this.#host(name).isUp = false
    this.#host(name).setContact(false)
    this.#wires.cut(name)
    this.#told.delete(name)
    this.#deliver({ kind: 'unlinked', host: name, why: 'the connection was cut' })
  }

  restore(name: string): void {
    const host = this.#host(name)
    host.isUp = true
    this.#hello(host)
    for (const [key, at] of this.#watched) {
      if (at !== name) continue
      if (host.attempts.has(key)) this.#tell(host, key)
      else this.#report({ kind: 'absent', host: name, key })
    }
    this.#report({ kind: 'linked', host: name })
    for (const [key, at] of this.#releasing) if (at === name) this.#forget(host, key)
    // The host is asked about each first: one that it has seen begins nothing.
    const isSeen = (key: AttemptKey | null): boolean => key !== null && host.attempts.has(key)
    const mine = this.#pending.filter((one) => one.host === name)
    this.#goOn(mine.filter((one) => one.isLeased !== true || isSeen(one.starts)))
  }

  #goOn(pending: readonly Pending[]): void {
    for (const one of pending) {
      this.#pending.splice(this.#pending.indexOf(one), 1)
      one.act()
    }
  }

  #heard(host: FakeHost): void {
    host.setContact(true)
    this.#told.add(host.name)
  }

  /** The engine was killed: nothing reaches it, nothing comes from it. */
  die(): void {
    this.#isGone = true
    for (const host of this.#hosts.values()) host.setContact(false)
    this.#listeners.clear()
    this.#pending.length = 0
  }

  #reach(name: string, order: Order): void {
    const host = this.#host(name)
    const link = host.isUp ? this.#links.get(name) : undefined
    const { starts, isLeased } = order
    const run = (): void => {
      const isWritten = link !== undefined
      if (isWritten && (this.#isGone || !host.isUp)) this.#comeLate(host, link, order)
      if (this.#isGone) return
      const isSeen = starts !== undefined && host.attempts.has(starts)
      if (host.isUp && (isLeased !== true || isSeen || this.#told.has(name))) {
        if (!this.#links.has(name)) this.#hello(host)
        return order.act(host)
      }
      const pending: Pending = { host: name, act: run, starts: starts ?? null, isWritten }
      if (isLeased === true) pending.isLeased = true
      this.#pending.push(pending)
      if (host.isUp) return
      if (order.asks === true || isWritten) this.#tellDown(host)
      else if (starts !== undefined) this.#giveUpLater(pending, starts)
    }
    this.#wires.order(name, run)
  }

  /** The agent of a new link ends the one before it. */
  #hello(host: FakeHost): void {
    const link = {}
    this.#links.set(host.name, link)
    host.link = link
  }

  // What lies in a dead connection may be read by the host all the same, until another link is made.
  #comeLate(host: FakeHost, link: object, { unheard }: Order): void {
    const lateMs = this.#network?.lateMs() ?? null
    if (lateMs === null || unheard === undefined) return
    this.#clock.after(lateMs, () => {
      if (host.link === link) unheard(host)
    })
  }

  // Something may live there, and the host cannot be asked.
  #tellDown({ name }: FakeHost): void {
    if (this.#network === null) return
    this.#clock.after(this.#network.connectMs(), () => {
      if (!this.#host(name).isUp)
        this.#deliver({ kind: 'unlinked', host: name, why: 'it does not answer' })
    })
  }

  // What never reached the wire goes elsewhere, or is tried again.
  #giveUpLater(pending: Pending, key: AttemptKey): void {
    if (this.#network === null) return
    const { host } = pending
    this.#clock.after(START_WAIT_MS + this.#network.connectMs(), () => {
      const at = this.#pending.indexOf(pending)
      if (at === -1) return
      this.#pending.splice(at, 1)
      this.#refused.add(key)
      const how = { outcome: 'not_started', cause: 'host_unreachable' } as const
      const end = { ...how, message: 'no answer', endedAt: this.#clock.now(), ...nothing }
      this.#deliver({ kind: 'ended', host, key, end })
      const log = { bytes: 0, sha256: null, gaps: [] }
      this.#later(() => this.#deliver({ kind: 'log_closed', host, key, ...log }))
    })
  }

  #forget(host: FakeHost, key: AttemptKey): void {
    host.attempts.delete(key)
    host.refusals.delete(key)
    this.#report({ kind: 'released', host: host.name, key })
  }

  #later(act: () => void): void {
    this.#clock.after(1, () => {
      if (!this.#isGone) act()
    })
  }

  #tell(host: FakeHost, key: AttemptKey): void {
    const attempt = host.attempts.get(key)
    if (attempt === undefined) return
    const { startedAt } = attempt
    this.#report({
      kind: 'started',
      host: host.name,
      key,
      pid: 1,
      bootId: host.bootId,
      hostStartedAt: startedAt,
    })
    if (attempt.checkpoint !== undefined) this.#tellCheckpoint(host, key, attempt.checkpoint)
    if (attempt.end !== null) this.#tellEnd(host, key)
  }

  #tellCheckpoint(host: FakeHost, key: AttemptKey, checkpoint: Checkpoint): void {
    if (!host.isUp || !this.#watched.has(key)) return
    this.#report({ kind: 'checkpoint', host: host.name, key, checkpoint })
  }

  #tellEnd(host: FakeHost, key: AttemptKey): void {
    const end = host.attempts.get(key)?.end
    if (end === null || end === undefined || !host.isUp || !this.#watched.has(key)) return
    this.#report({ kind: 'ended', host: host.name, key, end })
    this.#later(() => {
      if (!host.isUp || this.#behave(key).noLog === true) return
      this.#report({
        kind: 'log_closed',
        host: host.name,
        key,
        bytes: 10,
        sha256: 'a'.repeat(64),
        gaps: [],
      })
    })
  }

  #report(report: HostReport): void {
    this.#wires.report(report, () => this.#deliver(report))
  }

  #deliver(report: HostReport): void {
    if (this.#isGone) return
    if (report.kind === 'released') this.#releasing.delete(report.key)
    if (report.kind === 'linked') this.#heard(this.#host(report.host))
    for (const listener of this.#listeners) listener(report)
    if (report.kind === 'linked')
      this.#goOn(this.#pending.filter((one) => one.host === report.host && one.isLeased === true))
  }

  #host(name: string): FakeHost {
    const host = this.#hosts.get(name)
    if (host === undefined) throw new Error(`No fake host ${name}`)
    return host
  }
}

/** As long as the fleet of real hosts waits. */
const START_WAIT_MS = 30_000

interface Order {
  act: (host: FakeHost) => void
  /** What becomes of it where nobody is there any more to hear the answer. */
  unheard?: (host: FakeHost) => void
  starts?: AttemptKey
  /** It is about what may live there. */
  asks?: boolean
  isLeased?: boolean
}

interface Pending {
  host: string
  act: () => void
  starts: AttemptKey | null
  /** It may have reached its host. */
  isWritten: boolean
  isLeased?: boolean
}

const nothing = { hostStartedAt: null, hostEndedAt: null, cpuMs: null, peakBytes: null }
