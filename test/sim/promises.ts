// What must hold at every moment, found without asking the engine for its opinion.
import { isDeepStrictEqual } from 'node:util'
import { loadPlan } from '../../electron/store/run-queries.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { foldEvent, newRunView } from '../../shared/run/fold.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { KilledAfterCommit } from '../helpers/world.ts'
import { must } from './broken.ts'
import { isDiskFull } from './disk.ts'
import { allRuns, planOfRun, viewOf } from './life.ts'
import type { Life } from './life.ts'
import { expectedFor } from './rule-oracle.ts'
import { HOSTS } from './sim-case.ts'
import { checkNotIdle } from './start-promises.ts'

export function checkNow(life: Life): void {
  const { world, sim } = life
  const bug = world.fatal.find(
    (error) => !(error instanceof KilledAfterCommit || isDiskFull(error)),
  )
  if (bug !== undefined) throw bug as Error
  for (const name of HOSTS) {
    const host = world.host(name)
    must(host.liveMax <= sim.limits.slots, 'slots of a host', () => `${name}: ${host.liveMax}`)
    for (const [key, count] of host.starts) must(count === 1, 'H1: one start of a key', () => key)
  }
  // What an engine that has stopped thinks is no matter.
  if (world.fatal.length > 0) return
  checkCopies(life)
  const held = new Map<string, number>()
  for (const run of allRuns(life)) {
    const view = viewOf(life, run)
    const plan = planOfRun(life, run)
    const isLive = world.engine.live(run) !== null
    for (const task of Object.values(view.tasks)) {
      const open = task.attempts.filter((attempt) => attempt.state !== 'ended').length
      const key = taskKey(task.task, task.item)
      must(open <= 1, 'at most one live attempt per task run', () => `${key} has ${open}`)
      must(isLive || open === 0, 'no attempt lives in a run that has ended', () => key)
      const count = open + task.attempts.filter(keepsWeights).length
      if (count > 0) hold(held, plan, task.task, count)
    }
    const { retryBudget = Number.POSITIVE_INFINITY } = plan
    must((view.retries ?? 0) <= retryBudget, 'retries stay in the budget of the run')
    if (!isLive) continue
    checkFans(view, plan)
    checkNobodyForgotten(view, plan)
  }
  checkHeld(life, held)
  checkNotIdle(life)
}

// Given up and not proved gone; one that was failed over is stopped by its lease.
function keepsWeights({ end, fenced }: AttemptView): boolean {
  return fenced === null && end?.outcome === 'lost' && end.cause !== 'failed_over'
}

function hold(held: Map<string, number>, plan: RunPlan, name: string, count: number): void {
  const task = plannedOf(plan, name)
  const add = (limit: string, weight: number): void => {
    held.set(limit, (held.get(limit) ?? 0) + weight * count)
  }
  add('semaphore', task?.semaphores?.['db'] ?? 0)
  add('environment', 1)
  add(`pipeline ${plan.pipeline}`, 1)
  if (task?.pool != null) add('pool', 1)
}

function checkHeld({ sim: { limits }, plan }: Life, held: ReadonlyMap<string, number>): void {
  const stays = (name: string, limit: string, max: number | null): void => {
    const used = held.get(limit) ?? 0
    must(max === null || used <= max, `slots of ${name}`, () => `${used} of ${max}`)
  }
  stays('the semaphore', 'semaphore', limits.semaphore)
  stays('the environment', 'environment', limits.environment)
  stays('the pool', 'pool', limits.pool)
  stays('the pipeline', `pipeline ${plan.pipeline}`, limits.pipeline)
}

