// Hosts that a test scripts: what each task does, and when the link or the machine goes. They keep the promises of the
// `Hosts` port (idempotent starts, reports after a reconnect) on a virtual clock.
import type { Clock } from '../../electron/ports/clock.ts'
import type { HostReport, Hosts, StartOrder } from '../../electron/ports/hosts.ts'
import type { AttemptEnd, Checkpoint, OutputFile, TransportCause } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { Wires } from './fake-wires.ts'
import type { Network } from './fake-wires.ts'

/** What a task's attempt does. Defaults: 1 s, exit 0, 10 log bytes. */
export interface Behaviour {
  ms?: number
  exit?: number
  signal?: string
  outputs?: OutputFile[]
  /** What it writes to `$SLUICE_OUTPUT`, or why that cannot be read. */
  values?: Record<string, JsonValue>
  badValues?: string
  /** What it has saved of its progress after so long. */
  checkpoints?: { atMs: number; values: Record<string, string> }[]
  /** A line of its log, and the class of cause that its log shows. */
  says?: string
  cause?: string
  /** Its log never comes. */
  noLog?: boolean
  /** Ignores TERM: lives until the grace has passed. */
  stubborn?: boolean
  notStarted?: { cause: TransportCause; message: string }
}

interface Attempt {
  order: StartOrder
  startedAt: number
  end: AttemptEnd | null
  checkpoint?: Checkpoint
  stop: () => void
}

/** A machine; it outlives the engine, as real ones do. */
export class FakeHost {
  readonly name: string
  readonly attempts = new Map<AttemptKey, Attempt>()
  /** Records of orders that it refused. */
  readonly refusals = new Set<AttemptKey>()
  /** Starts that really began something, per key: more than one is a double start. */
  readonly starts = new Map<AttemptKey, number>()
  isUp = true
  /** Since when no engine could speak to it: what its leases count from. */
  #silentSince: number | null = null
  /** Since when one can. */
  heardSince: number | null = null
  liveMax = 0
  /** Every order that began something, in the order they came. */
  readonly orders: StartOrder[] = []
  onCheckpoint: (key: AttemptKey, checkpoint: Checkpoint) => void = () => undefined
  bootId = 'boot-1'
  /** How far its clock is from the engine's. */
  clockAheadMs = 0
  onEnd: (key: AttemptKey) => void = () => undefined
  readonly #clock: Clock
  readonly #behave: (key: AttemptKey) => Behaviour

  constructor(name: string, clock: Clock, behave: (key: AttemptKey) => Behaviour) {
    this.name = name
    this.#clock = clock
    this.#behave = behave
  }

