import { expect, test } from 'vitest'
import { makeWorld } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'

const pool = (pick: 'least_busy' | 'in_order' | 'spread', hosts = ['a', 'b', 'c']): TaskSketch => ({
  hosts,
  pool: { name: 'crunch', pick },
})
const world3 = (slots = 2) => makeWorld({ slots, hosts: ['a', 'b', 'c'] })
const unreachable = {
  notStarted: { cause: 'host_unreachable' as const, message: 'no route' },
}

function hostsOf(world: ReturnType<typeof makeWorld>, run: string): string[] {
  return world
    .events(run as Parameters<typeof world.events>[0])
    .filter((event) => event.kind === 'attempt.starting')
    .map((event) => event.host)
}

test('in order: the first host with a free slot takes it', () => {
  const world = world3()
  const run = world.start(
    Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`t${i}`, pool('in_order')])),
  )
  expect(hostsOf(world, run)).toEqual(['a', 'a', 'b', 'b', 'c'])
})

test('least busy: the host with the smallest share of slots in use takes it', () => {
  const world = world3(4)
  world.start({ x: { host: 'a' }, y: { host: 'a' }, z: { host: 'b' } })
  const run = world.start({
    t1: pool('least_busy'),
    t2: pool('least_busy'),
    t3: pool('least_busy'),
  })
  expect(hostsOf(world, run)).toEqual(['c', 'b', 'c'])
})

test('spread: attempts of one run go to different hosts, however busy those are', () => {
  const world = world3(4)
  world.start({ x: { host: 'b' }, y: { host: 'b' }, z: { host: 'c' } })
  const run = world.start({ t1: pool('spread'), t2: pool('spread'), t3: pool('spread') })
  expect(hostsOf(world, run).toSorted()).toEqual(['a', 'b', 'c'])
})

test('the event says why a host was chosen and why each other one was not', () => {
  const world = world3(1)
  world.closed.set('b', 'cordoned by ana: new disk')
  world.start({ x: { host: 'a' } })
  const run = world.start({ t: pool('in_order') })
  const start = world.events(run).find((event) => event.kind === 'attempt.starting')
  expect(start).toMatchObject({
    host: 'c',
    chosen: {
      why: 'the first that can',
      passedOver: [
        { host: 'a', why: '1 of 1 slots in use' },
        { host: 'b', why: 'cordoned by ana: new disk' },
      ],
    },
  })
})

test('E5: a pool never runs more attempts than it has slots, over all its hosts and runs', async () => {
  const world = world3(5)
  world.poolSlots.set('crunch', 4)
  const tasks = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`t${i}`, pool('spread')]))
  const runs = [world.start(tasks), world.start(tasks)]
  expect(world.engine.poolLoad('crunch')).toEqual({ used: 4, queued: 14 })
  let most = 0
  world.engine.onEvents(() => (most = Math.max(most, world.engine.poolLoad('crunch').used)))
  for (const run of runs) expect((await world.finish(run)).state).toBe('succeeded')
  expect(most).toBe(4)
  expect(world.engine.poolLoad('crunch')).toEqual({ used: 0, queued: 0 })
})

test('a task that no host could start goes to the next host of its pool, and that is no retry', async () => {
  const world = world3()
  const run = world.start({ t: pool('in_order') }, { t: [unreachable, unreachable, {}] })
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  expect(hostsOf(world, run)).toEqual(['a', 'b', 'c'])
  expect(world.events(run).filter((event) => event.kind === 'task.retrying')).toEqual([])
})

test('when no host of the pool can start it, the task fails with the reason of the last', async () => {
  const world = world3()
  const run = world.start({ t: pool('in_order') }, { t: unreachable })
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(hostsOf(world, run)).toEqual(['a', 'b', 'c'])
  expect(view.tasks['t']?.why).toBe('not started: no route')
})