/** With a lease, no two copies of one task run live at once, whatever the engine thinks of them. */
function checkCopies(life: Life): void {
  const { witness } = life
  const leased = new Map<string, string>()
  for (const name of HOSTS) {
    for (const [key, { order, end }] of life.world.host(name).attempts) {
      if (end !== null) continue
      checkStopped(life, name, key)
      if (order.leaseMs === null) continue
      const { run, task, item } = parseAttemptKey(key)
      // Whoever gives up an attempt or has it failed over vouches that the copy is dead.
      if (witness.vouched.has(key)) continue
      const of = `${run} ${taskKey(task, item)}`
      const before = leased.get(of)
      must(
        before === undefined,
        'no two live copies of a leased task',
        () => `${before} and ${key}`,
      )
      leased.set(of, key)
    }
  }
}

/** A copy that was given up and lives all the same ends soon after its host is heard again. */
function checkStopped({ world, witness, sim }: Life, name: string, key: AttemptKey): void {
  const lostAt = witness.lost.get(key)
  const { heardSince } = world.host(name)
  if (lostAt === undefined || heardSince === null) return
  const ms = world.clock.monotonic() - Math.max(lostAt, heardSince)
  const maxMs = STOP_MS_MAX + (sim.disk.slow > 0 ? SLOW_DISK_MS : 0)
  must(ms <= maxMs, 'a copy that was given up is stopped', () => `${key} lives after ${ms} ms`)
}

/** An order is on its way for 15 s, and a grace is 5 s, at most. */
const STOP_MS_MAX = 40_000
const SLOW_DISK_MS = 600_000

function checkFans(view: RunView, plan: RunPlan): void {
  for (const { name, fanOut } of plan.tasks) {
    const head = view.tasks[name]
    if (fanOut === undefined || head?.fan === undefined) continue
    const states = head.fan.list.map((_, at) => view.tasks[taskKey(name, at)]?.state ?? 'waiting')
    const counts: Partial<Record<TaskState, number>> = {}
    for (const state of states) counts[state] = (counts[state] ?? 0) + 1
    must(
      isDeepStrictEqual({ ...head.fan.counts }, counts),
      'a fan-out counts its items',
      () => name,
    )
    const live = states.filter((state) => state !== 'waiting' && !isTaskEnd(state)).length
    const { maxParallel } = fanOut
    must(maxParallel === null || live <= maxParallel, 'max_parallel', () => `${name}: ${live}`)
  }
}

/** Whatever may begin has begun: no task run waits for something that has happened. */
function checkNobodyForgotten(view: RunView, plan: RunPlan): void {
  if (view.paused !== undefined || view.cancelAsked !== null || view.stopAsked !== undefined) return
  const stateOf = (task: string): TaskState => view.tasks[task]?.state ?? 'waiting'
  for (const task of plan.tasks) {
    const now = view.tasks[task.name]
    if (now?.state !== 'waiting' || now.held !== undefined) continue
    if (task.isFinal === true || task.teardown !== undefined) continue
    // A condition may be decided before the engine sees it: it looks at its parts, not at every way they could end.
    const isOpen = task.needs.some((need) => !isTaskEnd(stateOf(need)))
    if (typeof task.trigger === 'object' && isOpen) continue
    const expected = expectedFor(task, stateOf)
    must(
      expected === null || expected === 'wait',
      'no task waits for what has happened',
      () => `${task.name} should ${expected}: ${task.needs.map(stateOf).join(' ')}`,
    )
  }
}

export function plannedOf(plan: RunPlan, name: string): PlannedTask | undefined {
  return plan.tasks.find((task) => task.name === name)
}

/** The tables are what the events fold to, whoever was killed when. */
export function checkFolds({ world }: Life, run: RunId): void {
  const events = world.events(run)
  const { view: stored } = world.stored(run)
  const first = events[0]
  if (first?.kind !== 'run.created') return must(false, 'the first event creates the run')
  const plan = loadPlan(world.store.db, run, first.version)
  const view = newRunView(first, plan?.tasks.map(({ name }) => name) ?? [])
  for (const event of events) foldEvent(view, event)
  must(
    isDeepStrictEqual(
      { ...view, tasks: { ...view.tasks } },
      { ...stored, tasks: { ...stored.tasks } },
    ),
    'the tables are the fold of the events',
    () => run,
  )
}
