// The drain of the engine through the calls: recorded, told to whoever watches, kept in the store.
import { expect, test } from 'vitest'
import { openDrain } from '../../electron/api/drain.ts'
import { openCordons } from '../../electron/store/cordons.ts'
import type { EngineDrain } from '../../shared/api/views.ts'
import { openApiWorld } from './api-world.ts'

test('a drain is recorded, told as it goes on, and outlives the engine', async () => {
  const api = openApiWorld()
  const { client, world } = api
  const run = world.start({ a: {}, b: { needs: ['a'] } }, { a: { ms: 60_000 } })
  await world.flow(500)
  const leave = new AbortController()
  const told: (EngineDrain | null)[] = []
  const watch = client.stream('engine.watch', {}, leave.signal)[Symbol.asyncIterator]()
  const next = async (): Promise<void> => {
    told.push((await watch.next()).value?.drain ?? null)
  }
  await next()
  await client.call('engine.drain', { state: 'draining', reason: 'the rack moves' })
  await next()
  const other = openDrain({
    cordons: openCordons(world.store.db),
    clock: world.clock,
    engine: () => null,
  })
  expect(other.held()).toMatchObject({ by: 'ana', reason: 'the rack moves' })
  await world.flow(120_000)
  await next()
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'queued' })
  await client.call('engine.drain', { state: 'open' })
  await next()
  leave.abort()
  expect(told.map((one) => (one === null ? 'open' : `${one.kind} ${one.running}`))).toEqual([
    'open',
    'draining 1',
    'drained 0',
    'open',
  ])
  expect((await world.finish(run)).state).toBe('succeeded')
  const rows = await client.call('audit.list', {})
  expect(rows.map(({ action, subject, reason }) => [action, subject, reason])).toEqual([
    ['engine.opened', 'engine', ''],
    ['engine.draining', 'engine', 'the rack moves'],
  ])
  await api.close()
})
