// Random work with random limits, over restarts, held against an independent reading of its events.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunId } from '../../shared/run/ids.ts'
import { makeWorld } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'
import { finishAll, start } from './queue-kit.ts'

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

const KILLS = 5

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
  for (let turn = 0; crashEvery !== null && turn < KILLS; turn += 1) {
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

// With larger weights, who waits behind whom also depends on who was looked at before. An end that is told in the very
// millisecond of a kill is told again one later, and what waits for it starts so much later.
test('Q4: an engine that is killed again and again starts the same work at the same time', async () => {
  await fc.assert(
    fc.asyncProperty(lives(1), fc.integer({ min: 200, max: 3000 }), async (life, every) => {
      const alone = await live(life, null)
      const startedAt = new Map(alone.map(({ name, at }) => [name, at]))
      const killed = await live(life, every)
      expect(killed).toHaveLength(alone.length)
      for (const { name, at } of killed)
        expect(Math.abs(at - (startedAt.get(name) ?? 0)), `start of ${name}`).toBeLessThanOrEqual(
          KILLS,
        )
    }),
    { numRuns: 20, seed: 7, endOnFailure: true },
  )
})
