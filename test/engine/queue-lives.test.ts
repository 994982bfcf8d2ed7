// Random lives of the queues: hosts come and go, people cancel, pause, hold and decide, limits change, the engine is killed.
// After each step the limits are counted from the stored views alone; in the end everything has started and ended.
import { expect, test } from 'vitest'
import { isFenceOpen } from '../../shared/run/run-view.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import { KilledAfterCommit, makeWorld, seededDice, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'

const HOSTS = ['a', 'b', 'c']
const from = Number(process.env['SLUICE_SIM_FROM'] ?? 1)
const count = Number(process.env['SLUICE_SIM_SEEDS'] ?? 12)

interface Life {
  world: World
  runs: RunId[]
  /** By task name. */
  sketches: Map<string, TaskSketch>
  int: (below: number) => number
  /** The most that each limit has had: what was started under it may go on under less. */
  most: Map<string, number>
  /** Weights above one make who waits where a matter of history. */
  weightMax: number
}

test(
  `no limit is passed and nothing is left behind in ${count} random lives from seed ${from}`,
  { timeout: 600_000 },
  async () => {
    let killed = 0
    for (let seed = from; seed < from + count; seed += 1) {
      try {
        killed += await liveOn(seed)
      } catch (error) {
        throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error })
      }
    }
    expect(killed).toBeGreaterThan(0)
  },
)

async function liveOn(seed: number): Promise<number> {
  const dice = seededDice(seed * 6967 + 3)
  const int = (below: number): number => Math.floor(dice.roll() * below)
  const world = makeWorld({ seed, slots: 1 + int(3), hosts: HOSTS })
  const weightMax = 1 + int(3)
  const life: Life = { world, runs: [], sketches: new Map(), int, most: new Map(), weightMax }
  setLimits(life, 'db', weightMax + int(3))
  setLimits(life, 'api', 3)
  world.semaphores.set('api', { slots: null, starts: { max: 3, perMs: 20_000 } })
  world.environmentSlots.set('dev', 3 + int(5))
  world.poolSlots.set('p', 1 + int(4))
  let killed = 0
  world.killAfterCommit = () => dice.roll() < 0.02
  for (let step = 0; step < 80; step += 1) {
    if (world.fatal[0] instanceof KilledAfterCommit) killed += restart(world)
    act(life)
    await world.flow(int(20) === 0 ? int(900_000) : int(4000))
    if (world.fatal.length === 0) check(life)
    if (world.fatal.length === 0 && weightMax === 1 && int(6) === 0)
      killed += sameAfterRestart(life)
  }
  world.killAfterCommit = () => false
  if (world.fatal.length > 0) killed += restart(world)
  await settleAll(life)
  check(life)
  const seen = [...startTimes(life, 'api')].toSorted((left, right) => left - right)
  for (const [index, at] of seen.entries())
    must((seen[index + 3] ?? Number.POSITIVE_INFINITY) - at >= 20_000, `the rate of api at ${at}`)
  world.engine.close()
  world.store.close()
  return killed
}

function setLimits({ world, most }: Life, name: string, slots: number): void {
  world.semaphores.set(name, { slots, starts: null })
  most.set(name, Math.max(most.get(name) ?? 0, slots))
}

function act(life: Life): void {
  const { world, int, runs } = life
  const host = HOSTS[int(3)] ?? 'a'
  const run = runs[int(Math.max(1, runs.length))]
  switch (int(12)) {
    case 0:
    case 1:
    case 2:
      return survives(world, () => startRun(life))
    case 3:
      return world.host(host).isUp ? world.fleet.drop(host) : world.fleet.restore(host)
    case 4:
      return mend(world)
    case 5:
      if (int(4) === 0) world.host(host).reboot()
      return
    case 6:
      if (world.closed.has(host)) world.closed.delete(host)
      else world.closed.set(host, 'cordoned')
      return survives(world, () => world.engine.stir())
    case 7:
      setLimits(life, 'db', life.weightMax + int(3))
      return survives(world, () => world.engine.stir())
    case 8:
      if (run !== undefined && int(3) === 0)
        survives(world, () => world.engine.cancel(run, 'sim', ''))
      return
    case 9:
      if (run === undefined) return
      if (world.engine.live(run)?.paused === undefined)
        return survives(world, () => world.engine.pause(run, { by: 'sim', reason: '' }))
      return survives(world, () => world.engine.unpause(run, 'sim'))
    case 10:
      return survives(world, () => decideUnknown(life))
    default:
      return
  }
}

function startRun({ world, int, runs, sketches, weightMax }: Life): void {
  const tasks: Record<string, TaskSketch> = {}
  const script: Script = {}
  const prefix = `r${runs.length}`
  for (let i = 1 + int(6); i > 0; i -= 1) {
    const name = `${prefix}_t${i}`
    const weight = int(weightMax + 1)
    const semaphores = {
      ...(weight === 0 ? {} : { db: weight }),
      ...(int(5) === 0 ? { api: 1 } : {}),
    }
    const then = (['fail', 'failover', 'ask'] as const)[int(3)] ?? 'fail'
    tasks[name] = {
      priority: int(3),
      semaphores,
      ...(int(2) === 0
        ? { hosts: HOSTS, pool: { name: 'p', pick: 'spread' } }
        : { host: HOSTS[int(3)] ?? 'a' }),
      onUnknown: { waitMs: int(120_000), then },
      retries: { max: int(2), delayMs: int(9000), backoff: 'fixed', capMs: 9000, jitter: 0 },
      effect: int(2) === 0 ? 'pure' : 'idempotent',
    }
    const exit = int(4) === 0 ? 1 : 0
    script[name] = { ms: 1 + int(int(4) === 0 ? 200_000 : 8000), exit }
    sketches.set(name, tasks[name])
  }
  const pipeline = `pipeline${int(3)}`
  const plan = { ...sketchPlan(tasks), pipeline, ...(int(2) === 0 ? { slots: 1 + int(3) } : {}) }
  try {
    runs.push(world.startPlan(plan, script))
  } catch (error) {
    if (!(error instanceof KilledAfterCommit)) throw error
    // It was stored all the same.
    const known = world.store.db.prepare('select run from run').pluck().all() as RunId[]
    runs.push(...known.filter((id) => !runs.includes(id)))
    throw error
  }
}

