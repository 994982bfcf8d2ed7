import { expect, test } from 'vitest'
import { makeWorld } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'
import type { UnknownPolicy } from '../../shared/pipeline/spec.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'

const hour = 3_600_000
const sketch = (onUnknown: UnknownPolicy, more: TaskSketch = {}): TaskSketch => ({
  hosts: ['a', 'b'],
  pool: { name: 'crunch', pick: 'in_order' },
  graceMs: 1000,
  onUnknown,
  ...more,
})
const failover: UnknownPolicy = { waitMs: 0, then: 'failover' }
const long = { t: { ms: 10 * hour } }
const kinds = (world: World, run: RunId): string[] => world.events(run).map((event) => event.kind)
/** Copies of a task that really live, on any host. */
const copies = (world: World): number =>
  ['a', 'b']
    .flatMap((name) => [...world.host(name).attempts.values()])
    .filter((one) => one.end === null).length

test('E4: with `wait 2h` the outcome stays unknown for two hours, then the attempt is lost', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 2 * hour, then: 'fail' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(2 * hour)
  expect(world.states(run)).toEqual({ t: 'unknown' })
  await world.flow(60_000)
  expect(world.states(run)).toEqual({ t: 'failed' })
  expect(world.task(run, 't').attempts[0]?.end).toMatchObject({ cause: 'unknown_too_long' })
})

test('E4: the wait counts from the moment it became unknown, over restarts', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 2 * hour, then: 'fail' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(1.5 * hour)
  world.crash()
  await world.flow(0.4 * hour)
  expect(world.states(run)).toEqual({ t: 'unknown' })
  await world.flow(0.2 * hour)
  expect(world.states(run)).toEqual({ t: 'failed' })
})

test('with `fail` it is lost as soon as it is unknown', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 0, then: 'fail' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(15_000)
  expect(world.states(run)).toEqual({ t: 'failed' })
})

test('with `ask` it waits for a person without end', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 0, then: 'ask' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(100 * 24 * hour)
  expect(world.states(run)).toEqual({ t: 'unknown' })
})

test('with `failover` another host takes over, and never before the first copy is stopped', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch(failover) }, { t: [{ ms: 10 * hour }, { ms: 1000 }] })
  await world.flow(1000)
  world.fleet.drop('a')
  let most = 0
  for (let s = 0; s < 300; s += 1) {
    await world.flow(1000)
    most = Math.max(most, copies(world))
  }
  expect(most).toBe(1)
  const { attempts } = world.task(run, 't')
  expect(attempts.map((attempt) => attempt.host)).toEqual(['a', 'b'])
  expect(attempts[0]?.end).toMatchObject({ outcome: 'lost', cause: 'failed_over' })
  expect(world.states(run)).toEqual({ t: 'succeeded' })
  expect(kinds(world, run)).not.toContain('task.retrying')
})

test('a stubborn copy has its grace before another host takes over', async () => {
  const world = makeWorld()
  const task = sketch(failover, { graceMs: 120_000 })
  const run = world.start({ t: task }, { t: [{ ms: 10 * hour, stubborn: true }, { ms: 1000 }] })
  await world.flow(1000)
  world.fleet.drop('a')
  let most = 0
  for (let s = 0; s < 400; s += 1) {
    await world.flow(1000)
    most = Math.max(most, copies(world))
  }
  expect(most).toBe(1)
  expect(world.states(run)).toEqual({ t: 'succeeded' })
})

test.each(['external', 'irreversible'] as const)(
  'a task of effect %s never fails over: a person is asked',
  async (effect) => {
    const world = makeWorld()
    const run = world.start({ t: sketch(failover, { effect }) }, long)
    await world.flow(1000)
    world.fleet.drop('a')
    await world.flow(100 * hour)
    expect(world.states(run)).toEqual({ t: 'unknown' })
    expect(() =>
      world.engine.settle({
        run,
        task: 't',
        item: null,
        decision: 'failover',
        by: 'ana',
        reason: '',
      }),
    ).toThrow(`its effect is ${effect}, so it may not run twice`)
  },
)

test('a short cut costs nothing: the copy lives on and is found again', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch(failover) }, { t: { ms: 10 * 60_000 } })
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(40_000)
  expect(world.states(run)).toEqual({ t: 'unknown' })
  world.fleet.restore('a')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 't').attempts).toHaveLength(1)
})

test('a lease that has run out before the host is back sends the task elsewhere at once', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch(failover) }, { t: [{ ms: 10 * hour }, { ms: 1000 }] })
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(75_000)
  world.fleet.restore('a')
  expect((await world.finish(run)).state).toBe('succeeded')
  const ends = world.task(run, 't').attempts.map((attempt) => attempt.end)
  expect(ends).toMatchObject([{ outcome: 'lost', cause: 'lease_expired' }, { outcome: 'exited' }])
})

