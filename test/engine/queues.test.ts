import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { WorkQueue } from '../../electron/engine/work-queue.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(2, '0')}`)

function many(prefix: string, count: number, sketch: TaskSketch = {}): Record<string, TaskSketch> {
  return Object.fromEntries(names(prefix, count).map((name) => [name, sketch]))
}

/** Time passes between two starts, so that who came first is known. */
async function start(
  world: World,
  tasks: Record<string, TaskSketch>,
  plan: Partial<RunPlan> = {},
  script: Script = {},
): Promise<RunId> {
  await world.flow(1)
  return world.startPlan({ ...sketchPlan(tasks), ...plan }, script)
}

/** Task names in the order their attempts started, over all runs. */
function record(world: World): string[] {
  const started: string[] = []
  world.engine.onEvents((events) => {
    for (const event of events) if (event.kind === 'attempt.starting') started.push(event.task)
  })
  return started
}

async function finishAll(world: World, runs: readonly RunId[]): Promise<void> {
  for (const run of runs) expect((await world.finish(run)).state).toBe('succeeded')
}

const why = (world: World, run: RunId, task: string): string =>
  world.engine.placement({ run, task, item: null })?.why ?? ''

test('Q1: higher priority goes first, whoever came first', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a'] })
  const started = record(world)
  const runs = [
    await start(world, { first: {} }),
    await start(world, { low: { priority: -5 }, plain: {} }),
    await start(world, { urgent: { priority: 10 }, also: { priority: 10 } }),
  ]
  await finishAll(world, runs)
  expect(started).toEqual(['first', 'urgent', 'also', 'plain', 'low'])
})

test('Q1: between lanes that share a host, the priority of their first decides', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 5, starts: null })
  const started = record(world)
  const runs = [
    await start(world, { first: {} }),
    await start(world, { plain: {} }),
    await start(world, { urgent: { priority: 1, semaphores: { db: 1 } } }),
  ]
  await finishAll(world, runs)
  expect(started).toEqual(['first', 'urgent', 'plain'])
})

test('Q1: a lane whose urgent work was cancelled goes back to its place', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a'] })
  world.semaphores.set('db', { slots: 5, starts: null })
  const started = record(world)
  const db = { semaphores: { db: 1 } }
  const first = await start(world, { first: {} })
  const early = await start(world, { early: {} })
  const urgent = await start(world, { urgent: { priority: 1, ...db } })
  const late = await start(world, { late: db })
  world.engine.cancel(urgent, 'ana', '')
  await finishAll(world, [first, early, late])
  expect(started).toEqual(['first', 'early', 'late'])
})

test('Q2: a run that comes later with little waits for its turn, not for all that an earlier one has queued', async () => {
  const world = makeWorld({ slots: 2, hosts: ['a'] })
  const started = record(world)
  const runs = [await start(world, many('big', 20)), await start(world, many('late', 3))]
  await finishAll(world, runs)
  expect(started.slice(0, 8)).toEqual([
    'big00',
    'big01',
    'late00',
    'big02',
    'late01',
    'big03',
    'late02',
    'big04',
  ])
})

test('Q2: three runs share four slots evenly', async () => {
  const world = makeWorld({ slots: 4, hosts: ['a'] })
  const started = record(world)
  const runs = [
    await start(world, many('x', 12)),
    await start(world, many('y', 12)),
    await start(world, many('z', 12)),
  ]
  await world.flow(9000)
  const share = (prefix: string): number => started.filter((name) => name.startsWith(prefix)).length
  // The first had all four slots for a second before the others had any.
  for (const prefix of ['x', 'y', 'z']) expect(share(prefix)).toBeGreaterThan(8)
  await finishAll(world, runs)
})

test('Q2: two runs take turns on a single slot', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a'] })
  const started = record(world)
  const runs = [await start(world, many('x', 4)), await start(world, many('y', 3))]
  await finishAll(world, runs)
  expect(started).toEqual(['x00', 'x01', 'y00', 'x02', 'y01', 'x03', 'y02'])
})

test('Q2: a stream of new runs does not keep out a run that has a long attempt', async () => {
  const world = makeWorld({ slots: 2, hosts: ['a'] })
  const minute = 60_000
  await start(world, { busy: {} }, {}, { busy: { ms: 5 * minute } })
  const old = await start(world, { long: {}, next: {} }, {}, { long: { ms: 6000 * minute } })
  for (let i = 0; i < 40 && world.states(old)['next'] === 'queued'; i += 1) {
    await start(world, { [`new${i}`]: {} }, {}, { [`new${i}`]: { ms: 5 * minute } })
    await world.flow(4 * minute)
  }
  expect(world.states(old)['next']).not.toBe('queued')
})

