// One seeded life of the engine: a random graph on scripted hosts, with crashes, cuts, reboots and people at random moments,
// and the promises checked as it goes. The same case lives the same life.
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isTaskGood } from '../../shared/run/states.ts'
import { KilledAfterCommit, makeWorld, seededDice, sketchPlan } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'
import { allRuns, checkHistory, checkNow, must } from './promises.ts'
import { chanceOf, HOSTS, randomCase } from './random-case.ts'
import type { Chance, SimCase } from './random-case.ts'

export async function simulate(seed: number): Promise<{ events: number; crashes: number }> {
  return await live(seededCase(seed))
}

export function seededCase(seed: number): SimCase {
  const dice = seededDice(seed * 7919 + 1)
  return randomCase(
    seed,
    chanceOf(() => dice.roll()),
  )
}

export async function live(sim: SimCase): Promise<{ events: number; crashes: number }> {
  const dice = seededDice(sim.seed * 104_729 + 7)
  const chance = chanceOf(() => dice.roll())
  const world = makeWorld({ seed: sim.seed, slots: sim.slots, hosts: HOSTS })
  if (sim.poolSlots !== null) world.poolSlots.set('pool', sim.poolSlots)
  world.semaphores.set('db', { slots: sim.semaphoreSlots, starts: null })
  const plan = {
    ...sketchPlan(sim.tasks),
    ...(sim.verdict === 'leaves' ? { verdict: 'leaves' as const } : {}),
    ...(sim.retryBudget === null ? {} : { retryBudget: sim.retryBudget }),
  }
  const run = world.startPlan(plan, sim.script)
  let crashes = 0
  let resumes = chance.int(3)
  world.killAfterCommit = () => chance.roll() < 0.02
  for (let step = 0; step < sim.steps; step += 1) {
    if (world.fatal[0] instanceof KilledAfterCommit) {
      crashes += restart(world)
      continue
    }
    if (world.engine.live(run) === null) {
      if (resumes === 0) break
      resumes -= 1
      if (!survives(world, () => tryResume(world, run, sim, optionsFor(sim, chance)))) break
    }
    crashes += act(world, run, sim, chance)
    // Now and then long enough for leases and policies.
    await world.flow(chance.int(30) === 0 ? chance.int(200_000) : chance.int(2000))
    checkNow(world, sim)
  }
  crashes += await settleDown(world, run)
  checkNow(world, sim)
  for (const each of allRuns(world)) checkHistory(world, each)
  await world.flow(10_000)
  for (const name of HOSTS) {
    const left = [...world.host(name).attempts.keys()]
    must(left.length === 0, `H9: ${name} has forgotten ${left.join(', ')}`)
  }
  const count = (table: string): unknown =>
    world.store.db.prepare(`select count(*) from ${table}`).pluck().get()
  must(count('release') === 0, 'H9: every release is confirmed')
  must(count('fence') === 0, 'every copy that was given up is proved gone')
  const events = allRuns(world).reduce((sum, each) => sum + world.events(each).length, 0)
  world.engine.close()
  world.store.close()
  return { events, crashes }
}

function act(world: World, run: RunId, sim: SimCase, chance: Chance): number {
  const host = (): string => chance.of(HOSTS)
  const said = { by: 'sim', reason: '' }
  const names = Object.keys(sim.tasks)
  const task = { run, task: chance.of(names), item: chance.int(4) === 0 ? chance.int(3) : null }
  const tried = (deed: () => void): void => void survives(world, () => allowed(deed))
  switch (chance.int(60)) {
    case 0:
      return restart(world)
    case 1:
      cut(world, host())
      break
    case 2:
      mend(world)
      break
    case 3:
      if (chance.int(3) === 0) world.host(host()).reboot()
      break
    case 4:
      if (chance.int(10) === 0) tried(() => world.engine.cancel(run, 'sim', ''))
      break
    case 5:
      cordon(world, host())
      break
    case 6:
      survives(world, () => settleOne(world, chance))
      break
    case 7:
      tried(() => world.engine.pause(run, said))
      break
    case 8:
    case 9:
      tried(() => world.engine.unpause(run, 'sim'))
      break
    case 10:
      tried(() => world.engine.hold({ ...task, ...said }))
      break
    case 11:
    case 12:
      tried(() => world.engine.unhold({ ...task, by: 'sim' }))
      break
    case 13:
      if (chance.int(6) === 0)
        tried(() =>
          world.engine.stopAfter(run, { ...said, after: chance.int(2) === 0 ? null : task.task }),
        )
      break
    case 14:
      if (chance.int(3) === 0)
        tried(() =>
          world.engine.mark({ ...task, ...said, state: chance.of(['succeeded', 'skipped']) }),
        )
      break
    case 15:
    case 16:
      survives(world, () => answerOne(world, chance))
      break
    case 17:
      tried(() => void tryResume(world, run, sim, optionsFor(sim, chance)))
      break
    default:
  }
  return 0
}