  /** H1: a key that was seen is not started again. */
  start(order: StartOrder): Attempt {
    const seen = this.attempts.get(order.key)
    if (seen !== undefined) return seen
    this.starts.set(order.key, (this.starts.get(order.key) ?? 0) + 1)
    const behaviour = this.#behave(order.key)
    const startedAt = this.#now()
    const attempt: Attempt = { order, startedAt, end: null, stop: () => undefined }
    attempt.stop = this.#clock.after(behaviour.ms ?? 1000, () =>
      this.#finish(order.key, naturalEnd(behaviour)),
    )
    this.attempts.set(order.key, attempt)
    this.orders.push(order)
    for (const { atMs, values } of behaviour.checkpoints ?? []) {
      this.#clock.after(atMs, () => {
        if (attempt.end !== null) return
        const checkpoint = { savedAt: this.#now(), values, folder: null }
        attempt.checkpoint = checkpoint
        this.onCheckpoint(order.key, checkpoint)
      })
    }
    if (this.#silentSince !== null) this.#watchLease(order.key)
    const live = [...this.attempts.values()].filter((one) => one.end === null).length
    this.liveMax = Math.max(this.liveMax, live)
    return attempt
  }

  cancel(key: AttemptKey, graceMs: number): void {
    const attempt = this.attempts.get(key)
    // A start of this key that is still on its way must find it taken.
    if (attempt === undefined) return this.#take(key)
    if (attempt.end !== null) return this.onEnd(key)
    const delay = this.#behave(key).stubborn === true ? graceMs : 1
    attempt.stop()
    attempt.stop = this.#clock.after(delay, () => this.#finish(key, { outcome: 'cancelled' }))
  }

  /** The engine is there, or it is not. */
  setContact(isThere: boolean): void {
    if (isThere) {
      this.#silentSince = null
      this.heardSince ??= this.#clock.monotonic()
    } else if (this.#silentSince === null) {
      this.heardSince = null
      this.#silentSince = this.#clock.monotonic()
      for (const [key, { end }] of this.attempts) if (end === null) this.#watchLease(key)
    }
  }

  // H3: the supervisor's own look; nobody else has to be there.
  #watchLease(key: AttemptKey): void {
    const { leaseMs, graceMs } = this.attempts.get(key)?.order ?? {}
    const since = this.#silentSince
    if (leaseMs == null || since === null) return
    const grace = this.#behave(key).stubborn === true ? (graceMs ?? 0) : 1
    // As late as a real supervisor may look.
    this.#clock.after(Math.ceil(leaseMs * 1.125), () => {
      if (this.#silentSince !== since) return
      this.#clock.after(grace, () => this.#finish(key, { outcome: 'lost', cause: 'lease_expired' }))
    })
  }

  #take(key: AttemptKey): void {
    const order = { key, run: '', env: {}, files: [], outputs: {} }
    const limits = { timeoutMs: null, graceMs: 0, leaseMs: null, logLimitBytes: null }
    const startedAt = this.#now()
    const stop = (): void => undefined
    this.attempts.set(key, { order: { ...order, ...limits }, startedAt, end: null, stop })
    this.#finish(key, { outcome: 'cancelled' })
  }

  /** Every process is gone and the boot id is another. */
  reboot(): void {
    this.bootId = `${this.bootId}+`
    for (const [key, attempt] of this.attempts) {
      if (attempt.end !== null) continue
      attempt.stop()
      this.#finish(key, { outcome: 'lost', cause: 'host_rebooted' })
    }
  }

  #finish(key: AttemptKey, what: EndWhat): void {
    const attempt = this.attempts.get(key)
    if (attempt === undefined || attempt.end !== null) return
    attempt.end = {
      ...what,
      endedAt: this.#clock.now(),
      hostStartedAt: attempt.startedAt,
      hostEndedAt: this.#now(),
      cpuMs: 1,
      peakBytes: 1,
    } as AttemptEnd
    this.onEnd(key)
  }

  #now(): number {
    return this.#clock.now() + this.clockAheadMs
  }
}

type EndWhat =
  | ({ outcome: 'exited'; exit: number } & Pick<Behaviour, 'outputs' | 'values' | 'badValues'>)
  | { outcome: 'signalled'; signal: string }
  | { outcome: 'cancelled' }
  | { outcome: 'lost'; cause: 'host_rebooted' | 'lease_expired' }

function naturalEnd(behaviour: Behaviour): EndWhat {
  if (behaviour.signal !== undefined) return { outcome: 'signalled', signal: behaviour.signal }
  const outputs = behaviour.outputs === undefined ? {} : { outputs: behaviour.outputs }
  const values = behaviour.values === undefined ? {} : { values: behaviour.values }
  const bad = behaviour.badValues === undefined ? {} : { badValues: behaviour.badValues }
  return { outcome: 'exited', exit: behaviour.exit ?? 0, ...outputs, ...values, ...bad }
}

