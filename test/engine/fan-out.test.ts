// A task for each item of a list that is known only while the run goes on.
import { expect, test } from 'vitest'
import { outputValues } from '../../electron/engine/run-scope.ts'
import { makeWorld } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'
import type { FanOutSpec } from '../../shared/pipeline/spec.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'

const over = (more: Partial<FanOutSpec> = {}): FanOutSpec => ({
  over: '${{ tasks.list.outputs.files }}',
  maxParallel: null,
  join: 'all',
  failFast: false,
  ...more,
})

const listOf = (count: number): string[] => Array.from({ length: count }, (_, at) => `f${at}`)

const graph = (fanOut: FanOutSpec, more: TaskSketch = {}): Record<string, TaskSketch> => ({
  list: {},
  load: { needs: ['list'], fanOut, ...more },
  join: { needs: ['load'] },
})

const script = (count: number, items: Script = {}): Script => ({
  list: { values: { files: listOf(count) } },
  ...items,
})

function startsOf(world: World, run: RunId): string[] {
  const keys = [...world.host('a').starts.keys(), ...world.host('b').starts.keys()]
  return keys.map((key) => key.slice(run.length + 1))
}

test('each item has a state, an environment, attempts and retries of its own', async () => {
  const world = makeWorld()
  const retries = { max: 1, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
  const run = world.start(graph(over(), { retries }), script(3, { 'load[1]': [{ exit: 1 }, {}] }))
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  expect(world.states(run)).toMatchObject({
    load: 'succeeded',
    'load[0]': 'succeeded',
    join: 'succeeded',
  })
  expect(world.task(run, 'load[1]').attempts.map(({ end }) => end)).toMatchObject([
    { exit: 1 },
    { exit: 0 },
  ])
  expect(world.task(run, 'load[2]').attempts).toHaveLength(1)
  expect(world.task(run, 'load').attempts).toHaveLength(0)
  const env = world.host('a').orders.find(({ key }) => key.includes('load.2.'))?.env
  expect(env).toMatchObject({ SLUICE_TASK: 'load', SLUICE_ITEM: 'f2', SLUICE_ITEM_INDEX: '2' })
  expect(view.counts).toEqual({ succeeded: 5 })
})

test('an item that is no text comes as JSON', async () => {
  const world = makeWorld()
  const run = world.start({ load: { fanOut: over({ over: [{ day: 1 }, 7, null] }) } })
  await world.finish(run)
  expect(world.host('a').orders.map(({ env }) => env['SLUICE_ITEM'])).toEqual([
    '{"day":1}',
    '7',
    'null',
  ])
})

test('E5: no more items live at once than max_parallel, also after a crash', async () => {
  const world = makeWorld()
  const run = world.start(graph(over({ maxParallel: 3 })), script(20, { load: { ms: 10_000 } }))
  for (let step = 0; step < 30; step += 1) {
    if (step === 7) world.crash()
    await world.flow(2000)
    expect(world.view(run).counts.running ?? 0).toBeLessThanOrEqual(3)
  }
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.host('a').liveMax).toBe(3)
  expect(new Set(startsOf(world, run)).size).toBe(22)
})

test.each([
  ['all', 9, 'failed'],
  ['any', 1, 'succeeded'],
  ['any', 0, 'failed'],
  [0.8, 8, 'succeeded'],
  [0.8, 7, 'failed'],
] as const)('join %s with %i of 10 items succeeded: %s', async (join, good, state) => {
  const world = makeWorld()
  const items = Object.fromEntries(
    listOf(10 - good).map((_, at) => [`load[${at}]`, { exit: 1 }] as const),
  )
  const run = world.start(graph(over({ join })), script(10, items))
  const view = await world.finish(run)
  expect(world.states(run)['load']).toBe(state)
  expect(world.states(run)['join']).toBe(state === 'succeeded' ? 'succeeded' : 'upstream_failed')
  expect(view.state).toBe(state)
  expect(world.task(run, 'load').why).toMatch(
    state === 'failed' ? /of 10 items did not succeed: load\[0\]/ : /^$/,
  )
})

