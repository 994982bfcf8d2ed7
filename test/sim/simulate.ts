// One seeded life of the engine: a random graph on scripted hosts, with crashes, cuts and reboots at random moments, and
// the promises checked as it goes. The same seed lives the same life.
import { isDeepStrictEqual } from 'node:util'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { foldEvent, newRunView } from '../../shared/run/fold.ts'
import { isTaskEnd, isTaskGood, TASK_MOVES } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { KilledAfterCommit, makeWorld, seededDice, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'

const HOSTS = ['a', 'b', 'c']

export async function simulate(seed: number): Promise<{ events: number; crashes: number }> {
  const dice = seededDice(seed * 7919 + 1)
  const int = (below: number): number => Math.floor(dice.roll() * below)
  const slots = 1 + int(4)
  const world = makeWorld({ seed, slots, hosts: HOSTS })
  const { tasks, script } = randomGraph(int, () => dice.roll())
  if (int(2) === 0) world.poolSlots.set('pool', 1 + int(6))
  const run = world.start(tasks, script)
  let crashes = 0
  let resumes = int(3)
  let hasCancelled = false
  world.killAfterCommit = () => dice.roll() < 0.02
  for (let step = 0; step < 5000; step += 1) {
    if (world.fatal[0] instanceof KilledAfterCommit) {
      crashes += restart(world)
      continue
    }
    const ended = world.engine.live(run) === null
    if (ended && resumes === 0) break
    if (ended) {
      resumes -= 1
      const from = dice.roll() < 0.3 ? randomName(tasks, int) : null
      if (!survives(world, () => tryResume(world, run, tasks, from))) break
    }
    const act = int(40)
    if (act === 0) crashes += restart(world)
    else if (act === 1) cut(world, HOSTS[int(3)] ?? 'a')
    else if (act === 2) mend(world)
    else if (act === 3 && dice.roll() < 0.3) world.host(HOSTS[int(3)] ?? 'a').reboot()
    else if (act === 4 && !hasCancelled && dice.roll() < 0.1) {
      hasCancelled = true
      survives(world, () => world.engine.cancel(run, 'sim', ''))
    } else if (act === 5) cordon(world, HOSTS[int(3)] ?? 'a')
    else if (act === 6) survives(world, () => settleOne(world, run, int))
    // Now and then long enough for leases and policies.
    await world.flow(int(30) === 0 ? int(200_000) : int(2000))
    check(world, run, slots)
  }
  world.killAfterCommit = () => false
  world.closed.clear()
  if (world.fatal.length > 0) crashes += restart(world)
  world.engine.stir()
  mend(world)
  await world.finish(run)
  check(world, run, slots)
  checkEnd(world, run)
  await world.flow(10_000)
  for (const name of HOSTS) {
    const left = [...world.host(name).attempts.keys()]
    must(left.length === 0, `H9: ${name} has forgotten ${left.join(', ')}`)
  }
  must(
    world.store.db.prepare('select count(*) from release').pluck().get() === 0,
    'H9: every release is confirmed',
  )
  must(
    world.store.db.prepare('select count(*) from fence').pluck().get() === 0,
    'every copy that was given up is proved gone',
  )
  const events = world.events(run).length
  world.engine.close()
  world.store.close()
  return { events, crashes }
}

/** Kills the engine, also while it starts again, until a start gets through. */
function restart(world: World): number {
  for (let crashes = 1; ; crashes += 1) {
    try {
      world.crash()
      return crashes
    } catch (error) {
      if (!(error instanceof KilledAfterCommit)) throw error
    }
  }
}

/** False when `act` had nothing to do. A kill in the middle is noticed by the next step. */
function survives(world: World, act: () => boolean | void): boolean {
  if (world.fatal.length > 0) return true
  try {
    return act() !== false
  } catch (error) {
    if (error instanceof KilledAfterCommit && world.fatal.includes(error)) return true
    throw error
  }
}

function randomGraph(
  int: (below: number) => number,
  roll: () => number,
): { tasks: Record<string, TaskSketch>; script: Script } {
  const tasks: Record<string, TaskSketch> = {}
  const script: Script = {}
  const count = 1 + int(14)
  for (let i = 0; i < count; i += 1) {
    const needs = new Set<string>()
    for (let k = int(3); k > 0 && i > 0; k -= 1) needs.add(`t${int(i)}`)
    const name = `t${i}`
    const retries = {
      max: int(3),
      delayMs: 1 + int(5000),
      backoff: 'exponential' as const,
      capMs: 20_000,
      jitter: roll(),
    }
    const effect = (['pure', 'idempotent', 'external', 'irreversible'] as const)[int(4)] ?? 'pure'
    const pick = (['least_busy', 'in_order', 'spread'] as const)[int(3)] ?? 'spread'
    const waitMs = int(3) === 0 ? 0 : int(120_000)
    const then = (['fail', 'failover', 'ask'] as const)[int(3)] ?? 'fail'
    const place =
      int(2) === 0
        ? { hosts: HOSTS.slice(int(2)), pool: { name: 'pool', pick } }
        : { host: HOSTS[int(3)] ?? 'a' }
    tasks[name] = {
      needs: [...needs],
      ...place,
      ...(int(2) === 0 ? { onUnknown: { waitMs, then } } : {}),
      retries,
      effect,
      graceMs: 1 + int(5000),
    }
    script[name] = Array.from({ length: 1 + int(3) }, () => ({
      ms: 1 + int(int(5) === 0 ? 300_000 : 20_000),
      exit: roll() < 0.2 ? 1 : 0,
      stubborn: roll() < 0.2,
      ...(roll() < 0.05 ? { notStarted: unreachable } : {}),
    }))
  }
  return { tasks, script }
}

const unreachable = { cause: 'host_unreachable' as const, message: 'no route' }

function cordon(world: World, host: string): void {
  if (world.closed.has(host)) world.closed.delete(host)
  else world.closed.set(host, 'cordoned')
  survives(world, () => world.engine.stir())
}

function settleOne(world: World, run: RunId, int: (below: number) => number): boolean {
  const tasks = Object.values(world.engine.live(run)?.tasks ?? {})
  const task = tasks.find(({ state }) => state === 'unknown')
  if (task === undefined) return false
  // A failover by hand goes without a lease: there a person vouches that the first copy is dead.
  const decision = (['wait', 'fail'] as const)[int(2)] ?? 'wait'
  world.engine.settle({ run, task: task.task, item: task.item, decision, by: 'sim', reason: '' })
  return true
}

function tryResume(
  world: World,
  run: RunId,
  tasks: Record<string, TaskSketch>,
  from: string | null,
): boolean {
  try {
    const plan = sketchPlan(tasks)
    const options = { ...FROM_FAILURE, from: from === null ? [] : [from] }
    const promised = world.engine.previewResume({ run, plan, options })
    const before = world.view(run)
    world.engine.resume({ run, plan, options }, 'sim')
    for (const one of promised) {
      const made =
        world.task(run, one.task).attempts.length - (before.tasks[one.task]?.attempts.length ?? 0)
      if (one.decision === 'reuse')
        must(isTaskGood(world.task(run, one.task).state) && made === 0, `reuse of ${one.task}`)
      if (one.decision === 'refuse') must(made === 0, `refusal of ${one.task}`)
    }
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'conflict') return false
    throw error
  }
}