test('a run that is resumed tries every host of the pool again', async () => {
  const world = world3()
  const script = { t: [unreachable, unreachable, unreachable, unreachable, {}] }
  const run = world.start({ t: pool('in_order') }, script)
  await world.finish(run)
  const plan = world.store.db.prepare('select body from plan').pluck().get() as string
  world.engine.resume({ run, plan: JSON.parse(plan), options: FROM_FAILURE }, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(hostsOf(world, run)).toHaveLength(5)
})

test('a retry goes back to the host where the task has been, though another is less busy', async () => {
  const world = world3(4)
  const retries = { max: 1, delayMs: 10, backoff: 'fixed' as const, capMs: 10, jitter: 0 }
  const long = { x1: { host: 'a' }, x2: { host: 'b' }, x3: { host: 'b' } }
  const run = world.start(
    { ...long, t: { ...pool('least_busy', ['a', 'b']), retries, needs: [] } },
    { t: [{ exit: 1 }, {}], x1: { ms: 60_000 }, x2: { ms: 500 }, x3: { ms: 500 } },
  )
  await world.finish(run)
  const hosts = world.task(run, 't').attempts.map((attempt) => attempt.host)
  expect(hosts).toEqual(['a', 'a'])
})

test('a host that has failed of late gets work only when no better one has room', async () => {
  const world = world3(1)
  const bad = world.start({ t: pool('in_order', ['a', 'b']) }, { t: [unreachable, {}] })
  await world.finish(bad)
  expect(world.engine.health('a').score).toBeLessThan(0.6)
  expect(world.engine.health('a').why).toContain('no route')
  const run = world.start({ u1: pool('in_order', ['a', 'b']), u2: pool('in_order', ['a', 'b']) })
  expect(hostsOf(world, run)).toEqual(['b', 'a'])
})

test('a cordoned host takes nothing new, keeps what runs, and goes on when it is opened', async () => {
  const world = world3(1)
  const run = world.start({ t1: { host: 'a' }, t2: { host: 'a' } }, { t1: { ms: 100 } })
  world.closed.set('a', 'cordoned by ana')
  world.engine.stir()
  await world.flow(60_000)
  expect(world.states(run)).toEqual({ t1: 'succeeded', t2: 'queued' })
  expect(world.engine.placement({ run, task: 't2', item: null })).toEqual({
    why: 'No host takes new work: a is cordoned by ana.',
    hosts: [{ host: 'a', verdict: 'closed', why: 'cordoned by ana' }],
  })
  world.closed.delete('a')
  world.engine.stir()
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('a queued task says what it waits for', () => {
  const world = world3(1)
  const run = world.start({
    t1: pool('in_order'),
    t2: pool('in_order'),
    t3: pool('in_order'),
    t4: pool('in_order'),
    t5: pool('in_order'),
  })
  expect(world.engine.placement({ run, task: 't5', item: null })?.why).toBe(
    'It waits for a slot: a has 1 of 1 slots in use; b has 1 of 1 slots in use; c has 1 of 1 slots in use. 1 task of its own run is ahead of it.',
  )
  expect(world.engine.placement({ run, task: 't1', item: null })).toBeNull()
})

test('lanes that share a host are served by who has waited longest', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a', 'b'] })
  const first = world.start(
    { x: { host: 'a' }, y: { host: 'b' } },
    { x: { ms: 100 }, y: { ms: 90_000 } },
  )
  await world.flow(1)
  const single = world.start({ s1: { host: 'a' } })
  await world.flow(1)
  const pooled = world.start({ p1: pool('in_order', ['a', 'b']) })
  await world.flow(1)
  const later = world.start({ s2: { host: 'a' } })
  for (const run of [first, single, pooled, later]) await world.finish(run)
  const at = (run: typeof first, task: string): number =>
    world.task(run, task).attempts[0]?.startingAt ?? 0
  expect(at(single, 's1')).toBeLessThan(at(pooled, 'p1'))
  expect(at(pooled, 'p1')).toBeLessThan(at(later, 's2'))
})

test('E7: after a restart queued tasks of a pool wait again and slots are counted right', async () => {
  const world = world3(1)
  world.poolSlots.set('crunch', 2)
  const tasks = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`t${i}`, pool('spread')]))
  const run = world.start(tasks)
  world.crash()
  expect(world.engine.poolLoad('crunch')).toEqual({ used: 2, queued: 4 })
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('a cordoned host is no way out of a failed start: the task ends instead of going round', async () => {
  const world = world3()
  world.closed.set('a', 'cordoned by ana')
  const run = world.start({ t: pool('in_order') }, { t: unreachable })
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(hostsOf(world, run)).toEqual(['b', 'c'])
})

test('work waits for a full host of its pool rather than try one that is out of reach', async () => {
  const world = makeWorld({ slots: 2, hosts: ['a', 'b'] })
  const busy = { x1: { host: 'a' }, x2: { host: 'a' }, y: { host: 'b' } }
  const long = { ms: 60_000 }
  const first = world.start(busy, { x1: long, x2: long, y: long })
  await world.flow(10)
  world.fleet.drop('b')
  await world.flow(10)
  const run = world.start({ t: pool('in_order', ['a', 'b']) })
  await world.flow(30_000)
  expect(hostsOf(world, run)).toEqual([])
  await world.flow(60_000)
  expect(hostsOf(world, run)).toEqual(['a'])
  world.fleet.restore('b')
  await world.finish(first)
})

test('where every host of a pool is out of reach, one is tried all the same', async () => {
  const world = makeWorld({ slots: 2, hosts: ['a', 'b'] })
  const first = world.start({ x: { host: 'a' }, y: { host: 'b' } })
  await world.flow(10)
  world.fleet.drop('a')
  world.fleet.drop('b')
  await world.flow(10)
  const run = world.start({ t: pool('in_order', ['a', 'b']) })
  expect(hostsOf(world, run)).toHaveLength(1)
  world.fleet.restore('a')
  world.fleet.restore('b')
  for (const each of [first, run]) expect((await world.finish(each)).state).toBe('succeeded')
})

test('a slot that comes free in a pool lets a task of other hosts of that pool go on', async () => {
  const world = world3(5)
  world.poolSlots.set('crunch', 1)
  const first = world.start({ t: pool('in_order', ['a', 'b']) })
  const second = world.start({ t: pool('in_order', ['b', 'c']) })
  for (const run of [first, second]) expect((await world.finish(run)).state).toBe('succeeded')
})
