import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { PlannedRun } from '../../electron/pipeline/plan.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { goodPlanIn, planIn, plannedTask } from './plan-in.ts'
import { exampleFiles, workspaceDir } from './workspace-dir.ts'

function messages({ problems, commandLineProblems }: PlannedRun): string[] {
  return [...problems, ...commandLineProblems].map((problem) => problem.message)
}

function withTask(task: string, more: Record<string, string> = {}): string {
  return workspaceDir({ ...more, 'pipelines/orders.yaml': `tasks:\n  a: ${task}\n` })
}

test('a plan binds hosts, evaluates expressions and carries the files that the commands name', async () => {
  const blobs = memoryBlobs()
  const plan = await goodPlanIn(workspaceDir(exampleFiles), {
    params: { day: '2026-02-03' },
    blobs,
  })
  const extract = plannedTask(plan, 'extract')
  const load = plannedTask(plan, 'load')
  expect([extract.hosts, load.hosts]).toEqual([['edge'], ['wh']])
  expect(extract.env).toEqual({ DAY: '2026-02-03' })
  expect(extract.files.map(({ path, mode }) => [path, mode])).toEqual([['extract.sh', 0o755]])
  expect(load.files.map(({ path, mode }) => [path, mode])).toEqual([['load.sql', 0o644]])
  expect(Buffer.from(blobs.bytes(load.files[0]?.sha256 ?? '')).toString()).toBe('select 1;\n')
  expect(plan).toMatchObject({
    pipeline: 'orders',
    environment: 'dev',
    params: { day: '2026-02-03' },
  })
})

test('the same files give the same version and hashes; other params give other work in the same version', async () => {
  const dir = workspaceDir(exampleFiles)
  const [first, again, otherDay] = [
    await goodPlanIn(dir),
    await goodPlanIn(dir),
    await goodPlanIn(dir, { params: { day: '2026-01-02' } }),
  ]
  expect(again).toEqual(first)
  expect(first.version).toMatch(/^[0-9a-f]{64}$/)
  expect(otherDay.version).toBe(first.version)
  expect(plannedTask(otherDay, 'extract').codeHash).not.toBe(plannedTask(first, 'extract').codeHash)
  expect(plannedTask(otherDay, 'load').codeHash).toBe(plannedTask(first, 'load').codeHash)
})

test('a changed script gives another version and other work for its task alone', async () => {
  const dir = workspaceDir(exampleFiles)
  const before = await goodPlanIn(dir)
  appendFileSync(join(dir, 'extract.sh'), 'echo more\n')
  const after = await goodPlanIn(dir)
  expect(after.version).not.toBe(before.version)
  expect(plannedTask(after, 'extract').codeHash).not.toBe(plannedTask(before, 'extract').codeHash)
  expect(plannedTask(after, 'load').codeHash).toBe(plannedTask(before, 'load').codeHash)
})

test('where a host is reached does not change the version', async () => {
  const dir = workspaceDir(exampleFiles)
  const before = await goodPlanIn(dir)
  const moved = exampleFiles['sluice.yaml'].replace('2201', '2299').replace('127.0.0.1', '10.0.0.9')
  writeFileSync(join(dir, 'sluice.yaml'), moved)
  expect(await goodPlanIn(dir)).toEqual(before)
})

test('all that is wrong with what was asked is said at once', async () => {
  const dir = workspaceDir({
    'sluice.yaml': 'environments: { dev: {}, prod: {} }\n',
    'pipelines/orders.yaml': `params:
  day: { type: date }
  limit: { type: integer, default: 10 }
  region: { type: choice, choices: [north, south] }
tasks: { a: { run: ls, env: { DAY: "\${{ params.day }}" } } }
`,
  })
  const planned = await planIn(dir, { params: { limt: 5, limit: 'many', region: 'nort' } })
  expect(planned.plan).toBeNull()
  expect(planned.commandLineProblems.map(({ path, message }) => [path, message])).toEqual([
    ['params.limt', 'The pipeline "orders" has no param "limt". Did you mean "limit"?'],
    ['params.day', 'The param "day" has no value and no default.'],
    ['params.limit', 'Param "limit": "many" is no integer.'],
    ['params.region', 'Param "region": "nort" is not one of the choices. Did you mean "north"?'],
  ])
  expect(messages(await planIn(dir, { pipeline: 'order', environment: 'prd' }))).toEqual([
    'There is no pipeline "order". Did you mean "orders"?',
    'There is no environment "prd". Did you mean "prod"?',
  ])
})

