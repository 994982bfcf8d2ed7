// The world that a case asks for: the real engine and store, scripted hosts, a bad network and a bad disk between them.
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { KilledAfterCommit, makeWorld, sketchPlan } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'
import { seededChance } from './chance.ts'
import type { Chance } from './chance.ts'
import { openQuickStore } from './quick-store.ts'
import { HOSTS } from './sim-case.ts'
import type { SimCase } from './sim-case.ts'
import { Tally } from './tally.ts'
import { newWitness, watchHosts, watchStore } from './witness.ts'
import type { AroundWrite, Witness } from './witness.ts'

export interface Life {
  readonly sim: SimCase
  readonly world: World
  readonly plan: RunPlan
  readonly witness: Witness
  /** By people, not by sub-pipelines. */
  readonly started: RunId[]
  readonly tally: Tally
  readonly chance: Chance
  /** The engine's clock has jumped, so its times say little. */
  hasStepped: boolean
  /** From now on nothing goes wrong. */
  isCalm: boolean
}

/** Asked of each attempt that begins. */
type StartCheck = (life: Life, ...start: Parameters<AroundWrite['starting']>) => void

export function openLife(sim: SimCase, checkStart: StartCheck): Life {
  const chance = seededChance(sim.seed * 104_729 + 7)
  const tally = new Tally()
  const witness = newWitness()
  const { limits, network } = sim
  const around = aroundWrite(() => life, checkStart)
  const world = makeWorld({
    seed: sim.seed,
    store: openQuickStore(),
    slots: limits.slots,
    hosts: HOSTS,
    network: {
      orderMs: () => 1 + chance.int(network.orderMsMax),
      reportMs: () => chance.int(network.reportMsMax),
      repeatMs: () =>
        chance.roll() < network.repeats ? tally.add('report repeated', chance.int(20_000)) : null,
      lateMs: () => (chance.int(4) > 0 ? tally.add('order read late', chance.int(20_000)) : null),
      connectMs: () => chance.int(5000),
    },
    aroundStore: (store) => watchStore(store, witness, around),
    aroundHosts: (hosts) => watchHosts(hosts, witness),
  })
  if (limits.pool !== null) world.poolSlots.set('pool', limits.pool)
  if (limits.environment !== null) world.environmentSlots.set('dev', limits.environment)
  world.semaphores.set('db', { slots: limits.semaphore, starts: limits.rate })
  const life: Life = {
    sim,
    world,
    plan: planOf(sim),
    witness,
    started: [],
    tally,
    chance,
    hasStepped: false,
    isCalm: false,
  }
  return life
}

/** Also of runs that have ended. */
export function viewOf({ world, witness }: Life, run: RunId): RunView {
  const live = world.engine.live(run) ?? witness.views.get(run)
  if (live !== undefined) return live
  const stored = world.view(run)
  witness.views.set(run, stored)
  return stored
}

/** The one that the run goes by. */
export function planOfRun({ world, witness }: Life, run: RunId): RunPlan {
  const known = witness.plans.get(run)
  if (known !== undefined) return known
  const { plan } = world.stored(run)
  witness.plans.set(run, plan)
  return plan
}

export function allRuns({ witness }: Life): RunId[] {
  return [...witness.runs]
}

function aroundWrite(life: () => Life, checkStart: StartCheck): AroundWrite {
  return {
    before() {
      const { sim, chance, tally, world, isCalm } = life()
      if (isCalm || chance.roll() >= sim.disk.slow) return
      tally.add('slow write')
      world.clock.block(chance.int(sim.disk.slowMsMax))
    },
    now: () => life().world.clock.monotonic(),
    starting: (event, view) => checkStart(life(), event, view),
    after() {
      const { sim, isCalm, witness } = life()
      if (!isCalm && sim.kills.includes(witness.writes)) throw new KilledAfterCommit()
    },
  }
}

function planOf({ tasks, verdict, retryBudget, limits }: SimCase): RunPlan {
  return {
    ...sketchPlan(tasks),
    ...(verdict === 'leaves' ? { verdict } : {}),
    ...(retryBudget === null ? {} : { retryBudget }),
    ...(limits.pipeline === null ? {} : { slots: limits.pipeline }),
  }
}
