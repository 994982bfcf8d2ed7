import { expect, test } from 'vitest'
import { openBridge, type Bridge } from '../../renderer/bridge/bridge.ts'
import { openRunStore, selectTask } from '../../renderer/state/run.ts'
import { endAttempt, startAttempt, tell } from './scripted-run.ts'
import { scriptedClient } from './scripted-client.ts'
import { demoWorld } from './scripted-world.ts'
import { atOnce, until } from './until.ts'

const now = Date.UTC(2026, 0, 12, 3)

function openWorld() {
  const world = demoWorld(now)
  const client = scriptedClient(world)
  const bridge: Bridge = openBridge(async () => ({
    client,
    closed: new Promise<void>(() => {}),
  }))
  return { world, client, bridge }
}

test('a run begins with a snapshot and goes on by events, folded as the engine folds them', async () => {
  const { world, client, bridge } = openWorld()
  const run = world.runs.at(-1)!
  const store = openRunStore(bridge, run.view.run, atOnce)
  const first = await until(store, (state) => state.kind === 'ready')
  expect(first.view?.tasks['clean_orders']?.state).toBe('running')

  const seq = run.view.seq
  client.publish(run, endAttempt(run, 'clean_orders', now, 0))
  const then = await until(store, (state) => state.seq === seq + 3)
  expect(then.view?.tasks['clean_orders']?.state).toBe('succeeded')
  expect(then.view).toEqual(run.view)
  expect(then.events).toHaveLength(run.events.length)
  store.close()
  bridge.close()
})

test('a task that changed is a new record, and every other task stays the same one', async () => {
  const { world, client, bridge } = openWorld()
  const run = world.runs.at(-1)!
  const store = openRunStore(bridge, run.view.run, atOnce)
  const before = await until(store, (state) => state.kind === 'ready')
  const changed = selectTask('clean_orders')(before)
  const other = selectTask('join')(before)
  const { seq } = before
  client.publish(run, endAttempt(run, 'clean_orders', now, 0))
  const after = await until(store, (state) => state.seq > seq)
  expect(selectTask('clean_orders')(after)).not.toBe(changed)
  expect(selectTask('join')(after)).toBe(other)
  store.close()
  bridge.close()
})

test('the counts of the states follow each event', async () => {
  const { world, client, bridge } = openWorld()
  const run = world.runs.at(-1)!
  const store = openRunStore(bridge, run.view.run, atOnce)
  await until(store, (state) => state.kind === 'ready')
  client.publish(run, [
    ...endAttempt(run, 'clean_orders', now, 0),
    ...startAttempt(run, 'join', now),
  ])
  const { counts } = await until(store, (state) => state.seq === run.view.seq)
  expect(counts).toEqual(run.row.counts)
  store.close()
  bridge.close()
})

test('the cause is asked for when a task has failed, and forgotten when a resume clears it', async () => {
  const { world, client, bridge } = openWorld()
  const run = world.runs.at(-2)!
  const store = openRunStore(bridge, run.view.run, atOnce)
  const explained = await until(store, (state) => state.explained.kind === 'ready')
  expect(explained.explained).toMatchObject({ cause: { rootTask: 'validate_orders' } })

  await client.call('run.resume', { run: run.view.run })
  await until(store, (state) => state.explained.kind === 'none')
  expect(store.getState().view?.state).toBe('running')
  store.close()
  bridge.close()
})

test('a run that is not there is an error with words, not an endless wait', async () => {
  const { bridge } = openWorld()
  const store = openRunStore(bridge, 'nope', atOnce)
  const state = await until(store, (each) => each.kind === 'error')
  expect(state.error).toMatchObject({ code: 'not-found', message: 'There is no run nope.' })
  store.close()
  bridge.close()
})

test('closing the store ends its stream', async () => {
  const { world, client, bridge } = openWorld()
  const store = openRunStore(bridge, world.runs.at(-1)!.view.run, atOnce)
  await until(store, (state) => state.kind === 'ready')
  expect(client.openStreams()).toBe(1)
  store.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(client.openStreams()).toBe(0)
  bridge.close()
})

test('events that were in the snapshot already are not folded twice', async () => {
  const { world, client, bridge } = openWorld()
  const run = world.runs.at(-1)!
  const store = openRunStore(bridge, run.view.run, atOnce)
  const { seq } = await until(store, (state) => state.kind === 'ready')
  client.publish(run, run.events)
  client.publish(run, [tell(run, now, { kind: 'run.cancel_asked', by: 'mara', reason: '' })])
  const state = await until(store, (each) => each.seq === seq + 1)
  expect(state.events).toHaveLength(run.events.length)
  store.close()
  bridge.close()
})

test('items come behind their fan-out as soon as its list is known, and its record goes with theirs', async () => {
  const { world, client, bridge } = openWorld()
  const run = world.runs.at(-1)!
  const store = openRunStore(bridge, run.view.run, atOnce)
  await until(store, (state) => state.kind === 'ready')
  const items = ['a', 'b', 'c']
  client.publish(run, [
    tell(run, now, { kind: 'task.expanded', task: 'join', item: null, items }),
    ...startAttempt(run, 'join[1]', now),
  ])
  const begun = await until(store, ({ view }) => view?.tasks['join[1]']?.state === 'running')
  const at = begun.keys.indexOf('join')
  expect(begun.keys.slice(at, at + 4)).toEqual(['join', 'join[0]', 'join[1]', 'join[2]'])
  const head = selectTask('join')(begun)
  const other = selectTask('join[0]')(begun)
  client.publish(run, endAttempt(run, 'join[1]', now, 1, 'exit 1'))
  const ended = await until(store, ({ counts }) => counts.failed === 1)
  expect(selectTask('join')(ended)).not.toBe(head)
  expect(selectTask('join')(ended)?.fan?.counts).toEqual({ waiting: 2, failed: 1 })
  expect(selectTask('join[0]')(ended)).toBe(other)
  expect(ended.counts).toEqual(run.view.counts)
  store.close()
  bridge.close()
})
