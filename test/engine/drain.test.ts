// A drain of the whole engine: nothing starts on any host, over restarts, until somebody takes it back.
import { expect, test } from 'vitest'
import type { Drain } from '../../electron/ports/placement.ts'
import { makeWorld } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'

const said: Drain = { by: 'ana', reason: 'the rack moves', at: Date.UTC(2026, 0, 5, 9) }

function drain(world: World, held: Drain | null): void {
  world.drain = () => held
  world.engine.stir()
}

test('a drained engine starts nothing on any run, lets what runs end, and goes on where it was', async () => {
  const world = makeWorld({ seed: 3, slots: 1 })
  const first = world.start(
    { a: {}, again: { host: 'b', retries: retries(1) }, c: { needs: ['a', 'again'] } },
    { a: { ms: 60_000 }, again: [{ exit: 1, ms: 1000 }, {}] },
  )
  await world.flow(500)
  drain(world, said)
  const later = world.start({ x: { host: 'b' }, y: { needs: ['x'] } })
  await world.flow(10 * 60_000)
  expect([world.states(first), world.states(later)]).toEqual([
    { a: 'succeeded', again: 'queued', c: 'waiting' },
    { x: 'queued', y: 'waiting' },
  ])
  expect(world.engine.used()).toBe(0)
  drain(world, null)
  expect([(await world.finish(first)).state, (await world.finish(later)).state]).toEqual([
    'succeeded',
    'succeeded',
  ])
  expect(world.task(first, 'a').attempts).toHaveLength(1)
})

test('E7: a restart starts nothing while the drain holds, and finds what runs', async () => {
  const world = makeWorld({ seed: 4 })
  const run = world.start({ a: {}, b: { needs: ['a'] }, c: {} }, { a: { ms: 60_000 } })
  await world.flow(500)
  drain(world, said)
  world.crash()
  expect(world.engine.used()).toBe(2)
  await world.flow(120_000)
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'queued', c: 'succeeded' })
  world.crash()
  await world.flow(120_000)
  expect(world.task(run, 'b').attempts).toEqual([])
  drain(world, null)
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 'a').attempts).toHaveLength(1)
})

test('what waits for a drained engine says who drained it, since when and why', async () => {
  const world = makeWorld({ seed: 5 })
  drain(world, said)
  const run = world.start({ a: {}, b: { needs: ['a'] } })
  await world.flow(1000)
  const why = (task: string): string | undefined =>
    world.engine.placement({ run, task, item: null })?.why
  expect([why('a'), why('b')]).toEqual([
    'The engine is drained by ana since 2026-01-05 09:00:00 UTC: the rack moves.',
    'It waits for a (queued).',
  ])
  world.engine.cancel(run, 'ana', '')
  expect((await world.finish(run)).state).toBe('cancelled')
})

test('a host that comes back, a slot that frees and a rate that opens start nothing in a drain', async () => {
  const world = makeWorld({ seed: 6, slots: 1 })
  world.semaphores.set('calls', { slots: null, starts: { max: 1, perMs: 60_000 } })
  const calls = { semaphores: { calls: 1 }, hosts: ['a', 'b'] }
  const run = world.start({ one: calls, two: calls, three: { host: 'b' } }, { one: { ms: 5000 } })
  await world.flow(500)
  world.fleet.drop('b')
  drain(world, said)
  world.fleet.restore('b')
  await world.flow(300_000)
  expect(world.states(run)).toMatchObject({ one: 'succeeded', two: 'queued' })
  drain(world, null)
  expect((await world.finish(run)).state).toBe('succeeded')
})

function retries(max: number) {
  return { max, delayMs: 1000, backoff: 'fixed' as const, capMs: 60_000, jitter: 0 }
}
