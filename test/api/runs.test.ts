import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findVersion } from '../../electron/store/versions.ts'
import type { RunWatch } from '../../shared/api/views.ts'
import { foldEvent } from '../../shared/run/fold.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

let api: ApiWorld

beforeEach(() => {
  api = openApiWorld()
})

afterEach(() => api.close())

const chain = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }

test('run.start records the run, with the person and the version it came from', async () => {
  api.present.plan = sketchPlan(chain)
  const { run } = await api.client.call('run.start', { pipeline: 'sketch' })
  const { row, view } = await api.client.call('run.get', { run })
  expect(row).toMatchObject({ pipeline: 'sketch', cause: { kind: 'person', by: 'ana' } })
  expect(Object.keys(view.tasks)).toEqual(['a', 'b', 'c'])
  expect(findVersion(api.world.store.db, view.version)).toMatchObject({ text: 'name: sketch' })
})

test('a run is named by its id, a part of it, or latest', async () => {
  const first = api.world.start(chain)
  await api.world.flow(5000)
  const second = api.world.start(chain)
  const named = async (run: string): Promise<string> =>
    (await api.client.call('run.get', { run })).row.run
  expect(await named(first)).toBe(first)
  expect(await named(first.slice(-8))).toBe(first)
  expect(await named('latest')).toBe(second)
  await expect(named('2026')).rejects.toMatchObject({ code: 'bad-input' })
  await expect(named('nothing')).rejects.toMatchObject({ code: 'not-found' })
})

test('run.watch gives a snapshot, then every event after it once and in order', async () => {
  const run = api.world.start(chain)
  await api.world.flow(500)
  const seen: number[] = []
  let view = null
  const watching = (async () => {
    for await (const message of api.client.stream('run.watch', { run })) {
      if (message.kind === 'snapshot') view = message.view
      else {
        for (const event of message.events) {
          seen.push(event.seq)
          if (view !== null) foldEvent(view, event)
        }
        if (message.events.some(({ kind }) => kind === 'run.ended')) return
      }
    }
  })()
  await nextTurn()
  const { seq } = api.world.view(run)
  await api.world.finish(run)
  await watching
  const last = api.world.view(run)
  expect(seen).toEqual(Array.from({ length: last.seq - seq }, (_, i) => seq + 1 + i))
  expect(view).toMatchObject({ state: 'succeeded', seq: last.seq })
})

test('a watcher that reads nothing while 9,000 events pass gets them all, a thousand at a time', async () => {
  const tasks = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`t${i}`, {}]))
  const run = api.world.start(tasks)
  const reader = api.client.stream('run.watch', { run })[Symbol.asyncIterator]()
  const { value: first } = (await reader.next()) as { value: RunWatch }
  const from = first.kind === 'snapshot' ? first.view.seq : -1
  await api.world.finish(run)
  const { seq } = api.world.view(run)
  expect(seq).toBeGreaterThan(6000)
  let at = from
  const sizes: number[] = []
  while (at < seq) {
    const { value } = (await reader.next()) as { value: RunWatch }
    if (value.kind !== 'events') throw new Error('Only the first message is a snapshot.')
    expect(value.events[0]?.seq).toBe(at + 1)
    sizes.push(value.events.length)
    at = value.events.at(-1)?.seq ?? at
  }
  expect(Math.max(...sizes)).toBe(1000)
  await reader.return?.()
})

test('runs.watch gives the list, then the row of each run that changed', async () => {
  const first = api.world.start(chain)
  const rows = new Map<RunId, string>()
  const watching = (async () => {
    for await (const message of api.client.stream('runs.watch', {})) {
      if (message.kind === 'snapshot') for (const row of message.rows) rows.set(row.run, 'listed')
      else rows.set(message.row.run, message.row.state)
      if ([...rows.values()].filter((state) => state === 'succeeded').length === 2) return
    }
  })()
  await nextTurn()
  expect([...rows]).toEqual([[first, 'listed']])
  const second = api.world.start(chain)
  await api.world.finish(first)
  await api.world.finish(second)
  await watching
  expect(Object.fromEntries(rows)).toEqual({ [first]: 'succeeded', [second]: 'succeeded' })
})

