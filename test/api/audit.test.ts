import { afterEach, beforeEach, expect, test } from 'vitest'
import { sketchPlan } from '../helpers/world.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

let api: ApiWorld

beforeEach(() => {
  api = openApiWorld()
})

afterEach(() => api.close())

async function deeds(): Promise<string[]> {
  const rows = await api.client.call('audit.list', {})
  return rows
    .toReversed()
    .map(({ by, action, subject, reason }) =>
      [by, action, subject, reason].filter((word) => word !== '').join(' | '),
    )
}

test('what a person does to runs is recorded, with who, what and why', async () => {
  const remedy = { title: 'Mend it', cause: null, host: 'a', run: 'mend' }
  api.present.plan = sketchPlan({ load: { remedies: [remedy] } })
  const { run } = await api.client.call('run.start', { pipeline: 'sketch' })
  await api.client.call('run.remedy', { run, task: 'load', index: 0 })
  await api.client.call('run.cancel', { run, reason: 'wrong day' })
  await api.world.finish(run as never)
  await api.client.call('run.resume', { run })
  expect(await deeds()).toEqual([
    `ana | run.started | ${run}`,
    `ana | remedy.ran | ${run} load`,
    `ana | run.cancelled | ${run} | wrong day`,
    `ana | run.resumed | ${run}`,
  ])
  expect(await api.client.call('audit.verify', {})).toEqual({ rows: 4, brokenAt: null })
})

test('what a person says about hosts is recorded', async () => {
  const reason = 'new disk'
  await api.client.call('host.cordon', { host: 'a', state: 'cordoned', reason })
  await api.client.call('host.cordon', { host: 'a', state: 'draining', reason })
  await api.client.call('host.cordon', { host: 'a', state: 'open' })
  await api.client.call('host.trust', { host: 'b', fingerprint: 'SHA256:abc' })
  expect(await deeds()).toEqual([
    'ana | host.cordoned | a | new disk',
    'ana | host.draining | a | new disk',
    'ana | host.opened | a',
    'ana | host_key.accepted | b',
  ])
})

test('an intent that could not be carried out has a second row that says why', async () => {
  const run = api.world.start({ load: {} })
  await api.world.finish(run)
  await expect(api.client.call('run.cancel', { run, reason: 'late' })).rejects.toMatchObject({
    code: 'conflict',
  })
  expect(await deeds()).toEqual([
    `ana | run.cancelled | ${run} | late`,
    `ana | run.cancelled.failed | ${run} | late`,
  ])
})

test('what cannot be recorded is not done', async () => {
  const { db } = api.world.store
  db.exec(`create trigger full before insert on audit begin select raise(abort, 'disk full'); end`)
  const run = api.world.start({ load: {} })
  await expect(api.client.call('run.cancel', { run })).rejects.toThrow('disk full')
  expect(api.world.view(run).cancelAsked).toBeNull()
  api.present.plan = sketchPlan({ load: {} })
  await expect(api.client.call('run.start', { pipeline: 'sketch' })).rejects.toThrow('disk full')
  const { row } = await api.client.call('run.get', { run: 'latest' })
  expect(row.state === 'cancelled' || row.run === run).toBe(true)
})
