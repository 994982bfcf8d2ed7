// Semaphores, rates and slots over runs, pipelines and hosts.
import { expect, test } from 'vitest'
import type { RunId } from '../../shared/run/ids.ts'
import { makeWorld } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'
import { finishAll, many, record, start, watchWeights, why } from './queue-kit.ts'

test('S1: a semaphore holds over runs, pipelines and hosts, by weight', async () => {
  const world = makeWorld({ slots: 10, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 4, starts: null })
  const most = watchWeights(world)
  const runs = [
    await start(world, many('one', 5, { host: 'a', semaphores: { db: 1 } })),
    await start(world, many('two', 5, { host: 'b', semaphores: { db: 2 } }), { pipeline: 'other' }),
  ]
  await finishAll(world, runs)
  expect(most()).toBe(4)
})

test('S4: what needs much is not starved by what needs little', async () => {
  const world = makeWorld({ slots: 10, hosts: ['a'] })
  world.semaphores.set('db', { slots: 3, starts: null })
  const started = record(world)
  const runs = [
    await start(world, many('early', 3, { semaphores: { db: 1 } })),
    await start(world, { heavy: { semaphores: { db: 3 } } }),
    await start(world, many('late', 9, { semaphores: { db: 1 } })),
  ]
  expect(why(world, runs[2] as RunId, 'late00')).toContain(
    'The semaphore db has all of its 3 slots in use',
  )
  await finishAll(world, runs)
  expect(started.slice(0, 4)).toEqual(['early00', 'early01', 'early02', 'heavy'])
})

test('S4: who was held up goes on when the one it waited behind waits no more', async () => {
  const world = makeWorld({ slots: 10, hosts: ['a'] })
  world.semaphores.set('db', { slots: 3, starts: null })
  const holder = world.start({ h: { semaphores: { db: 1 } } }, { h: { ms: 3_600_000 } })
  const heavy = await start(world, { heavy: { semaphores: { db: 3 } } })
  const light = await start(world, { light: { semaphores: { db: 1 } } })
  expect(why(world, light, 'light')).toBe(
    `The semaphore db has room, but it is kept for heavy of ${heavy}, which comes first.`,
  )
  expect(why(world, heavy, 'heavy')).toBe(
    `The semaphore db has 1 of its 3 slots in use, and it needs 3: h of ${holder}.`,
  )
  world.engine.cancel(heavy, 'ana', '')
  await world.flow(5000)
  expect(world.states(light)).toEqual({ light: 'succeeded' })
})

test('a weight that the semaphore never has is said at once, and stands in nobody’s way', async () => {
  const world = makeWorld({ hosts: ['a'] })
  world.semaphores.set('db', { slots: 2, starts: null })
  const run = await start(world, { big: { semaphores: { db: 3 } } })
  const other = await start(world, { small: { semaphores: { db: 2 } } })
  await finishAll(world, [other])
  expect(why(world, run, 'big')).toBe(
    'It can never start: it needs 3 of the semaphore db, which has 2.',
  )
  world.semaphores.set('db', { slots: 3, starts: null })
  world.engine.stir()
  await finishAll(world, [run])
})

test('a wide semaphore is not idle because a task waits for another thing', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 2, starts: null })
  world.semaphores.set('api', { slots: 1, starts: null })
  const long = { ms: 600_000 }
  world.start({ x: { host: 'b', semaphores: { api: 1 } } }, { x: long })
  await start(world, { both: { host: 'a', semaphores: { api: 1, db: 2 } } })
  const run = await start(world, { only: { host: 'a', semaphores: { db: 2 } } })
  await world.flow(5000)
  expect(world.states(run)).toEqual({ only: 'succeeded' })
})

test('E5: slots of a pipeline hold over its runs, those of an environment over pipelines', async () => {
  const world = makeWorld({ slots: 50, hosts: ['a'] })
  world.environmentSlots.set('dev', 5)
  const live = new Map<string, number>()
  let mostOfPipeline = 0
  let mostOfAll = 0
  world.engine.onEvents((events) => {
    for (const event of events) {
      if (event.kind !== 'attempt.starting' && event.kind !== 'attempt.ended') continue
      const of = event.task.slice(0, 3)
      live.set(of, (live.get(of) ?? 0) + (event.kind === 'attempt.starting' ? 1 : -1))
      mostOfPipeline = Math.max(mostOfPipeline, live.get('etl') ?? 0)
      mostOfAll = Math.max(
        mostOfAll,
        [...live.values()].reduce((sum, one) => sum + one, 0),
      )
    }
  })
  const runs = [
    await start(world, many('etl', 8), { pipeline: 'etl', slots: 2 }),
    await start(world, many('etl', 8), { pipeline: 'etl', slots: 2 }),
    await start(world, many('rep', 20), { pipeline: 'report' }),
  ]
  expect(why(world, runs[1] as RunId, 'etl03')).toContain(
    'The pipeline etl has all of its 2 slots in use',
  )
  await finishAll(world, runs)
  expect([mostOfPipeline, mostOfAll]).toEqual([2, 5])
})

test('E5: slots of a pipeline count attempts of a version that has none, too', async () => {
  const world = makeWorld({ slots: 50, hosts: ['a'] })
  const before = await start(world, many('old', 2), { pipeline: 'etl' })
  const run = await start(world, { fresh: {} }, { pipeline: 'etl', slots: 2 })
  expect(world.states(run)).toEqual({ fresh: 'queued' })
  await finishAll(world, [before, run])
})

