import { expect, test } from 'vitest'
import { openBridge } from '../../renderer/bridge/bridge.ts'
import {
  makeRunsStore,
  selectIdsWhere,
  selectLiveIds,
  selectNeedsYouIds,
  selectOlderWhere,
  selectRun,
} from '../../renderer/state/runs.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import { newRun, playWhole, tell } from './scripted-run.ts'
import { scriptedClient } from './scripted-client.ts'
import { ordersGraph } from './scripted-graphs.ts'
import { demoWorld, emptyWorld, type World } from './scripted-world.ts'
import { atOnce, until } from './until.ts'

const now = Date.UTC(2026, 0, 12, 3)

function open(world: World) {
  const client = scriptedClient(world)
  const bridge = openBridge(async () => ({ client, closed: new Promise<void>(() => {}) }))
  const store = makeRunsStore(bridge, atOnce)
  const close = () => {
    store.close()
    bridge.close()
  }
  return { client, store, close }
}

test('a workspace without runs is ready and empty', async () => {
  const { store, close } = open(emptyWorld())
  const state = await until(store, (each) => each.kind === 'ready')
  expect(state.ids).toEqual([])
  expect(state.older).toBe('none')
  close()
})

test('runs are newest first, and a new one goes to the top', async () => {
  const world = demoWorld(now)
  const { client, store, close } = open(world)
  await until(store, (state) => state.kind === 'ready')
  const at = now + 60_000
  const run = newRun({
    run: runIdAt(at, 'n3w00000'),
    pipeline: 'orders',
    environment: 'dev',
    at,
    graph: ordersGraph,
    cause: { kind: 'person', by: 'mara' },
  })
  client.publish(run, [tell(run, at, { kind: 'run.started' })])
  const state = await until(store, (each) => each.ids[0] === run.view.run)
  expect([...state.ids].sort().reverse()).toEqual(state.ids)
  close()
})

test('a row that changed is new; the list of ids stays the same one', async () => {
  const world = demoWorld(now)
  const { client, store, close } = open(world)
  const before = await until(store, (state) => state.kind === 'ready')
  const live = world.runs.at(-1)!
  client.publish(live, [tell(live, now, { kind: 'run.ended', state: 'cancelled' })])
  const select = selectRun(live.view.run)
  const after = await until(store, (state) => select(state)?.state === 'cancelled')
  expect(after.ids).toBe(before.ids)
  expect(after.endings).toBe(before.endings + 1)
  close()
})

test('what needs a person is the last run of a pipeline in an environment, when it failed', async () => {
  const world = demoWorld(now)
  const { store, close } = open(world)
  const state = await until(store, (each) => each.kind === 'ready')
  expect(selectLiveIds(state)).toEqual([world.runs.at(-1)!.view.run])
  // Older failures in dev are hidden by this newest one; prod has a run under way.
  expect(selectNeedsYouIds(state)).toEqual([world.runs.at(-2)!.view.run])
  close()
})

test('filters keep to state and pipeline', async () => {
  const { store, close } = open(demoWorld(now))
  const state = await until(store, (each) => each.kind === 'ready')
  expect(selectIdsWhere({ state: 'failed', pipeline: null })(state)).toHaveLength(3)
  expect(selectIdsWhere({ state: null, pipeline: 'inventory' })(state)).toEqual([])
  close()
})

function worldOfMany(pipelineOf: (index: number) => string = () => 'orders'): World {
  const world = emptyWorld()
  for (let index = 0; index < 450; index += 1) {
    const at = now - index * 60_000
    const run = newRun({
      run: runIdAt(at, `p${String(index).padStart(7, '0')}`),
      pipeline: pipelineOf(index),
      environment: 'dev',
      at,
      graph: ordersGraph.slice(0, 1),
      cause: { kind: 'person', by: 'mara' },
    })
    playWhole(run, null, () => 0.5)
    world.runs.push(run)
  }
  return world
}

test('older runs come page by page until there are no more', async () => {
  const { store, close } = open(worldOfMany())
  await until(store, (state) => state.kind === 'ready')
  expect(store.getState().ids).toHaveLength(200)
  await store.loadOlder()
  expect(store.getState()).toMatchObject({ older: 'some' })
  await store.loadOlder()
  expect(store.getState()).toMatchObject({ older: 'none' })
  expect(store.getState().ids).toHaveLength(450)
  close()
})

test('a filter asks the engine for runs older than all that this page has', async () => {
  const filter = { state: null, pipeline: 'yearly' }
  const { store, close } = open(worldOfMany((index) => (index > 400 ? 'yearly' : 'orders')))
  await until(store, (state) => state.kind === 'ready')
  expect(selectIdsWhere(filter)(store.getState())).toEqual([])
  await store.loadFiltered(filter)
  const found = selectIdsWhere(filter)(store.getState())
  expect(found).toHaveLength(49)
  expect([...found].sort().toReversed()).toEqual(found)
  expect(selectOlderWhere(filter)(store.getState())).toBe('none')
  // The whole list still misses none in between.
  expect(store.getState().ids).toHaveLength(200)
  await store.loadOlder()
  await store.loadOlder()
  expect(store.getState().ids).toHaveLength(450)
  close()
})

test('an old run that goes on again makes no hole in the list', async () => {
  const world = worldOfMany()
  const { client, store, close } = open(world)
  await until(store, (state) => state.kind === 'ready')
  const old = world.runs.at(-1)!
  client.publish(old, [tell(old, now, { kind: 'run.started' })])
  await until(store, (state) => state.ids.includes(old.view.run))
  await store.loadOlder()
  expect(store.getState().ids).toHaveLength(401)
  close()
})

test('a run that changes twice in one frame is listed once', async () => {
  const world = emptyWorld()
  const client = scriptedClient(world)
  const bridge = openBridge(async () => ({ client, closed: new Promise<void>(() => {}) }))
  let frame = () => {}
  const store = makeRunsStore(bridge, (work) => {
    frame = work
  })
  await until(store, (state) => state.kind === 'ready')
  const run = newRun({
    run: runIdAt(now, 'tw1ce000'),
    pipeline: 'orders',
    environment: 'dev',
    at: now,
    graph: ordersGraph,
    cause: { kind: 'person', by: 'mara' },
  })
  client.publish(run, [tell(run, now, { kind: 'run.started' })])
  client.publish(run, [tell(run, now, { kind: 'run.ended', state: 'cancelled' })])
  await new Promise((resolve) => setImmediate(resolve))
  frame()
  expect(store.getState().ids).toEqual([run.view.run])
  store.close()
  bridge.close()
})
