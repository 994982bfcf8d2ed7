// Machines that a test scripts: what each task does, and when the machine goes. On a virtual clock.
import type { Clock } from '../../electron/ports/clock.ts'
import type { StartOrder } from '../../electron/ports/hosts.ts'
import type { AttemptEnd, Checkpoint, OutputFile, TransportCause } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { JsonValue } from '../../shared/run/json.ts'

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
  /** The link that its agent listens to. An agent that starts ends the one before it: what still comes over that link is void. */
  link: object | null = null
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
    const leftMs = Math.ceil(leaseMs * 1.125) - (this.#clock.monotonic() - since)
    this.#clock.after(leftMs, () => {
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
    this.link = null
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
