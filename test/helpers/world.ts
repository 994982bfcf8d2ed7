// A real engine on a real SQLite store, with scripted hosts and a clock that the test moves.
import { createHash } from 'node:crypto'
import type { Dice } from '../../electron/ports/dice.ts'
import type { Drain } from '../../electron/ports/placement.ts'
import type { Hosts } from '../../electron/ports/hosts.ts'
import type { RunStore } from '../../electron/ports/run-store.ts'
import type { Engine } from '../../electron/engine/engine.ts'
import { openEngine } from '../../electron/engine/loop.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { openStore } from '../../electron/store/open.ts'
import type { Store } from '../../electron/store/open.ts'
import { makeRunStore } from '../../electron/store/run-store.ts'
import { loadEvents, loadRun } from '../../electron/store/run-queries.ts'
import type { SemaphoreSpec } from '../../shared/pipeline/spec.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId, VersionId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { FakeFleet } from './fake-fleet.ts'
import { FakeHost } from './fake-hosts.ts'
import type { Behaviour } from './fake-hosts.ts'
import type { Network } from './fake-wires.ts'
import { virtualClock } from './virtual-clock.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface TaskSketch extends Partial<Omit<PlannedTask, 'name' | 'hosts'>> {
  host?: string
  hosts?: readonly string[]
}

/** Attempt behaviours by task, or by item (`load[3]`); a list gives one per attempt, its last for all that follow. */
export type Script = Record<string, Behaviour | Behaviour[]>

/** Stands for a SIGKILL between a commit and its effects. */
export class KilledAfterCommit extends Error {}

export interface World {
  clock: VirtualClock
  store: Store
  engine: Engine
  fleet: FakeFleet
  fatal: unknown[]
  /** Asked after each commit; true kills the engine before any effect starts. */
  killAfterCommit: () => boolean
  /** Hosts that a person has cordoned, and why; `engine.stir()` makes a change known. */
  closed: Map<string, string>
  /** A person has drained the engine; `engine.stir()` makes a change known. */
  drain: () => Drain | null
  /** Hosts that are in the workspace no more. */
  gone: Set<string>
  poolSlots: Map<string, number>
  semaphores: Map<string, Pick<SemaphoreSpec, 'slots' | 'starts'>>
  environmentSlots: Map<string, number>
  host(name: string): FakeHost
  start(tasks: Record<string, TaskSketch>, script?: Script): RunId
  startPlan(plan: RunPlan, script?: Script): RunId
  /** Kills the engine and opens another one on the same store. */
  crash(): void
  /** Moves time until the run has ended, at most an hour at a time, ten days in all. */
  finish(run: RunId): Promise<RunView>
  flow(ms: number): Promise<void>
  view(run: RunId): RunView
  stored(run: RunId): { plan: RunPlan; view: RunView }
  task(run: RunId, task: string): TaskView
  events(run: RunId): RunEvent[]
  states(run: RunId): Record<string, string>
}

export function seededDice(seed: number): Dice {
  let state = seed | 0
  const roll = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const tail = (length: number): string =>
    Array.from({ length }, () => Math.floor(roll() * 36).toString(36)).join('')
  return { roll, tail }
}

export function sketchPlan(tasks: Record<string, TaskSketch>, version = 'v1'): RunPlan {
  return {
    pipeline: 'sketch',
    environment: 'dev',
    version: version as VersionId,
    params: {},
    logicalDate: null,
    tasks: Object.entries(tasks).map(([name, { host, ...rest }]) => {
      const task = {
        name,
        needs: [],
        hosts: [host ?? 'a'],
        run: 'true',
        env: {},
        timeoutMs: null,
        graceMs: 5000,
        retries: { max: 0, delayMs: 1000, backoff: 'fixed' as const, capMs: 60_000, jitter: 0 },
        effect: 'idempotent' as const,
        files: [],
        inputs: {},
        outputs: {},
        remedies: [],
        ...rest,
      }
      const codeHash = createHash('sha256')
        .update(JSON.stringify([task.run, task.env, task.hosts]))
        .digest('hex')
      return { ...task, codeHash }
    }),
  }
}

export interface WorldOptions {
  seed?: number
  slots?: number
  hosts?: string[]
  network?: Network
  /** In place of an empty one in memory. */
  store?: Store
  /** What stands between the engine and its store or its hosts. */
  aroundStore?: (store: RunStore) => RunStore
  aroundHosts?: (hosts: Hosts) => Hosts
  soon?: (callback: () => void) => void
}