test('Q3: within a run, first come, first served; what came at once goes in the order of the plan', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a'] })
  const started = record(world)
  const run = await start(world, { b: {}, a: {}, after: { needs: ['b'] }, z: {} })
  await finishAll(world, [run])
  expect(started).toEqual(['b', 'a', 'z', 'after'])
})

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

test('S2: a copy that was given up keeps what it holds until it is proved gone, over a restart too', async () => {
  const world = makeWorld({ slots: 5, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 1, starts: null })
  const held = world.start({ t: { host: 'a', semaphores: { db: 1 } } }, { t: { ms: 900_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  await world.flow(30_000)
  world.engine.settle({ run: held, task: 't', item: null, decision: 'fail', by: 'ana', reason: '' })
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
  const world = makeWorld({ slots: 5, hosts: ['a', 'b'] })
  world.semaphores.set('db', { slots: 1, starts: null })
  const held = world.start({ t: { host: 'a', semaphores: { db: 1 } } }, { t: { ms: 900_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  await world.flow(30_000)
  world.engine.settle({ run: held, task: 't', item: null, decision: 'fail', by: 'ana', reason: '' })
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

test('a queued task says how many go before it, and why', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a'] })
  await start(world, { runs: {} })
  await start(world, many('first', 5))
  const run = await start(world, many('mine', 3))
  await start(world, { urgent: { priority: 1 } })
  expect(why(world, run, 'mine01')).toBe(
    'It waits for a slot: a has 1 of 1 slots in use. 1 task of higher priority, 1 of its own run and 2 of other runs, by fair share are ahead of it.',
  )
})

test('Q5: a start among 100,000 tasks of 1,000 runs takes about the steps of one among ten', () => {
  const stepsPerStart = (runs: number, tasks: number): number => {
    let steps = 0
    const owners = Array.from({ length: runs }, (_, index) => ({ name: `r${index}` }))
    const queue = new WorkQueue<{ run: { name: string }; at: number }, { name: string }>(
      ({ run, at }) => ({ run, runName: run.name, priority: at % 3, since: at, order: at }),
      () => (steps += 1),
    )
    for (let at = 0; at < tasks; at += 1) queue.push({ run: owners[at % runs] ?? { name: '' }, at })
    steps = 0
    const starts = Math.min(tasks, 1000)
    for (let turn = 0; turn < starts; turn += 1) {
      const next = queue.peek()
      if (next === null) throw new Error('Nothing waits')
      queue.remove(next)
      queue.started(next, tasks + turn)
      queue.addLive(next, 1)
    }
    return steps / starts
  }
  const few = stepsPerStart(2, 10)
  const lots = stepsPerStart(1000, 100_000)
  // log2(100,000) is 17; a look at all of them would be 100,000.
  expect(lots).toBeLessThan(Math.max(few, 10) * 20)
})

interface Life {
  runs: {
    tasks: { priority: number; weight: number; host: number; ms: number; pool: boolean }[]
    at: number
    slots: number | null
  }[]
  dbSlots: number
  slots: number
}

const lives = (weightMax: number): fc.Arbitrary<Life> =>
  fc.record({
    runs: fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 3000 }),
        slots: fc.option(fc.integer({ min: 1, max: 3 })),
        tasks: fc.array(
          fc.record({
            priority: fc.integer({ min: 0, max: 2 }),
            weight: fc.integer({ min: 0, max: weightMax }),
            host: fc.integer({ min: 0, max: 1 }),
            ms: fc.integer({ min: 1, max: 4000 }),
            pool: fc.boolean(),
          }),
          { minLength: 1, maxLength: 8 },
        ),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    dbSlots: fc.integer({ min: 3, max: 5 }),
    slots: fc.integer({ min: 1, max: 3 }),
  })

interface Started {
  name: string
  at: number
}

/** Lives it to the end; `crashEvery` ms the engine is killed and opened again. */
async function live(life: Life, crashEvery: number | null): Promise<Started[]> {
  const world = makeWorld({ slots: life.slots, hosts: ['a', 'b'], seed: 5 })
  world.semaphores.set('db', { slots: life.dbSlots, starts: null })
  world.poolSlots.set('p', 2)
  const runs: RunId[] = []
  const plans = new Map<RunId, Life['runs'][number]>()
  const due = life.runs
    .map((run, index) => ({ run, index }))
    .toSorted((l, r) => l.run.at - r.run.at)
  const begin = world.clock.now()
  for (const { run, index } of due) {
    await world.flow(Math.max(0, begin + run.at - world.clock.now()))
    const tasks = Object.fromEntries(
      run.tasks.map(({ priority, weight, host, pool }, at): [string, TaskSketch] => [
        `t${index}_${at}`,
        {
          priority,
          ...(weight === 0 ? {} : { semaphores: { db: weight } }),
          ...(pool
            ? { hosts: ['a', 'b'], pool: { name: 'p', pick: 'least_busy' } }
            : { host: host === 0 ? 'a' : 'b' }),
        },
      ]),
    )
    const script = Object.fromEntries(run.tasks.map(({ ms }, at) => [`t${index}_${at}`, { ms }]))
    const plan = { pipeline: `p${index}`, ...(run.slots === null ? {} : { slots: run.slots }) }
    const id = await start(world, tasks, plan, script)
    runs.push(id)
    plans.set(id, run)
  }
  for (let turn = 0; crashEvery !== null && turn < 5; turn += 1) {
    await world.flow(crashEvery)
    world.crash()
  }
  await finishAll(world, runs)
  const events = runs
    .flatMap((run) => world.events(run).map((event) => ({ event, run })))
    .toSorted((left, right) => left.event.at - right.event.at)
  checkLimits(life, events, plans)
  const started = events.flatMap(({ event }): Started[] =>
    event.kind === 'attempt.starting' ? [{ name: event.task, at: event.at }] : [],
  )
  world.engine.close()
  return started.toSorted((left, right) => left.at - right.at || (left.name < right.name ? -1 : 1))
}

// By an independent reading of the events: ends of a millisecond come before its starts.
function checkLimits(
  life: Life,
  events: readonly { event: ReturnType<World['events']>[number]; run: RunId }[],
  plans: ReadonlyMap<RunId, Life['runs'][number]>,
): void {
  const moves = events
    .filter(({ event }) => event.kind === 'attempt.starting' || event.kind === 'attempt.ended')
    .toSorted(
      (left, right) =>
        left.event.at - right.event.at ||
        Number(left.event.kind === 'attempt.starting') -
          Number(right.event.kind === 'attempt.starting'),
    )
  const used = new Map<string, number>()
  for (const { event, run } of moves) {
    if (event.kind !== 'attempt.starting' && event.kind !== 'attempt.ended') continue
    const plan = plans.get(run)
    const sketch = plan?.tasks[Number(event.task.split('_')[1])]
    if (plan === undefined || sketch === undefined) throw new Error(event.task)
    const change = event.kind === 'attempt.starting' ? 1 : -1
    const add = (name: string, weight: number, limit: number): void => {
      const now = (used.get(name) ?? 0) + change * weight
      used.set(name, now)
      expect(now, `${name} at ${event.at}`).toBeLessThanOrEqual(limit)
    }
    add('db', sketch.weight, life.dbSlots)
    if (sketch.pool) add('pool', 1, 2)
    add(`pipeline ${run}`, 1, plan.slots ?? 1000)
  }
}

test('E5: whatever is queued, however often the engine is killed, no limit is passed and everything starts', async () => {
  await fc.assert(
    fc.asyncProperty(
      lives(3),
      fc.option(fc.integer({ min: 200, max: 3000 })),
      async (life, every) => {
        const started = await live(life, every)
        expect(started).toHaveLength(life.runs.flatMap(({ tasks }) => tasks).length)
      },
    ),
    { numRuns: 40, endOnFailure: true },
  )
})

// With larger weights, who waits behind whom also depends on who was looked at before.
test('Q4: an engine that is killed again and again starts the same work at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(lives(1), fc.integer({ min: 200, max: 3000 }), async (life, every) => {
      expect(await live(life, every)).toEqual(await live(life, null))
    }),
    { numRuns: 20, endOnFailure: true },
  )
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

/** The most that was held at once, by the events. */
function watchWeights(world: World): () => number {
  let held = 0
  let most = 0
  world.engine.onEvents((events) => {
    for (const event of events) {
      if (event.kind !== 'attempt.starting' && event.kind !== 'attempt.ended') continue
      const weight = event.task.startsWith('two') ? 2 : 1
      held += event.kind === 'attempt.starting' ? weight : -weight
      most = Math.max(most, held)
    }
  })
  return () => most
}
