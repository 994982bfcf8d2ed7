// What falls due is held against the state of that moment: much may have happened since it was asked for.
import { expect, test } from 'vitest'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'

const hour = 3_600_000
const retries = { max: 3, delayMs: hour, backoff: 'fixed' as const, capMs: hour, jitter: 0 }
const approval = { message: 'Load?', form: [], timeoutMs: hour, onTimeout: 'reject' as const }

test('the time of a retry that was cancelled starts no second copy, nor a later retry too early', async () => {
  const world = makeWorld()
  const tasks = { t: { retries } }
  const run = world.start(tasks, { t: [{ exit: 1 }, { ms: 0.5 * hour, exit: 1 }, {}] })
  await world.flow(10_000)
  world.engine.cancel(run, 'ana', '')
  world.engine.resume({ run, plan: sketchPlan(tasks), options: FROM_FAILURE }, 'ana')
  await world.flow(0.6 * hour)
  expect(world.states(run)).toEqual({ t: 'retrying' })
  await world.flow(0.6 * hour)
  expect(world.task(run, 't')).toMatchObject({ state: 'retrying', attempts: { length: 2 } })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 't').attempts).toHaveLength(3)
})

test('the time of a retry passes by the copy that a resume has started', async () => {
  const world = makeWorld()
  const tasks = { t: { retries } }
  const run = world.start(tasks, { t: [{ exit: 1 }, { ms: 3 * hour }] })
  await world.flow(10_000)
  world.engine.cancel(run, 'ana', '')
  world.engine.resume({ run, plan: sketchPlan(tasks), options: FROM_FAILURE }, 'ana')
  await world.flow(2 * hour)
  expect(world.task(run, 't')).toMatchObject({ state: 'running', attempts: { length: 2 } })
  expect(world.host('a').liveMax).toBe(1)
})

test('what falls due after its run has ended is nobody`s business', async () => {
  const world = makeWorld()
  const onUnknown = { waitMs: 2 * hour, then: 'fail' as const }
  const tasks: Record<string, TaskSketch> = {
    flaky: { retries },
    ok: { approval },
    cut: { host: 'b', onUnknown },
  }
  const run = world.start(tasks, { flaky: { exit: 1 }, cut: { ms: hour } })
  await world.flow(5000)
  world.fleet.drop('b')
  await world.flow(20_000)
  expect(world.states(run)).toMatchObject({ flaky: 'retrying', ok: 'running', cut: 'unknown' })
  world.engine.cancel(run, 'ana', '')
  world.fleet.restore('b')
  const view = await world.finish(run)
  expect(view.endedAt).toBeLessThan(view.createdAt + hour)
  await world.flow(3 * hour)
  expect(world.fatal).toEqual([])
  expect(world.view(run).seq).toBe(view.seq)
})

test('a log that came is not closed again when the wait for it is over; one that never comes says why', async () => {
  const world = makeWorld()
  const run = world.start(
    { told: {}, mute: { host: 'b' }, slow: {} },
    { mute: { noLog: true }, slow: { ms: hour } },
  )
  await world.flow(0.5 * hour)
  expect(world.task(run, 'told').attempts[0]?.log).toMatchObject({ bytes: 10, gaps: [] })
  expect(world.task(run, 'mute').attempts[0]?.log?.gaps).toEqual([
    { offset: 0, bytes: null, why: 'the host did not come back to hand over the rest' },
  ])
})

test('a clock that jumps ahead does not end the lease of a copy before its host does', async () => {
  const world = makeWorld()
  const task: TaskSketch = {
    hosts: ['a', 'b'],
    pool: { name: 'p', pick: 'in_order' },
    graceMs: 1000,
    onUnknown: { waitMs: 0, then: 'failover' },
  }
  // Its end has the engine look at what is due.
  const tick = { host: 'b' }
  const script = { t: [{ ms: 10 * hour }, { ms: 1000 }], tick: { ms: 100_000 } }
  const run = world.start({ t: task, tick }, script)
  await world.flow(50_000)
  world.fleet.drop('a')
  const cutAt = world.clock.monotonic()
  await world.flow(20_000)
  world.clock.step(hour)
  await world.flow(cutAt + 98_499 - world.clock.monotonic())
  expect(world.states(run)).toEqual({ t: 'unknown', tick: 'succeeded' })
  await world.flow(2000)
  expect(world.task(run, 't').attempts.map(({ host }) => host)).toEqual(['a', 'b'])
})