test('a copy that was given up is stopped and proved gone when its host is back', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 0, then: 'ask' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(20_000)
  world.engine.settle({
    run,
    task: 't',
    item: null,
    decision: 'fail',
    by: 'ana',
    reason: 'the host burned down',
  })
  expect(world.states(run)).toEqual({ t: 'failed' })
  expect(world.task(run, 't').why).toBe('given up by ana: the host burned down')
  await world.finish(run)
  expect(copies(world)).toBe(1)
  world.fleet.restore('a')
  await world.flow(5000)
  expect(copies(world)).toBe(0)
  expect(world.task(run, 't').attempts[0]?.fenced).toMatchObject({ outcome: 'cancelled' })
  expect(world.host('a').attempts.size).toBe(0)
})

test('E2: a fence outlives the engine, and the run that ended long before', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 0, then: 'fail' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.finish(run)
  world.crash()
  await world.flow(hour)
  world.fleet.restore('a')
  await world.flow(5000)
  expect(copies(world)).toBe(0)
  expect(kinds(world, run).slice(-2)).toEqual(['attempt.fenced', 'attempt.log_closed'])
  expect(world.store.db.prepare('select count(*) from fence').pluck().get()).toBe(0)
  world.crash()
  await world.flow(5000)
  expect(kinds(world, run).filter((kind) => kind === 'attempt.fenced')).toHaveLength(1)
})

test('what the fenced copy had done is told: it may have ended well', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: 0, then: 'fail' }) }, { t: { ms: 30_000 } })
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(60_000)
  expect(world.states(run)).toEqual({ t: 'failed' })
  world.fleet.restore('a')
  await world.flow(5000)
  expect(world.task(run, 't').attempts[0]?.fenced).toMatchObject({ outcome: 'exited', exit: 0 })
})

test.each([
  ['failed over', failover, [{ ms: 10 * hour }, { ms: 1000 }]],
  ['given up', { waitMs: 0, then: 'ask' } as const, [{ ms: 10 * hour }]],
])(
  'H6: a run whose attempt was %s ends without its log, and gets the rest when the host is back',
  async (_, policy, scripts) => {
    for (const crashes of [false, true]) {
      const world = makeWorld()
      const run = world.start({ t: sketch(policy) }, { t: scripts })
      await world.flow(1000)
      world.fleet.drop('a')
      await world.flow(20_000)
      if (policy.then === 'ask')
        world.engine.settle({ run, task: 't', item: null, decision: 'fail', by: 'ana', reason: '' })
      await world.flow(2 * 60_000)
      expect(world.view(run).state).not.toBe('running')
      const first = (): AttemptView['log'] | undefined => world.task(run, 't').attempts[0]?.log
      expect(first()?.gaps[0]?.why).toMatch(/the rest comes when the host is back/)
      if (crashes) world.crash()
      await world.flow(hour)
      world.fleet.restore('a')
      await world.flow(10_000)
      expect(first()).toMatchObject({ bytes: 10, gaps: [] })
      expect(world.host('a').attempts.size).toBe(0)
      expect(kinds(world, run).filter((kind) => kind === 'attempt.log_closed')).toHaveLength(
        scripts.length + 1,
      )
    }
  },
)

test('a person may wait on: the policy counts anew', async () => {
  const world = makeWorld()
  const run = world.start({ t: sketch({ waitMs: hour, then: 'fail' }) }, long)
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(0.9 * hour)
  world.engine.settle({
    run,
    task: 't',
    item: null,
    decision: 'wait',
    by: 'ana',
    reason: 'they are on it',
  })
  await world.flow(0.9 * hour)
  expect(world.states(run)).toEqual({ t: 'unknown' })
  await world.flow(0.2 * hour)
  expect(world.states(run)).toEqual({ t: 'failed' })
})

test('a person may fail over where the effect allows it', async () => {
  const world = makeWorld()
  const task = sketch({ waitMs: 0, then: 'ask' })
  const run = world.start({ t: task }, { t: [{ ms: 10 * hour }, { ms: 1000 }] })
  await world.flow(1000)
  expect(() =>
    world.engine.settle({ run, task: 't', item: null, decision: 'fail', by: 'ana', reason: '' }),
  ).toThrow('Task t is running: its outcome is not in doubt.')
  world.fleet.drop('a')
  await world.flow(20_000)
  world.engine.settle({ run, task: 't', item: null, decision: 'failover', by: 'ana', reason: '' })
  await world.flow(5000)
  expect(world.task(run, 't').attempts.map((attempt) => attempt.host)).toEqual(['a', 'b'])
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('E5: a copy that was given up keeps its slot until it is proved gone', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a', 'b'] })
  const task = { host: 'a', graceMs: 30_000, onUnknown: { waitMs: 0, then: 'fail' as const } }
  const run = world.start({ t: task }, { t: { ms: 10 * hour, stubborn: true } })
  await world.flow(1000)
  world.fleet.drop('a')
  await world.finish(run)
  const next = world.start({ u: { host: 'a' } })
  world.crash()
  world.fleet.restore('a')
  expect((await world.finish(next)).state).toBe('succeeded')
  expect(world.host('a').liveMax).toBe(1)
})
