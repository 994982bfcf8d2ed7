import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allProblems, loadWorkspace } from '../../electron/pipeline/load.ts'
import { planRun } from '../../electron/pipeline/plan.ts'
import { starterFiles } from '../../electron/pipeline/starter.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { exampleFiles, workspaceDir } from './workspace-dir.ts'

/** What a task is where its file says nothing. */
const unsaid = {
  graceMs: 10_000,
  retries: { max: 0, delayMs: 5000, backoff: 'exponential', capMs: 600_000, jitter: 0 },
  effect: 'idempotent',
  onUnknown: { waitMs: 86_400_000, then: 'fail' },
  logLimitBytes: 10_737_418_240,
  files: [],
  inputs: {},
  outputs: {},
  remedies: [],
  description: '',
}

test('the example that scripts rely on loads with every default filled in', async () => {
  const workspace = await loadWorkspace(workspaceDir(exampleFiles))
  expect(allProblems(workspace)).toEqual([])
  expect(workspace.spec).toEqual({
    hosts: [
      {
        name: 'local',
        kind: 'local',
        ssh: null,
        address: null,
        port: null,
        user: null,
        key: null,
        labels: [],
        slots: 4,
        folder: null,
      },
      {
        name: 'wh',
        kind: 'ssh',
        ssh: 'wh',
        address: null,
        port: null,
        user: null,
        key: null,
        labels: [],
        slots: 4,
        folder: null,
      },
      {
        name: 'edge',
        kind: 'ssh',
        ssh: null,
        address: '127.0.0.1',
        port: 2201,
        user: 'etl',
        key: '~/.ssh/id_ed25519',
        labels: ['edge'],
        slots: 8,
        folder: null,
      },
    ],
    pools: [],
    environments: [{ name: 'dev', hosts: { warehouse: 'wh' }, vars: { REGION: 'eu' } }],
    defaultEnvironment: 'dev',
  })
  expect(workspace.pipelines[0]?.spec).toEqual({
    name: 'orders',
    description: '',
    params: [{ name: 'day', type: 'date', default: '2026-01-01', description: '', choices: [] }],
    triggers: [{ kind: 'cron', cron: '15 2 * * *', timezone: 'Europe/Berlin', dst: null }],
    env: {},
    tasks: [
      {
        name: 'extract',
        needs: [],
        host: 'edge',
        run: './extract.sh',
        env: { DAY: '${{ params.day }}' },
        timeoutMs: 600_000,
        ...unsaid,
        retries: { ...unsaid.retries, max: 2 },
      },
      {
        name: 'load',
        needs: ['extract'],
        host: 'warehouse',
        run: 'psql -f load.sql',
        env: {},
        timeoutMs: null,
        ...unsaid,
      },
    ],
  })
})

test('a folder without sluice.yaml is a workspace with this machine only', async () => {
  const workspace = await loadWorkspace(
    workspaceDir({ 'pipelines/a.yml': 'tasks: { a: { run: ls } }\n' }),
  )
  expect(workspace.spec.hosts.map((host) => host.name)).toEqual(['local'])
  expect(workspace.spec.defaultEnvironment).toBe('default')
  expect(workspace.pipelines.map(({ name, problems }) => ({ name, problems }))).toEqual([
    { name: 'a', problems: [] },
  ])
})

test('a folder that is not there has no pipelines and does not throw', async () => {
  const dir = workspaceDir({})
  rmSync(dir, { recursive: true })
  expect(allProblems(await loadWorkspace(dir))).toEqual([])
})

test('the starter files load without a problem', async () => {
  const files = Object.fromEntries(starterFiles.map(({ path, text }) => [path, text]))
  const workspace = await loadWorkspace(workspaceDir(files))
  expect(allProblems(workspace)).toEqual([])
  expect(workspace.pipelines.map((each) => each.name)).toEqual(['hello'])
})