/** One engine's view of the machines. Dropped with the engine when a test crashes it. */
export class FakeFleet implements Hosts {
  readonly #hosts: ReadonlyMap<string, FakeHost>
  readonly #clock: Clock
  readonly #listeners = new Set<(report: HostReport) => void>()
  readonly #watched = new Map<AttemptKey, string>()
  readonly #pending: { host: string; act: () => void; starts?: AttemptKey }[] = []
  readonly #behave: (key: AttemptKey) => Behaviour
  readonly #refused = new Set<AttemptKey>()
  /** Releases that were asked for and not yet confirmed. */
  readonly #releasing = new Map<AttemptKey, string>()
  readonly #wires: Wires
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
    this.#wires = new Wires(clock, network)
    for (const host of hosts.values()) {
      host.onEnd = (key) => this.#tellEnd(host, key)
      host.onCheckpoint = (key, checkpoint) => this.#tellCheckpoint(host, key, checkpoint)
    }
    for (const host of hosts.values()) if (host.isUp) host.setContact(true)
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
    const act = (host: FakeHost): void => {
      host.start(order)
      this.#watched.set(order.key, name)
      this.#tell(host, order.key)
    }
    this.#reach(name, act, order.key)
  }

  watch(name: string, order: StartOrder): void {
    this.#reach(name, (host) => {
      this.#watched.set(order.key, name)
      if (host.attempts.has(order.key)) this.#tell(host, order.key)
      else this.#report({ kind: 'absent', host: name, key: order.key })
    })
  }

  cancel(name: string, key: AttemptKey, graceMs: number): void {
    // What never reached the wire never will; what was refused has its end already.
    if (this.#refused.has(key)) return
    const unsent = this.#pending.findIndex(({ starts }) => starts === key)
    if (unsent !== -1) {
      this.#pending.splice(unsent, 1)
      const end = { outcome: 'cancelled' as const, endedAt: this.#clock.now(), ...nothing }
      return this.#later(() => this.#deliver({ kind: 'ended', host: name, key, end }))
    }
    this.#reach(name, (host) => {
      this.#watched.set(key, name)
      host.cancel(key, graceMs)
    })
  }

  release(name: string, key: AttemptKey): void {
    this.#watched.delete(key)
    this.#releasing.set(key, name)
    this.#reach(name, (host) => this.#forget(host, key))
  }

  onReport(listener: (report: HostReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  drop(name: string): void {
    this.#host(name).isUp = false
    this.#host(name).setContact(false)
    this.#wires.cut(name)
    this.#deliver({ kind: 'unlinked', host: name, why: 'the connection was cut' })
  }

  restore(name: string): void {
    const host = this.#host(name)
    host.isUp = true
    host.setContact(true)
    for (const [key, at] of this.#watched) {
      if (at !== name) continue
      if (host.attempts.has(key)) this.#tell(host, key)
      else this.#report({ kind: 'absent', host: name, key })
    }
    this.#report({ kind: 'linked', host: name })
    for (const [key, at] of this.#releasing) if (at === name) this.#forget(host, key)
    const mine = this.#pending.filter((one) => one.host === name)
    for (const one of mine) {
      this.#pending.splice(this.#pending.indexOf(one), 1)
      one.act()
    }
  }

  /** The engine was killed: nothing reaches it, nothing comes from it. */
  die(): void {
    this.#isGone = true
    for (const host of this.#hosts.values()) host.setContact(false)
    this.#listeners.clear()
    this.#pending.length = 0
  }

  #reach(name: string, act: (host: FakeHost) => void, starts?: AttemptKey): void {
    const host = this.#host(name)
    const run = (): void => {
      if (this.#isGone) return
      if (host.isUp) act(host)
      else this.#pending.push({ host: name, act: run, ...(starts === undefined ? {} : { starts }) })
    }
    this.#wires.order(name, run)
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
    for (const listener of this.#listeners) listener(report)
  }

  #host(name: string): FakeHost {
    const host = this.#hosts.get(name)
    if (host === undefined) throw new Error(`No fake host ${name}`)
    return host
  }
}

const nothing = { hostStartedAt: null, hostEndedAt: null, cpuMs: null, peakBytes: null }