test('a list that was paused between two of its items goes on with the next', async () => {
  const world = makeWorld()
  const run = world.start(graph(over({ maxParallel: 1 })), script(3, { load: { ms: 60_000 } }))
  await world.flow(10_000)
  world.engine.pause(run, { by: 'ana', reason: '' })
  await world.flow(600_000)
  expect(world.states(run)).toMatchObject({ 'load[0]': 'succeeded', 'load[1]': 'waiting' })
  world.engine.unpause(run, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('fail_fast begins no more items once the whole cannot succeed', async () => {
  const world = makeWorld()
  const run = world.start(
    graph(over({ maxParallel: 2, failFast: true })),
    script(50, { 'load[0]': { exit: 1 } }),
  )
  await world.finish(run)
  expect(startsOf(world, run).length).toBeLessThan(6)
  expect(world.view(run).counts.cancelled).toBeGreaterThan(45)
  expect(world.states(run)['load']).toBe('failed')
})

test('a list that is empty skips the task, and what needs it', async () => {
  const world = makeWorld()
  const run = world.start(graph(over()), script(0))
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.states(run)).toEqual({ list: 'succeeded', load: 'skipped', join: 'skipped' })
})

test('what is no list fails the task and says what it is', async () => {
  const world = makeWorld()
  const run = world.start(graph(over()), { list: { values: { files: 'f0' } } })
  expect((await world.finish(run)).state).toBe('failed')
  expect(world.task(run, 'load').why).toBe(
    'its list cannot be had: it gives the string "f0", not a list',
  )
})

// Airflow: test_mapped_task_upstream_failed
test.each(['all_success', 'all_done'] as const)(
  'a fan-out over the list of a failed task is upstream_failed, also with %s',
  async (trigger) => {
    const world = makeWorld()
    const run = world.start(graph(over(), { trigger }), { list: { exit: 1 } })
    expect((await world.finish(run)).state).toBe('failed')
    expect(world.states(run)['load']).toBe('upstream_failed')
  },
)

test('a condition that names the item is asked for each of them', async () => {
  const world = makeWorld()
  const run = world.start(graph(over(), { when: '${{ item != "f1" }}' }), script(3))
  await world.finish(run)
  expect(world.states(run)).toMatchObject({
    'load[0]': 'succeeded',
    'load[1]': 'skipped',
    load: 'succeeded',
  })
})

test('the values of all items are lists for those after them', async () => {
  const world = makeWorld()
  const run = world.start(
    {
      ...graph(over()),
      sum: { needs: ['load'], lateEnv: { FIRST: '${{ tasks.load.outputs.rows[0] }}' } },
    },
    script(2, { 'load[0]': { values: { rows: 5 } }, 'load[1]': { values: { rows: 7 } } }),
  )
  await world.finish(run)
  const order = world.host('a').orders.find(({ key }) => key.includes('.sum.'))
  expect(order?.env['FIRST']).toBe('5')
})

test('the files of the items that succeeded come as one folder, in the order of the items', async () => {
  const world = makeWorld()
  const part = (at: number) => ({
    outputs: [{ name: 'part', path: 'out/part.csv', sha256: `${at}`.repeat(64), bytes: at }],
  })
  const items = Object.fromEntries(
    Array.from({ length: 11 }, (_, at) => [`load[${at}]`, at === 3 ? { exit: 1 } : part(at % 10)]),
  )
  const run = world.start(
    {
      ...graph(over({ join: 'any' }), { outputs: { part: 'out/part.csv' } }),
      sum: { needs: ['load'], inputs: { parts: { task: 'load', output: 'part' } } },
    },
    script(11, items),
  )
  await world.finish(run)
  const files = world.host('a').orders.find(({ key }) => key.includes('.sum.'))?.files ?? []
  expect(files.map(({ path }) => path)).toEqual(
    ['00', '01', '02', '04', '05', '06', '07', '08', '09', '10'].map((at) => `parts/${at}.csv`),
  )
  expect(files[9]).toMatchObject({ sha256: '0'.repeat(64), bytes: 0 })
})

test('a condition that reads no item is asked once, for the whole', async () => {
  const world = makeWorld()
  const run = world.start(graph(over(), { when: '${{ "item" == "item_index" }}' }), script(3))
  await world.finish(run)
  expect(world.states(run)).toEqual({ list: 'succeeded', load: 'skipped', join: 'skipped' })
})

test('E6: items that each read the values of all items of another gather them once, until they change', async () => {
  const world = makeWorld()
  const rows = (value: number, ms = 1000) => ({ values: { rows: value }, ms })
  const run = world.start(
    { ...graph(over()), goes_on: {} },
    script(2, {
      'load[0]': [rows(5), rows(6)],
      'load[1]': rows(7, 10_000),
      goes_on: { ms: 3_600_000 },
    }),
  )
  const values = (): unknown => {
    const view = world.engine.live(run) as RunView
    return outputValues(view, view.tasks['load'] as TaskView)
  }
  await world.flow(1500)
  expect(values()).toEqual({})
  await world.flow(3000)
  expect(values()).toEqual({ rows: [5, null] })
  await world.flow(20_000)
  expect(values()).toEqual({ rows: [5, 7] })
  expect(values()).toBe(values())
  const { plan } = world.stored(run)
  world.engine.resume({ run, plan, options: { ...FROM_FAILURE, from: ['load[0]'] } }, 'ana')
  await world.flow(10_000)
  expect(values()).toEqual({ rows: [6, 7] })
})

test('a cancel ends every item and proves it', async () => {
  const world = makeWorld()
  const run = world.start(graph(over({ maxParallel: 5 })), script(20, { load: { ms: 600_000 } }))
  await world.flow(10_000)
  world.engine.cancel(run, 'ana', '')
  expect((await world.finish(run)).state).toBe('cancelled')
  expect(world.states(run)).toMatchObject({
    load: 'cancelled',
    'load[0]': 'cancelled',
    'load[19]': 'cancelled',
  })
  expect([...world.host('a').attempts.values()].filter(({ end }) => end === null)).toEqual([])
})

test('E7: a fan-out goes on after a crash at any commit, and no item starts twice', async () => {
  for (let at = 1; at < 40; at += 3) {
    const world = makeWorld({ seed: at })
    let commits = 0
    world.killAfterCommit = () => (commits += 1) === at
    let run: RunId
    try {
      run = world.start(graph(over({ maxParallel: 2 })), script(6, { 'load[2]': { exit: 1 } }))
    } catch {
      world.crash()
      run = world.store.db.prepare<[], RunId>('select run from run').pluck().get() as RunId
    }
    for (let step = 0; step < 40; step += 1) {
      if (world.fatal.length > 0) world.crash()
      await world.flow(1000)
    }
    const view = await world.finish(run)
    expect(view.state).toBe('failed')
    expect(world.states(run)).toMatchObject({
      'load[2]': 'failed',
      'load[5]': 'succeeded',
      join: 'upstream_failed',
    })
    for (const count of world.host('a').starts.values()) expect(count).toBe(1)
  }
})

test('10,000 items cost one row until something happens to them', async () => {
  const world = makeWorld()
  const run = world.start(graph(over({ maxParallel: 5 })), script(10_000))
  await world.flow(1500)
  const rows = world.store.db
    .prepare<[string], number>('select count(*) from task_run where run = ?')
    .pluck()
    .get(run)
  expect(Object.keys(world.view(run).tasks)).toHaveLength(10_003)
  expect(rows).toBe(7)
  world.crash()
  await world.flow(1500)
  expect(world.engine.live(run)?.counts).toMatchObject({ running: 5 })
})
