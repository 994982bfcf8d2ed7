// Hosts that stand in for each other: what a pool holds, and what a plan makes of it.
import { expect, test } from 'vitest'
import { loadWorkspace } from '../../electron/pipeline/load.ts'
import { parseWorkspace } from '../../electron/pipeline/parse-workspace.ts'
import { planRun } from '../../electron/pipeline/plan.ts'
import type { PlannedRun } from '../../electron/pipeline/plan.ts'
import { diffTasks } from '../../electron/pipeline/version-diff.ts'
import type { PoolSpec } from '../../shared/pipeline/spec.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { workspaceDir } from './workspace-dir.ts'

const hosts = `hosts:
  c1: { address: 10.0.0.1, labels: [big] }
  c2: { address: 10.0.0.2, labels: [big, ssd] }
  c3: { address: 10.0.0.3, labels: [ssd] }
`

function poolIn(pool: string): PoolSpec | undefined {
  return parseWorkspace(`${hosts}pools:\n  crunch: ${pool}\n`, 'sluice.yaml').spec?.pools[0]
}

test('a pool holds the hosts it names in its own order, then those with all its labels', () => {
  const pool = { name: 'crunch', pick: 'least_busy', slots: null }
  expect(poolIn('{ hosts: [c3, c1] }')).toEqual({ ...pool, hosts: ['c3', 'c1'] })
  expect(poolIn('{ labels: [big] }')).toEqual({ ...pool, hosts: ['c1', 'c2'] })
  expect(poolIn('{ labels: [ssd, big] }')).toEqual({ ...pool, hosts: ['c2'] })
  expect(poolIn('{ hosts: [c3, local], labels: [ssd] }')?.hosts).toEqual(['c3', 'local', 'c2'])
  expect(poolIn('{ hosts: [c1, c1] }')?.hosts).toEqual(['c1'])
  expect(poolIn('{ hosts: [c1], pick: in_order, slots: 20 }')).toEqual({
    name: 'crunch',
    hosts: ['c1'],
    pick: 'in_order',
    slots: 20,
  })
})

async function planned(files: {
  pools?: string
  dev?: string
  /** Another environment, which binds nothing. */
  prod?: string
  task: string
}): Promise<PlannedRun> {
  const { pools = '{ crunch: { hosts: [c1, c2], pick: spread } }', dev = '{}', task } = files
  const workspace = await loadWorkspace(
    workspaceDir({
      'sluice.yaml': `${hosts}pools: ${pools}\nenvironments: { dev: { hosts: ${dev} }${files.prod ?? ''} }\n`,
      'pipelines/orders.yaml': `tasks: { a: ${task} }\n`,
    }),
  )
  const request = { pipeline: 'orders', environment: null, params: {}, logicalDate: null }
  return await planRun({ workspace, ...request, blobs: memoryBlobs() })
}

async function taskOf(files: Parameters<typeof planned>[0]): Promise<PlannedTask> {
  const { plan, problems } = await planned(files)
  expect(problems).toEqual([])
  return plan?.tasks[0] as PlannedTask
}

test('a task on a pool is planned with all its hosts, named or bound by the environment', async () => {
  const pool = { name: 'crunch', pick: 'spread' }
  expect(await taskOf({ task: '{ run: ls, host: crunch }' })).toMatchObject({
    hosts: ['c1', 'c2'],
    pool,
  })
  const bound = await taskOf({ dev: '{ worker: crunch }', task: '{ run: ls, host: worker }' })
  expect(bound).toMatchObject({ hosts: ['c1', 'c2'], pool })
  const single = await taskOf({ dev: '{ worker: c3 }', task: '{ run: ls, host: worker }' })
  expect(single).toMatchObject({ hosts: ['c3'], pool: null })
})

test('the work is the same whichever hosts a pool holds, and another in another pool', async () => {
  const task = '{ run: ls, host: crunch }'
  const one = await taskOf({ task })
  const wider = await taskOf({ pools: '{ crunch: { hosts: [c3, c2, c1] } }', task })
  const other = await taskOf({
    pools: '{ other: { hosts: [c1, c2] } }',
    task: '{ run: ls, host: other }',
  })
  const single = await taskOf({ task: '{ run: ls, host: c1 }' })
  expect(wider.codeHash).toBe(one.codeHash)
  expect(other.codeHash).not.toBe(one.codeHash)
  expect(single.codeHash).not.toBe(one.codeHash)
})

test('what changed about a pool is said in words', async () => {
  const one = await taskOf({ task: '{ run: ls, host: crunch }' })
  const wider = await taskOf({
    pools: '{ crunch: { hosts: [c3, c2] } }',
    task: '{ run: ls, host: crunch, on_unknown: ask, log_limit: 1GB }',
  })
  expect(diffTasks(one, wider)).toEqual([
    {
      what: 'host',
      task: 'a',
      name: 'host',
      before: 'crunch (spread of c1, c2)',
      after: 'crunch (least busy of c3, c2)',
    },
    { what: 'version', task: 'a', name: 'log_limit', before: '10GiB', after: '1GB' },
    { what: 'version', task: 'a', name: 'on_unknown', before: 'wait 1d', after: 'ask' },
  ])
})

test("a remedy of a task on a pool stands for the pool: it runs on its last attempt's host", async () => {
  const remedies = 'remedies: [{ title: Mend, run: ls }, { title: Ask c3, run: ls, host: c3 }]'
  const task = await taskOf({ task: `{ run: ls, host: crunch, ${remedies} }` })
  expect(task.remedies.map(({ host }) => host)).toEqual(['crunch', 'c3'])
})

test('a remedy that an environment binds to another pool stops the plan there, and only there', async () => {
  const files = {
    dev: '{ side: crunch }',
    prod: ', prod: {}',
    task: '{ run: ls, remedies: [{ title: Mend, run: ls, host: side }] }',
  }
  const { plan, problems } = await planned(files)
  expect(plan).toBeNull()
  expect(problems.map(({ message }) => message)).toEqual([
    '"side" is bound in some environments, and not in "prod".',
    '"side" is the pool "crunch" in the environment "dev": a remedy runs on one host.',
  ])
})

test('failover is fine for a host that some environment binds to a pool', async () => {
  const files = {
    dev: '{ worker: crunch }',
    prod: ', prod: {}',
    task: '{ run: ls, host: worker, on_unknown: failover }',
  }
  const { problems } = await planned(files)
  expect(problems.map(({ message }) => message)).toEqual([
    '"worker" is bound in some environments, and not in "prod".',
  ])
})

test('ten thousand labels in a hundred pools are checked in bounded time', () => {
  const many = Array.from({ length: 100 }, (_, i) => `l${i}`)
  const text = `hosts:\n${many.map((label, i) => `  h${i}: { address: h, labels: [${label}] }\n`).join('')}pools:\n${many.map((_, i) => `  p${i}: { labels: [${many.map((label) => `${label}x`).join(', ')}] }\n`).join('')}`
  const from = process.cpuUsage()
  const { spec, problems } = parseWorkspace(text, 'sluice.yaml')
  const { user, system } = process.cpuUsage(from)
  expect(spec).toBeNull()
  expect(problems.length).toBe(101)
  expect((user + system) / 1000).toBeLessThan(2000)
})

test('a label that is no text is a problem of its own, not a crash', () => {
  const { spec, problems } = parseWorkspace(
    `${hosts}pools:\n  crunch: { labels: [big, { ssd: true }] }\n`,
    'sluice.yaml',
  )
  expect(spec).toBeNull()
  expect(problems.map(({ path }) => path)).toEqual(['pools.crunch.labels[1]'])
})