test('two files that name the same pipeline are both refused, each naming the other', async () => {
  const text = 'name: orders\ntasks: { a: { run: ls } }\n'
  const dir = workspaceDir({ 'pipelines/a.yaml': text, 'pipelines/b.yaml': text })
  const { pipelines } = await loadWorkspace(dir)
  expect(pipelines.map((each) => each.spec)).toEqual([null, null])
  expect(pipelines.map((each) => each.problems.map((problem) => problem.message))).toEqual([
    ['The pipeline in pipelines/b.yaml is called "orders" too.'],
    ['The pipeline in pipelines/a.yaml is called "orders" too.'],
  ])
})

test('a broken sluice.yaml is not blamed on the pipelines that use its names', async () => {
  const dir = workspaceDir({
    'sluice.yaml': 'hosts:\n  wh: { shh: wh }\n',
    'pipelines/a.yaml': 'tasks: { a: { host: wh, run: ls } }\n',
  })
  const workspace = await loadWorkspace(dir)
  expect(workspace.problems.map((problem) => problem.message)).toEqual([
    'The host "wh" has neither "ssh" nor "address".',
    'A host has no field "shh". Did you mean "ssh"?',
  ])
  expect(workspace.pipelines[0]?.problems).toEqual([])
})

test('a pipeline that is a folder, a dangling link or a link out of the workspace does not break the rest', async () => {
  const dir = workspaceDir({ 'pipelines/good.yaml': 'tasks: { a: { run: ls } }\n' })
  mkdirSync(join(dir, 'pipelines/folder.yaml'))
  symlinkSync('nowhere.yaml', join(dir, 'pipelines/dangling.yaml'))
  symlinkSync('/etc/passwd', join(dir, 'pipelines/passwd.yaml'))
  const { pipelines } = await loadWorkspace(dir)
  expect(
    pipelines.map((each) => [each.name, each.problems.map((problem) => problem.message)]),
  ).toEqual([
    ['dangling', ['This is no regular file.']],
    ['good', []],
    ['passwd', ['The file leads out of the workspace.']],
  ])
})

test('a file above 1 MiB is refused without being read', async () => {
  const dir = workspaceDir({ 'pipelines/big.yaml': `# ${'x'.repeat(1 << 20)}\n` })
  const { pipelines } = await loadWorkspace(dir)
  expect(pipelines[0]?.problems.map((problem) => problem.message)).toEqual([
    'The file has 1048579 bytes; the limit is 1048576.',
  ])
})

test('a plain number in a text field keeps its digits', async () => {
  const dir = workspaceDir({
    'sluice.yaml': 'environments: { dev: { vars: { VERSION: 3.10, MODE: 0644, ON: true } } }\n',
    'pipelines/a.yaml': 'tasks: { a: { run: ls, env: { EXP: 1e3, HEX: 0x1F } } }\n',
  })
  const workspace = await loadWorkspace(dir)
  expect(workspace.spec.environments[0]?.vars).toEqual({
    VERSION: '3.10',
    MODE: '0644',
    ON: 'true',
  })
  expect(workspace.pipelines[0]?.spec?.tasks[0]?.env).toEqual({ EXP: '1e3', HEX: '0x1F' })
})

test('a sluice.yaml that cannot be read is the one problem: no pipeline is blamed for names in it', async () => {
  for (const text of ['hosts: [\n', 'hosts: { a: }}\n', '\u0000']) {
    const dir = workspaceDir({ ...exampleFiles, 'sluice.yaml': text })
    const workspace = await loadWorkspace(dir)
    const files = new Set(allProblems(workspace).map(({ file }) => file))
    expect({ text, files: [...files] }).toEqual({ text, files: ['sluice.yaml'] })
    // And nothing can be started from it.
    const planned = await planRun({
      workspace,
      pipeline: 'orders',
      environment: null,
      params: {},
      logicalDate: null,
      blobs: memoryBlobs(),
    })
    expect(planned.plan).toBeNull()
  }
})
