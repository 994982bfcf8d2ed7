// What a cancel ends at once, what it lets come to its end, and what it says about both.
import { expect, test } from 'vitest'
import { makeWorld } from '../helpers/world.ts'

const hour = 3_600_000
const retries = { max: 1, delayMs: hour, backoff: 'fixed' as const, capMs: hour, jitter: 0 }
const approval = { message: 'Load?', form: [], timeoutMs: null, onTimeout: 'reject' as const }

test('what waits, is tried again or asks a person ends at once and says why', async () => {
  const world = makeWorld()
  const run = world.start(
    { flaky: { retries }, ok: { approval }, next: { needs: ['flaky'] }, long: {} },
    { flaky: { exit: 1 }, long: { ms: hour } },
  )
  await world.flow(10_000)
  expect(world.states(run)).toMatchObject({ flaky: 'retrying', ok: 'running' })
  world.engine.cancel(run, 'ana', '')
  for (const name of ['flaky', 'ok', 'next'])
    expect(world.task(run, name)).toMatchObject({
      state: 'cancelled',
      why: 'the run was cancelled',
    })
  expect((await world.finish(run)).state).toBe('cancelled')
  await world.flow(2 * hour)
  expect(world.fatal).toEqual([])
})

test('a paused run that is cancelled still cleans up', async () => {
  const world = makeWorld()
  const run = world.start({ a: {}, b: { needs: ['a'] }, report: { isFinal: true } })
  world.engine.pause(run, { by: 'ana', reason: '' })
  await world.flow(10_000)
  world.engine.cancel(run, 'ana', '')
  const view = await world.finish(run)
  expect(view.state).toBe('cancelled')
  expect(view.paused).toBeUndefined()
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'cancelled', report: 'succeeded' })
})

test.each([
  ['once', 'succeeded'],
  ['twice', 'cancelled'],
] as const)('clean-up that runs when its run is cancelled %s has %s', async (times, state) => {
  const world = makeWorld()
  const run = world.start({ a: {}, report: { isFinal: true } }, { report: { ms: 60_000 } })
  await world.flow(10_000)
  expect(world.states(run)['report']).toBe('running')
  world.engine.cancel(run, 'ana', '')
  await world.flow(1000)
  if (times === 'twice') world.engine.cancel(run, 'ana', '')
  await world.finish(run)
  expect(world.states(run)).toEqual({ a: 'succeeded', report: state })
})

test('what is unknown stays so until its host is back, and is stopped then', async () => {
  const world = makeWorld()
  const onUnknown = { waitMs: 0, then: 'ask' as const }
  const run = world.start({ t: { onUnknown } }, { t: { ms: 10 * hour } })
  await world.flow(1000)
  world.fleet.drop('a')
  await world.flow(20_000)
  world.engine.cancel(run, 'ana', '')
  await world.flow(hour)
  expect(world.states(run)).toEqual({ t: 'unknown' })
  world.fleet.restore('a')
  await world.flow(5000)
  expect(world.states(run)).toEqual({ t: 'cancelled' })
  expect(world.view(run).state).toBe('cancelled')
})