export function makeWorld(options: WorldOptions = {}): World {
  const clock = virtualClock()
  const dice = seededDice(options.seed ?? 1)
  const store = options.store ?? openStore(':memory:')
  const scripts: Script = {}
  const behave = (key: AttemptKey): Behaviour => {
    const { task, item, number } = parseAttemptKey(key)
    const script = scripts[taskKey(task, item)] ?? scripts[task] ?? {}
    if (!Array.isArray(script)) return script
    return script[Math.min(number, script.length) - 1] ?? {}
  }
  const hosts = new Map(
    (options.hosts ?? ['a', 'b']).map((name) => [name, new FakeHost(name, clock, behave)]),
  )
  const fatal: unknown[] = []
  const evaluator = openEvaluator()
  const closed = new Map<string, string>()
  const gone = new Set<string>()
  const poolSlots = new Map<string, number>()
  const semaphores: World['semaphores'] = new Map()
  const environmentSlots = new Map<string, number>()
  const open = (): { fleet: FakeFleet; engine: Engine } => {
    const fleet = new FakeFleet(hosts, clock, behave, options.network)
    const { aroundStore = same, aroundHosts = same } = options
    const runStore = aroundStore(makeRunStore(store))
    const engine = openEngine({
      store: {
        ...runStore,
        commit(changes, options) {
          runStore.commit(changes, options)
          if (world.killAfterCommit()) throw new KilledAfterCommit()
        },
      },
      hosts: aroundHosts(fleet),
      clock,
      dice,
      placement: {
        slotsOf: () => options.slots ?? 1000,
        poolSlotsOf: (pool) => poolSlots.get(pool) ?? null,
        environmentSlotsOf: (environment) => environmentSlots.get(environment) ?? null,
        semaphoreOf: (name) => semaphores.get(name) ?? null,
        hasHost: (host) => !gone.has(host),
        closedWhy: (host) => closed.get(host) ?? null,
        drain: () => world.drain(),
      },
      evaluator,
      judgement: {
        matching: (key, patterns) =>
          patterns.find((pattern) => (behave(key).says ?? '').includes(pattern)) ?? null,
        causeOf: (key) => behave(key).cause ?? 'unknown',
      },
      ...(options.soon === undefined ? {} : { soon: options.soon }),
      onFatal: (error) => fatal.push(error),
    })
    return { fleet, engine }
  }
  const stored = (run: RunId): { plan: RunPlan; view: RunView } => {
    const found = loadRun(store.db, run)
    if (found === null) throw new Error(`No run ${run}`)
    return found
  }
  const view = (run: RunId): RunView => stored(run).view
  const world: World = {
    clock,
    store,
    fatal,
    killAfterCommit: () => false,
    closed,
    drain: () => null,
    gone,
    poolSlots,
    semaphores,
    environmentSlots,
    ...open(),
    host(name) {
      const host = hosts.get(name)
      if (host === undefined) throw new Error(`No host ${name}`)
      return host
    },
    start: (tasks, script) => world.startPlan(sketchPlan(tasks), script),
    startPlan(plan, script = {}) {
      Object.assign(scripts, script)
      return world.engine.start({ plan, cause: { kind: 'person', by: 'ana' } })
    },
    crash() {
      world.fleet.die()
      world.engine.close()
      Object.assign(world, open())
      fatal.length = 0
      world.engine.recover()
    },
    async finish(run) {
      for (let waits = 0; waits < 20_000; waits += 1) {
        // Reading a big run takes its time: only when it may have ended.
        const now = world.engine.live(run) === null ? view(run) : null
        if (now !== null && now.endedAt !== null) return now
        const next = clock.nextIn()
        if (next === null)
          throw new Error(
            `Run ${run} is ${view(run).state} and nothing is due: ${JSON.stringify(world.states(run))}`,
          )
        await clock.flow(Math.min(next, 3_600_000))
        if (fatal.length > 0) throw fatal[0] as Error
      }
      throw new Error(`Run ${run} did not end`)
    },
    flow: (ms) => clock.flow(ms),
    view,
    stored,
    task(run, task) {
      const found = view(run).tasks[task]
      if (found === undefined) throw new Error(`No task ${task}`)
      return found
    },
    events: (run) => loadEvents(store.db, run, 0, 1_000_000),
    states: (run) =>
      Object.fromEntries(Object.entries(view(run).tasks).map(([key, task]) => [key, task.state])),
  }
  return world
}

function same<Value>(value: Value): Value {
  return value
}
