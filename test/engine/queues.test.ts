// Whose turn it is: priorities, fair share between runs, and who came first.
import { expect, test } from 'vitest'
import { WorkQueue } from '../../electron/engine/work-queue.ts'
import { makeWorld } from '../helpers/world.ts'
import { finishAll, many, record, start, why } from './queue-kit.ts'

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