function randomName(tasks: Record<string, TaskSketch>, int: (below: number) => number): string {
  const names = Object.keys(tasks)
  return names[int(names.length)] ?? 't0'
}

function cut(world: World, host: string): void {
  if (world.host(host).isUp) world.fleet.drop(host)
}

function mend(world: World): void {
  for (const host of HOSTS) if (!world.host(host).isUp) world.fleet.restore(host)
}

function check(world: World, run: RunId, slots: number): void {
  const bug = world.fatal.find((error) => !(error instanceof KilledAfterCommit))
  must(bug === undefined, `no fatal error: ${String(bug)}`)
  for (const name of HOSTS) {
    const host = world.host(name)
    must(host.liveMax <= slots, `slots of ${name}: ${host.liveMax} > ${slots}`)
    for (const [key, count] of host.starts) must(count === 1, `${key} was started ${count} times`)
  }
  const pool = world.poolSlots.get('pool')
  const used = world.engine.poolLoad('pool').used
  must(pool === undefined || used <= pool, `slots of the pool: ${used} > ${pool ?? 0}`)
  checkCopies(world)
  const live = world.engine.live(run)
  if (live === null) return
  for (const task of Object.values(live.tasks)) {
    const open = task.attempts.filter((attempt) => attempt.state !== 'ended').length
    must(open <= 1, `${task.task} has ${open} live attempts`)
  }
}

/** With a lease, no two copies of one task live at once, whatever the engine thinks of them. */
function checkCopies(world: World): void {
  const leased = new Map<string, string>()
  for (const name of HOSTS) {
    for (const [key, { order, end }] of world.host(name).attempts) {
      if (end !== null || order.leaseMs === null) continue
      const { run, task } = parseAttemptKey(key)
      const before = leased.get(`${run} ${task}`)
      must(before === undefined, `two live copies of ${task}: ${before} and ${key}`)
      leased.set(`${run} ${task}`, key)
    }
  }
}

/** Replays the whole event log by an independent, slow reading of the rules. */
function checkEnd(world: World, run: RunId): void {
  const events = world.events(run)
  const first = events[0]
  must(first?.kind === 'run.created', 'the first event creates the run')
  const stored = world.view(run)
  const needs = new Map(
    (
      world.store.db
        .prepare('select body from run_plan join plan on hash = plan where run = ?')
        .pluck()
        .all(run) as string[]
    )
      .flatMap((body) => (JSON.parse(body) as { tasks: { name: string; needs: string[] }[] }).tasks)
      .map((task) => [task.name, task.needs]),
  )
  if (first?.kind !== 'run.created') return
  const view = newRunView(first, [...needs.keys()])
  const states = new Map<string, TaskState>()
  for (const event of events) {
    if ('at' in event) must(event.at >= first.at, 'time goes on')
    if (event.kind === 'attempt.starting') {
      for (const need of needs.get(event.task) ?? []) {
        const state = view.tasks[need]?.state
        must(
          state !== undefined && isTaskGood(state),
          `${event.task} started before ${need} was good (${state})`,
        )
      }
    }
    foldEvent(view, event)
    for (const task of Object.values(view.tasks)) {
      const before = states.get(task.task) ?? 'waiting'
      if (before !== task.state)
        must(TASK_MOVES[before].includes(task.state), `${task.task}: ${before} to ${task.state}`)
      states.set(task.task, task.state)
    }
  }
  must(
    isDeepStrictEqual(
      { ...view, tasks: { ...view.tasks } },
      { ...stored, tasks: { ...stored.tasks } },
    ),
    'the tables are the fold of the events',
  )
  for (const task of Object.values(view.tasks)) {
    must(isTaskEnd(task.state), `${task.task} ended (${task.state})`)
    for (const attempt of task.attempts)
      must(attempt.log !== null, `the log of ${task.task} is closed`)
  }
}

function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`Broken: ${promise}`)
}