test('params that came as text have the type that the file gives them', async () => {
  const dir = workspaceDir({
    'pipelines/orders.yaml': `params:
  limit: { type: integer }
  share: { type: number, default: 1 }
  all: { type: boolean }
tasks:
  a: { run: ls, env: { L: "\${{ params.limit + 1 }}", S: "\${{ params.share / 4.0 }}", A: "\${{ params.all ? 'yes' : 'no' }}" } }
`,
  })
  const plan = await goodPlanIn(dir, { params: { limit: '41', all: 'true' } })
  expect(plan.params).toEqual({ limit: 41, share: 1, all: true })
  expect(plan.tasks[0]?.env).toEqual({ L: '42', S: '0.25', A: 'yes' })
})

test('a host or var that only other environments have is a problem at its place', async () => {
  const dir = workspaceDir({
    'sluice.yaml': `hosts: { wh: { ssh: wh } }
environments:
  dev: { hosts: { warehouse: wh }, vars: { REGION: eu } }
  prod: {}
`,
    'pipelines/orders.yaml': `tasks:
  a: { host: warehouse, run: ls, env: { R: "\${{ vars.REGION }}" } }
`,
  })
  const planned = await planIn(dir, { environment: 'prod' })
  const errors = planned.problems.filter((problem) => problem.severity === 'error')
  expect(errors.map(({ line, column, message }) => [line, column, message])).toEqual([
    [2, 14, 'The environment "prod" binds no host "warehouse".'],
    [2, 54, 'The environment "prod" has no var "REGION".'],
  ])
})

test('an expression may ask for the logical date only where the run has one', async () => {
  const dir = withTask('{ run: ls, env: { D: "${{ addDays(logical_date, -1) }}" } }')
  expect(messages(await planIn(dir))).toEqual([
    'The expression asks for the logical date, and this run has none.',
  ])
  const plan = await goodPlanIn(dir, { logicalDate: '2026-03-01T02:15:00.000Z' })
  expect(plan.tasks[0]?.env).toEqual({ D: '2026-02-28' })
})

test("a task's variable wins over the pipeline's, and the pipeline's is not evaluated for it", async () => {
  const dir = workspaceDir({
    'pipelines/orders.yaml':
      'env: { A: all, B: all }\ntasks: { a: { run: ls, env: { B: own } }, b: { run: ls } }\n',
  })
  const plan = await goodPlanIn(dir)
  expect(plan.tasks.map((task) => task.env)).toEqual([
    { A: 'all', B: 'own' },
    { A: 'all', B: 'all' },
  ])
})

test('declared globs travel, sorted, and a file of an input is not taken from the workspace', async () => {
  const dir = workspaceDir({
    'sql/b.sql': 'b',
    'sql/a.sql': 'a',
    'sql/deep/c.sql': 'c',
    'orders.csv': 'not this one',
    'pipelines/orders.yaml': `tasks:
  land: { run: "true", outputs: { orders: orders.csv } }
  a:
    needs: [land]
    run: cat orders.csv
    files: ["sql/**/*.sql"]
    inputs: { orders.csv: land.orders }
`,
  })
  const plan = await goodPlanIn(dir)
  expect(plannedTask(plan, 'a').files.map((file) => file.path)).toEqual([
    'sql/a.sql',
    'sql/b.sql',
    'sql/deep/c.sql',
  ])
})