/** What cannot be done now is refused with a conflict or as bad input, and nothing else. */
function allowed(deed: () => void): void {
  try {
    deed()
  } catch (error) {
    const { code } = error as { code?: string }
    if (code !== 'conflict' && code !== 'bad-input' && code !== 'not-found') throw error
  }
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

/** False when `deed` had nothing to do. A kill in the middle is noticed by the next step. */
function survives(world: World, deed: () => boolean | void): boolean {
  if (world.fatal.length > 0) return true
  try {
    return deed() !== false
  } catch (error) {
    if (error instanceof KilledAfterCommit && world.fatal.includes(error)) return true
    throw error
  }
}

function cordon(world: World, host: string): void {
  if (world.closed.has(host)) world.closed.delete(host)
  else world.closed.set(host, 'cordoned')
  survives(world, () => world.engine.stir())
}

function settleOne(world: World, chance: Chance): boolean {
  for (const run of allRuns(world)) {
    const tasks = Object.values(world.engine.live(run)?.tasks ?? {})
    const task = tasks.find(({ state }) => state === 'unknown')
    if (task === undefined) continue
    // A failover by hand goes without a lease: there a person vouches that the first copy is dead.
    const decision = chance.of(['wait', 'fail'] as const)
    world.engine.settle({ run, task: task.task, item: task.item, decision, by: 'sim', reason: '' })
    return true
  }
  return false
}

function answerOne(world: World, chance: Chance): boolean {
  for (const run of allRuns(world)) {
    const tasks = Object.values(world.engine.live(run)?.tasks ?? {})
    const task = tasks.find(
      ({ state, approval }) => state === 'running' && approval?.decided === null,
    )
    if (task === undefined) continue
    const decision = chance.of(['approved', 'rejected'] as const)
    world.engine.approve({
      run,
      task: task.task,
      item: task.item,
      decision,
      by: 'sim',
      reason: '',
      values: {},
    })
    return true
  }
  return false
}

function optionsFor(sim: SimCase, chance: Chance): RecoveryOptions {
  if (chance.int(2) === 0) return FROM_FAILURE
  const name = chance.of(Object.keys(sim.tasks))
  const item = chance.int(4) === 0 ? chance.int(3) : null
  const forced = [
    { task: name, item, decision: chance.of(['run', 'leave'] as const), reason: 'sim' },
  ]
  return {
    from: chance.int(2) === 0 ? [taskKey(name, item)] : [],
    only: chance.int(3) === 0,
    upstream: chance.int(4) === 0,
    forced: chance.int(4) === 0 ? forced : [],
  }
}

function tryResume(world: World, run: RunId, sim: SimCase, options: RecoveryOptions): boolean {
  try {
    const { plan } = world.stored(run)
    const promised = world.engine.previewResume({ run, plan, options })
    const before = world.view(run)
    world.engine.resume({ run, plan, options }, 'sim')
    for (const one of promised) {
      const key = taskKey(one.task, one.item)
      const now = world.task(run, key)
      const made = now.attempts.length - (before.tasks[key]?.attempts.length ?? 0)
      const was = before.tasks[key]?.state
      if (one.decision === 'reuse') {
        const isKept = isTaskGood(now.state) || now.state === 'skipped'
        must(isKept && made === 0, `reuse of ${key} (${was} to ${now.state})`)
      }
      if (one.decision === 'refuse') must(made === 0, `refusal of ${key}`)
    }
    return true
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'conflict' || code === 'bad-input') return false
    throw error
  }
}

function cut(world: World, host: string): void {
  if (world.host(host).isUp) world.fleet.drop(host)
}

function mend(world: World): void {
  for (const host of HOSTS) if (!world.host(host).isUp) world.fleet.restore(host)
}

/** Nothing stands in the way any more, and everybody answers: the run must end. */
async function settleDown(world: World, run: RunId): Promise<number> {
  world.killAfterCommit = () => false
  world.closed.clear()
  const crashes = world.fatal.length > 0 ? restart(world) : 0
  mend(world)
  for (let turn = 0; turn < 500; turn += 1) {
    const live = allRuns(world).filter((each) => world.engine.live(each) !== null)
    if (live.length === 0) return crashes
    for (const each of live) allowed(() => letEnd(world, each))
    world.engine.stir()
    await world.flow(Math.min(world.clock.nextIn() ?? 1000, 3_600_000))
  }
  must(false, `${run} ends: ${JSON.stringify(world.states(run))}`)
  return crashes
}

function letEnd(world: World, run: RunId): void {
  const { engine } = world
  if (engine.live(run)?.paused !== undefined) engine.unpause(run, 'sim')
  for (const { task, item, held, state, approval } of Object.values(
    engine.live(run)?.tasks ?? {},
  )) {
    if (held !== undefined) engine.unhold({ run, task, item, by: 'sim' })
    if (state !== 'running' || approval?.decided !== null) continue
    engine.approve({ run, task, item, decision: 'approved', by: 'sim', reason: '', values: {} })
  }
}
