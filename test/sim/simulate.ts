// Lives a case from its first deed until everything has ended, with the promises checked after each thing that happens. The
// same case lives the same life.
import { must } from './broken.ts'
import { tallyCase } from './coverage.ts'
import { doDeed, settleDown, startRun } from './deeds.ts'
import { checkHistory } from './history-promises.ts'
import { allRuns, openLife } from './life.ts'
import type { Life } from './life.ts'
import { checkNow } from './promises.ts'
import { HOSTS } from './sim-case.ts'
import { checkStart } from './start-promises.ts'
import type { SimCase } from './sim-case.ts'

/** Throws BrokenPromise, or whatever the engine threw. Gives what was done, by name. */
export async function simulate(sim: SimCase): Promise<Record<string, number>> {
  const life = openLife(sim, checkStart)
  try {
    await liveOn(life)
    return life.tally.counts
  } finally {
    life.world.engine.close()
    life.world.store.close()
  }
}

async function liveOn(life: Life): Promise<void> {
  const { world, sim, tally } = life
  tallyCase(tally, sim)
  startRun(life)
  for (const deed of sim.deeds) {
    const isOver = allRuns(life).every((run) => world.engine.live(run) === null)
    if (isOver && world.fatal.length === 0 && deed.do !== 'resume' && deed.do !== 'start') continue
    await flow(life, deed.afterMs)
    doDeed(life, deed)
    await heard()
    checkNow(life)
  }
  await settleDown(life, (ms) => flow(life, ms))
  checkNow(life)
  for (const run of allRuns(life)) checkHistory(life, run)
  checkRate(life)
  await flow(life, 60_000)
  checkNow(life)
  checkNothingLeft(life)
}

/** What was reported is taken in. */
function heard(): Promise<void> {
  return Promise.resolve()
}

/** So long our process may be busy with one turn. */
const TURN_MS = 100

/** Time goes on; what falls due in one turn is sometimes heard of together. */
async function flow(life: Life, ms: number): Promise<void> {
  const { world, chance, witness } = life
  const until = world.clock.monotonic() + ms
  let seen = witness.writes
  for (let isUnheard = true; ;) {
    const isOver = !world.clock.runNext(until - world.clock.monotonic())
    if (isOver && !isUnheard) break
    isUnheard = !isOver
    const isNextSoon = (world.clock.nextIn() ?? Number.POSITIVE_INFINITY) <= TURN_MS
    if (isUnheard && chance.roll() < 0.2 && isNextSoon) continue
    await heard()
    if (witness.writes !== seen || world.fatal.length > 0) checkNow(life)
    seen = witness.writes
  }
  world.clock.block(Math.max(0, until - world.clock.monotonic()))
}

/** No window of a rate holds more starts than it may. */
function checkRate({ sim, witness: { rated }, hasStepped }: Life): void {
  const { rate } = sim.limits
  if (rate === null || hasStepped) return
  for (const [index, at] of rated.entries()) {
    const next = rated[index + rate.max]
    must(
      next === undefined || next - at >= rate.perMs,
      'a rate is kept',
      () => `${rate.max} + 1 starts in ${(next ?? 0) - at} ms`,
    )
  }
}

function checkNothingLeft({ world }: Life): void {
  for (const name of HOSTS) {
    const left = [...world.host(name).attempts.keys()]
    must(left.length === 0, 'H9: a host forgets what is over', () => `${name}: ${left.join(', ')}`)
  }
  const count = (table: string): unknown =>
    world.store.db.prepare(`select count(*) from ${table}`).pluck().get()
  must(count('release') === 0, 'H9: each release is confirmed')
  must(count('fence') === 0, 'each copy that was given up is proved gone')
}