test('run.resumePlan changes nothing, run.resume does what it said', async () => {
  const run = api.world.start(chain, { b: [{ exit: 1 }, {}] })
  await api.world.finish(run)
  const before = api.world.view(run).seq
  api.present.plan = sketchPlan(chain)
  const plan = await api.client.call('run.resumePlan', { run })
  expect(plan.plan.map(({ task, decision }) => [task, decision])).toEqual([
    ['a', 'reuse'],
    ['b', 'run'],
    ['c', 'run'],
  ])
  expect(plan.fixedDiffers).toBe(false)
  expect(api.world.view(run).seq).toBe(before)
  expect((await api.client.call('run.resume', { run })).plan).toEqual(plan.plan)
  await api.world.finish(run)
  expect(api.world.states(run)).toEqual({ a: 'succeeded', b: 'succeeded', c: 'succeeded' })
  expect(api.world.task(run, 'a').attempts).toHaveLength(1)
})

test('a resume takes the pinned version, and the present files only when asked', async () => {
  const run = api.world.start(chain, { b: [{ exit: 1 }, {}] })
  await api.world.finish(run)
  api.present.plan = sketchPlan({ ...chain, b: { needs: ['a'], run: 'mended' } }, 'v2')
  const pinned = await api.client.call('run.resumePlan', { run })
  expect(pinned).toMatchObject({ version: 'v1', fixedDiffers: true })
  const fixed = await api.client.call('run.resume', { run, version: 'fixed' })
  expect(fixed).toMatchObject({ version: 'v2' })
  await api.world.finish(run)
  expect(api.world.view(run).version).toBe('v2')
})

test('a resume from a task that is not there is refused with the near name', async () => {
  const run = api.world.start({ load: {}, extract: {} }, { load: { exit: 1 } })
  await api.world.finish(run)
  api.present.plan = sketchPlan({ load: {}, extract: {} })
  await expect(api.client.call('run.resume', { run, from: ['extrct'] })).rejects.toMatchObject({
    code: 'bad-input',
    hint: 'Did you mean "extract"?',
  })
})

test('run.remedy runs the command on its host, and the history of the run says so', async () => {
  const remedies = [{ title: 'Mend it', cause: null, host: 'b', run: 'mend' }]
  const run = api.world.start({ a: { remedies } }, { a: { exit: 1 } })
  await api.world.finish(run)
  const answer = await api.client.call('run.remedy', { run, task: 'a', index: 0 })
  expect(answer).toEqual({ exit: 0, output: 'mended\n' })
  expect(api.commands).toEqual([{ host: 'b', command: 'mend' }])
  expect(api.world.events(run).at(-1)).toMatchObject({
    kind: 'remedy.ran',
    task: 'a',
    title: 'Mend it',
    by: 'ana',
    exit: 0,
  })
  await expect(api.client.call('run.remedy', { run, task: 'a', index: 1 })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('host.watch gives the rows, then those that changed', async () => {
  const reader = api.client.stream('host.watch', {})[Symbol.asyncIterator]()
  expect((await reader.next()).value).toMatchObject({ kind: 'snapshot', rows: [{}, {}] })
  const next = reader.next()
  api.hostChanged('a')
  expect((await next).value).toMatchObject({ kind: 'row', row: { name: 'a' } })
  await reader.return?.()
})

test("a remedy of a task on a pool runs on the host of the task's last attempt", async () => {
  const remedies = [
    { title: 'Mend it', cause: null, host: 'crunch', run: 'mend' },
    { title: 'Ask a', cause: null, host: 'a', run: 'ask' },
  ]
  const pool = { name: 'crunch', pick: 'in_order' as const }
  const plan = sketchPlan({ load: { host: 'b', pool, remedies } })
  const run = api.world.engine.start({ plan, cause: { kind: 'person', by: 'ana' } })
  await api.client.call('run.remedy', { run, task: 'load', index: 0 })
  await api.client.call('run.remedy', { run, task: 'load', index: 1 })
  expect(api.commands).toEqual([
    { host: 'b', command: 'mend' },
    { host: 'a', command: 'ask' },
  ])
})