function decideUnknown({ world, runs }: Life): void {
  for (const run of runs) {
    const tasks = Object.values(world.engine.live(run)?.tasks ?? {})
    const task = tasks.find(({ state }) => state === 'unknown')
    if (task === undefined) continue
    world.engine.settle({
      run,
      task: task.task,
      item: null,
      decision: 'fail',
      by: 'sim',
      reason: '',
    })
    return
  }
}

/** A kill in the middle is noticed by the next step; what makes no sense just now is not done. */
function survives(world: World, change: () => void): void {
  if (world.fatal.length > 0) return
  try {
    change()
  } catch (error) {
    const isKill = error instanceof KilledAfterCommit && world.fatal.includes(error)
    if (!isKill && (error as { code?: string }).code !== 'conflict') throw error
  }
}

function restart(world: World): number {
  for (let kills = 1; ; kills += 1) {
    try {
      world.crash()
      return kills
    } catch (error) {
      if (!(error instanceof KilledAfterCommit)) throw error
    }
  }
}

function mend(world: World): void {
  for (const host of HOSTS) if (!world.host(host).isUp) world.fleet.restore(host)
}

/** E7: what waits, waits for the same, in the same order. */
function sameAfterRestart(life: Life): number {
  const { world } = life
  // What came at this very moment is not decided yet, and links are forgotten.
  if (HOSTS.some((host) => !world.host(host).isUp) || world.closed.size > 0) return 0
  const before = placements(life)
  const kill = world.killAfterCommit
  world.killAfterCommit = () => false
  const kills = restart(world)
  world.killAfterCommit = kill
  const after = placements(life)
  for (const [task, why] of before)
    must(after.get(task) === why, `${task} waited: ${why}; now: ${after.get(task)}`)
  return kills
}

function placements({ world, runs }: Life): Map<string, string> {
  const found = new Map<string, string>()
  for (const run of runs) {
    for (const { task, state } of Object.values(world.engine.live(run)?.tasks ?? {})) {
      if (state !== 'queued') continue
      const placement = world.engine.placement({ run, task, item: null })
      // Who waits for the same elsewhere is told by where each is parked, which is a matter of history.
      found.set(task, (placement?.why ?? '').replace(/ \d+ tasks? that wants the same.*/, ''))
    }
  }
  return found
}

function holds({ state, fenced, end }: AttemptView): boolean {
  if (state !== 'ended') return true
  const isFenced = fenced === null && end?.outcome === 'lost'
  return isFenced && end.cause !== 'failed_over'
}

function check({ world, runs, sketches, most }: Life): void {
  const bug = world.fatal.find((error) => !(error instanceof KilledAfterCommit))
  must(bug === undefined, `no fatal error: ${String(bug)}`)
  const used = new Map<string, number>()
  const add = (name: string, weight: number): void =>
    void used.set(name, (used.get(name) ?? 0) + weight)
  for (const run of runs) {
    const view = world.view(run)
    for (const { task, attempts } of Object.values(view.tasks)) {
      const sketch = sketches.get(task) ?? {}
      for (const attempt of attempts.filter(holds)) {
        must(attempt.state !== 'ended' || isFenceOpen(attempt), 'what holds lives, or may')
        add('db', sketch.semaphores?.['db'] ?? 0)
        add('dev', 1)
        if (sketch.pool != null) add('p', 1)
      }
    }
  }
  must((used.get('db') ?? 0) <= (most.get('db') ?? 0), `db: ${used.get('db')}`)
  must(
    (used.get('dev') ?? 0) <= (world.environmentSlots.get('dev') ?? 0),
    `dev: ${used.get('dev')}`,
  )
  must((used.get('p') ?? 0) <= (world.poolSlots.get('p') ?? 0), `p: ${used.get('p')}`)
  must(world.engine.poolLoad('p').used === (used.get('p') ?? 0), 'the pool knows what it holds')
}

function startTimes({ world, runs, sketches }: Life, semaphore: string): number[] {
  return runs.flatMap((run) =>
    world
      .events(run)
      .flatMap((event) =>
        event.kind === 'attempt.starting' &&
        sketches.get(event.task)?.semaphores?.[semaphore] !== undefined
          ? [event.at]
          : [],
      ),
  )
}

/** All is mended and allowed: then everything ends, or waits for a person who is asked. */
async function settleAll(life: Life): Promise<void> {
  const { world, runs } = life
  world.closed.clear()
  mend(world)
  for (const run of runs)
    if (world.engine.live(run)?.paused !== undefined) world.engine.unpause(run, 'sim')
  world.engine.stir()
  for (const run of runs) await world.finish(run)
  for (const run of runs)
    for (const task of Object.values(world.view(run).tasks))
      must(isTaskEnd(task.state), `${task.task} ended (${task.state})`)
}

function must(isSo: boolean, promise: string): void {
  if (!isSo) throw new Error(`Broken: ${promise}`)
}
