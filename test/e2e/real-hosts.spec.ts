// The whole story over three real OpenSSH servers: by the command line, by the screens, and what each host and log
// holds afterwards, byte for byte.
import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { sluice, sluiceJson, type Typed } from './command.ts'
import { expect, test as base } from './desktop-app.ts'
import {
  expectOnlyNeededRan,
  expectReport,
  runAgain,
  tellByScreens,
  unharmed,
  type RunDocument,
} from './orders-story.ts'
import { startServe, type Serving } from './serve.ts'
import { noiseScript, skipReason, startThreeHosts, type ThreeHosts } from './three-hosts.ts'

const test = base.extend<{ hosts: ThreeHosts; at: Typed }>({
  hosts: async ({ home }, use) => {
    const hosts = await startThreeHosts(home, join(home, 'machines'))
    await use(hosts)
    await hosts.stop()
  },
  at: async ({ home, hosts }, use) => {
    const user = join(home, 'user')
    await mkdir(user)
    await use({ home, workspace: hosts.workspace, env: { HOME: user } })
  },
})

let engine: Serving | null = null

// Before the hosts stop, also when a spec broke off.
test.afterEach(async () => {
  await engine?.kill()
  engine = null
})

test.skip(skipReason !== null, skipReason ?? '')

test('by the command line: run, explain, fix, resume', async ({ at, hosts }) => {
  const failed = await sluice(at, 'run', 'orders', '--json')
  expect(failed.code).toBe(1)
  const { run } = JSON.parse(failed.stdout.toString()) as RunDocument

  const cause = await sluiceJson<{ rootTask: string; class: string; waiting: string[] }>(
    at,
    'explain',
    run,
  )
  expect(cause).toMatchObject({ rootTask: 'validate_orders', class: 'schema_mismatch' })
  expect(cause.waiting).toHaveLength(7)

  expect((await sluice(at, 'fix', run)).code).toBe(0)
  const { plan } = await sluiceJson<{ plan: { task: string; decision: string }[] }>(
    at,
    'resume',
    run,
    '--plan',
  )
  const tasksTo = (decision: string): string[] =>
    plan.filter((row) => row.decision === decision).map((row) => row.task)
  expect(tasksTo('reuse').sort()).toEqual(unharmed)
  expect(tasksTo('run').sort()).toEqual(runAgain)
  expect((await sluice(at, 'resume', run)).code).toBe(0)

  await expectOnlyNeededRan(at, run)
  await expectFiles(hosts)
  await expectLogs(at, run, hosts)
})

test('by the screens of a served engine', async ({ at, hosts, page }) => {
  const { home, workspace, env } = at
  engine = await startServe({ home, workspace, ...(env && { env }), screens: true })
  await page.goto(engine.url ?? '')
  const run = await tellByScreens(page)
  await expectOnlyNeededRan(at, run)
  await expectFiles(hosts)
  await expectLogs(at, run, hosts)
  expect(await engine.stop()).toBe(0)
})

test('a log of every byte value is the same here and there', async ({ at }) => {
  const ended = await sluice(at, 'run', 'noise', '--json')
  expect(ended.code).toBe(0)
  const expected = execFileSync('sh', ['-c', noiseScript], { maxBuffer: 2 ** 26 })
  const { stdout } = await sluice(at, 'logs', 'latest', 'noise')
  expect(stdout.equals(expected)).toBe(true)
  const { tasks } = JSON.parse(ended.stdout.toString()) as RunDocument
  expect(tasks[0]?.attempts[0]?.logBytes).toBe(expected.length)
})

/** The report where it is published, the inbox landed whole, and nothing of ours left behind. */
async function expectFiles({ homeOf }: ThreeHosts): Promise<void> {
  await expectReport(homeOf.cloud)
  for (const name of await readdir(join(homeOf.edge, 'inbox'))) {
    const sent = await readFile(join(homeOf.edge, 'inbox', name))
    expect(sent.equals(await readFile(join(homeOf.edge, 'landing', name))), name).toBe(true)
  }
  for (const host of Object.values(homeOf))
    await expect
      .poll(() => leftOn(host), { message: `left on ${host}`, timeout: 45_000 })
      .toEqual([])
}

/** The agent, its inbox, its empty spare folders and the files of versions stay; of the attempts, nothing does. */
async function leftOn(home: string): Promise<string[]> {
  const entriesOf = (part: string): Promise<string[]> =>
    readdir(join(home, '.sluice', part), { recursive: true })
  const records = await Promise.all(['own', 'exit', 'log', 'script', 'stop'].map(entriesOf))
  const inFolders = (await entriesOf('work')).filter((path) => path.includes(sep))
  return [...records.flat(), ...inFolders]
}

/** The scripts say the same to a plain shell as they said through Sluice. */
async function expectLogs(at: Typed, run: string, hosts: ThreeHosts): Promise<void> {
  // `land` saw the file that was fixed later: it would say another size.
  const scripts = {
    validate_customers: 'validate-customers.sh',
    validate_rates: 'validate-rates.sh',
    validate_orders: 'validate-orders.sh',
  }
  for (const [task, script] of Object.entries(scripts)) {
    const folder = join(hosts.workspace, `again-${task}`)
    await cp(join(hosts.workspace, 'scripts'), join(folder, 'scripts'), { recursive: true })
    const expected = execFileSync('sh', ['-c', `exec 2>&1; sh scripts/${script}`], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: hosts.homeOf.edge, PAUSE: '0' },
    })
    const { stdout } = await sluice(at, 'logs', run, task)
    expect(stdout.toString(), task).toBe(expected.toString())
  }
}