test('no file from outside of the workspace travels, by whatever name', async () => {
  const outside = workspaceDir({ 'secret.txt': 'secret' })
  const dir = withTask('{ run: "cat link/secret.txt secret-link ../x /etc/passwd inside" }', {
    'real.txt': 'fine',
  })
  symlinkSync(outside, join(dir, 'link'))
  symlinkSync(join(outside, 'secret.txt'), join(dir, 'secret-link'))
  symlinkSync('real.txt', join(dir, 'inside'))
  const blobs = memoryBlobs()
  const planned = await planIn(dir, { blobs })
  expect(planned.plan).toBeNull()
  expect(messages(planned)).toEqual([
    'The file "link/secret.txt" leads out of the workspace.',
    'The file "secret-link" leads out of the workspace.',
  ])
})

test('a file above the limit is named, with its size', async () => {
  const dir = withTask('{ run: cat big.bin }', { 'big.bin': '' })
  truncateSync(join(dir, 'big.bin'), 16 * 1024 * 1024 + 1)
  expect(messages(await planIn(dir))).toEqual([
    'The file "big.bin" has 16777217 bytes; the limit is 16777216.',
  ])
})

test('a folder, a pipe and a word of the shell are no files', async () => {
  const dir = withTask('{ run: "for x in data; do echo $x > data; done" }')
  mkdirSync(join(dir, 'data'))
  expect((await goodPlanIn(dir)).tasks[0]?.files).toEqual([])
})

test('only whether a file may be executed counts, not the rest of its mode', async () => {
  const dir = withTask('{ run: ./x.sh }', { 'x.sh': 'ls\n' })
  const before = await goodPlanIn(dir)
  chmodSync(join(dir, 'x.sh'), 0o700)
  expect(await goodPlanIn(dir)).toEqual(before)
  chmodSync(join(dir, 'x.sh'), 0o600)
  expect((await goodPlanIn(dir)).version).not.toBe(before.version)
})

test('the commit is read from the files of git, by branch, packed branch or by itself', async () => {
  const hash = 'a'.repeat(40)
  const dir = withTask('{ run: ls }', { '.git/HEAD': 'ref: refs/heads/main\n' })
  expect((await planIn(dir)).commit).toBeNull()
  writeFileSync(join(dir, '.git/packed-refs'), `# pack-refs\n${hash} refs/heads/main\n`)
  expect((await planIn(dir)).commit).toBe(hash)
  writeFileSync(join(dir, '.git/HEAD'), `${'b'.repeat(40)}\n`)
  expect((await planIn(dir)).commit).toBe('b'.repeat(40))
})

test('no run starts on a broken sluice.yaml', async () => {
  const dir = workspaceDir({
    'sluice.yaml': 'hosts: [wh]\n',
    'pipelines/orders.yaml': 'tasks: { a: { run: ls } }\n',
  })
  const planned = await planIn(dir)
  expect(planned.plan).toBeNull()
  expect(planned.problems.map((problem) => problem.file)).toEqual(['sluice.yaml'])
})

test.skipIf(process.platform === 'win32')(
  'a pipe in the place of what git keeps does not hold a plan up',
  async () => {
    const dir = workspaceDir(exampleFiles)
    mkdirSync(join(dir, '.git'), { recursive: true })
    execFileSync('mkfifo', [join(dir, '.git/HEAD')])
    expect((await planIn(dir)).commit).toBe(null)
  },
)

test.each([
  'a\0b',
  '',
  'today',
  '2026-02-30',
  '2026-01-31T25:00:00Z',
  '2026-01-31T02:15:00ZT',
  '2026-01-31\n',
])('the logical date %j is refused before anything starts', async (logicalDate) => {
  const planned = await planIn(workspaceDir(exampleFiles), { logicalDate })
  expect(planned.plan).toBe(null)
  expect(messages(planned).join()).toContain('is no date')
})