test('a rate lets no window hold more starts than it says, also over a restart and of runs that have ended', async () => {
  const world = makeWorld({ slots: 50, hosts: ['a'] })
  world.semaphores.set('api', { slots: null, starts: { max: 3, perMs: 60_000 } })
  const first = await start(world, many('x', 3, { semaphores: { api: 1 } }))
  await finishAll(world, [first])
  world.crash()
  const runs = [
    await start(world, many('y', 4, { semaphores: { api: 1 } })),
    await start(world, many('z', 4, { semaphores: { api: 1 } })),
  ]
  await world.flow(10_000)
  expect(world.states(runs[0] as RunId)['y00']).toBe('queued')
  expect(why(world, runs[0] as RunId, 'y00')).toMatch(
    /^The semaphore api lets the next one start at .* UTC, in \d\d seconds\.$/,
  )
  await world.flow(55_000)
  world.crash()
  await finishAll(world, runs)
  const at = [first, ...runs]
    .flatMap((run) => world.events(run))
    .flatMap((event) => (event.kind === 'attempt.starting' ? [event.at] : []))
    .toSorted((left, right) => left - right)
  for (const [index, time] of at.entries())
    expect((at[index + 3] ?? Number.POSITIVE_INFINITY) - time).toBeGreaterThanOrEqual(60_000)
  // Nothing is waited for longer than it must be.
  expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeLessThan(3 * 60_000 + 10_000)
})

/** A task that holds all of `db`, given up while its host is out of reach. */
async function givenUp(): Promise<{ world: World; held: RunId }> {
  const world = makeWorld({ slots: 5, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 1, starts: null })
  const held = world.start({ t: { host: 'a', semaphores: { db: 1 } } }, { t: { ms: 900_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  await world.flow(30_000)
  world.engine.settle({ run: held, task: 't', item: null, decision: 'fail', by: 'ana', reason: '' })
  return { world, held }
}

test('who waited for room in a semaphore whose rate is closed by then starts when that opens', async () => {
  const world = makeWorld({ slots: 50, hosts: ['a', 'b'] })
  world.semaphores.set('api', { slots: 1, starts: { max: 2, perMs: 60_000 } })
  const api = { semaphores: { api: 1 } }
  const run = await start(world, { x: { ...api, host: 'b' }, y: api, z: api })
  await finishAll(world, [run])
  expect(world.clock.monotonic()).toBeLessThan(120_000)
})

test('S2: a copy that was given up keeps what it holds until it is proved gone, over a restart too', async () => {
  const { world, held } = await givenUp()
  const next = await start(world, { u: { host: 'b', semaphores: { db: 1 } } })
  await world.flow(60_000)
  expect(world.states(next)).toEqual({ u: 'queued' })
  world.crash()
  await world.flow(60_000)
  expect(why(world, next, 'u')).toBe(`The semaphore db has all of its 1 slot in use: t of ${held}.`)
  world.fleet.restore('a')
  await finishAll(world, [next])
})

test('S2: a copy on a host that has left the workspace keeps nothing', async () => {
  const { world } = await givenUp()
  const next = await start(world, many('u', 2, { host: 'b', semaphores: { db: 1 } }))
  await world.flow(60_000)
  expect(world.states(next)['u00']).toBe('queued')
  world.gone.add('a')
  world.engine.stir()
  expect(world.states(next)['u00']).toBe('running')
  world.crash()
  await finishAll(world, [next])
})

test('S2: who takes over from a host that is gone has what the stopped copy held', async () => {
  const world = makeWorld({ slots: 5, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 1, starts: null })
  const onUnknown = { waitMs: 60_000, then: 'failover' as const }
  const pool = { hosts: ['a', 'b'], pool: { name: 'p', pick: 'in_order' as const } }
  const run = world.start(
    { t: { ...pool, onUnknown, semaphores: { db: 1 } } },
    { t: [{ ms: 900_000 }, {}] },
  )
  await world.flow(100)
  world.fleet.drop('a')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 't').attempts.map(({ host }) => host)).toEqual(['a', 'b'])
})

test('a task that could not start on one host of its pool holds up no other that can', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a', 'b'] })
  const pool = { hosts: ['a', 'b'], pool: { name: 'p', pick: 'in_order' as const } }
  const unreachable = { notStarted: { cause: 'host_unreachable' as const, message: 'no route' } }
  const busy = world.start({ long: { host: 'b' } }, { long: { ms: 600_000 } })
  await world.flow(10)
  const bad = world.start({ bad: pool }, { bad: [unreachable, {}] })
  await world.flow(1000)
  const good = await start(world, { good: pool })
  await world.flow(5000)
  expect(world.states(bad)).toEqual({ bad: 'queued' })
  expect(world.states(good)).toEqual({ good: 'succeeded' })
  await finishAll(world, [busy, bad])
})

test('S5: what needs two scarce things gets both in the end, though each is free only when the other is not', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 2, starts: null })
  const minute = 60_000
  const script: Script = {}
  const light = (i: number): Record<string, TaskSketch> => {
    script[`db${i}`] = { ms: 4 * minute }
    script[`a${i}`] = { ms: 4 * minute }
    return {
      [`db${i}`]: { host: 'b', semaphores: { db: 1 } },
      [`a${i}`]: { host: 'a', priority: 0 },
    }
  }
  const runs: RunId[] = [await start(world, light(0), {}, script)]
  await world.flow(minute)
  const heavy = await start(world, { heavy: { host: 'a', semaphores: { db: 2 } } })
  for (let i = 1; i < 30; i += 1) {
    runs.push(await start(world, light(i), {}, script))
    await world.flow(2 * minute)
    if (world.states(heavy)['heavy'] === 'succeeded') break
  }
  expect(world.states(heavy)).toEqual({ heavy: 'succeeded' })
  await finishAll(world, runs)
})
