// An incident and its wave, by the command, on a real engine with real tasks: a file is missing, six runs fail for it, it is
// put back, and all of them recover, the canary first.
import { mkdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectLocalSocket } from '../../electron/server/local-socket.ts'
import { homePaths } from '../../electron/system/home.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { Running, TestHome } from './sluice-process.ts'
import { noTerminal, openTestHome } from './sluice-process.ts'
import { untilRun } from './until-run.ts'

interface IncidentsJson {
  incidents: {
    signature: string
    class: string
    words: string
    runs: { run: string; pipeline: string }[]
  }[]
  unexplained: number
}

interface WaveJson {
  wave: string
  state: string
  why: string
  counts: Record<string, number>
  runs: { run: string; batch: number; state: string; why: string }[]
}

let home: TestHome
let server: Running
let client: Client

const rates = (): string => join(home.dir, 'data', 'rates.csv')
const begun = (): string[] => readFileSync(join(home.dir, 'begun'), 'utf8').trim().split('\n')

beforeAll(async () => {
  home = openTestHome()
  home.write('sluice.yaml', 'environments: { dev: { hosts: { worker: local } } }\n')
  const load = (task: string): string => `tasks:
  fetch: { host: worker, run: 'echo rows=5' }
  ${task}: { needs: [fetch], host: worker, run: 'echo "$SLUICE_RUN" >> "$HOME/begun"; cat "$HOME/data/rates.csv"' }
`
  home.write('pipelines/orders.yaml', load('load'))
  home.write('pipelines/prices.yaml', load('convert'))
  mkdirSync(join(home.dir, 'data'))
  server = home.start('serve')
  await server.until(/Ctrl-C ends it/)
  const found = await connectLocalSocket(homePaths(join(home.dir, 'home'), home.env).socket)
  if (found === null) throw new Error('No engine is up')
  client = found
})

afterAll(async () => {
  client.close()
  server.child.kill('SIGTERM')
  await server.ended
  await home.close()
})

async function failed(pipeline: string): Promise<string> {
  const { run } = await client.call('run.start', { pipeline })
  await untilRun(home, run, ({ state }) => state === 'failed')
  return run
}

test('a canary that fails for the same reason stops the wave; mended, all six recover, canary first', async () => {
  const runs: string[] = []
  for (const pipeline of ['orders', 'orders', 'prices', 'orders', 'prices', 'orders'])
    runs.push(await failed(pipeline))
  const newest = runs.at(-1) as string

  const { value: list } = await home.json<IncidentsJson>('incidents', '--since', '1h')
  expect(list.incidents.map((one) => one.runs.length)).toEqual([6])
  expect(list.incidents[0]).toMatchObject({ class: 'missing_input_file' })
  expect((await home.run('incidents')).stdout).toContain(
    `sluice wave start --like ${newest.slice(-8)}`,
  )
  const only = await client.call('incident.list', { pipeline: 'prices' })
  expect(only.incidents[0]?.runs.map(({ pipeline }) => pipeline)).toEqual(['prices', 'prices'])

  // Without a yes nothing happens, and the plan says what would.
  const plan = await home.run('wave', 'plan', '--like', newest, '--batch', '2')
  expect(plan.stdout).toMatch(/^Wave of 6 runs that failed alike: cat: /)
  expect(plan.stdout).toMatch(new RegExp(`canary +${newest}.*1 to run, 1 reused`))
  const unsure = await home.run('wave', 'start', '--like', newest)
  expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringContaining('--yes')])

  // The file is still missing.
  const first = await home.json<WaveJson>('wave', 'start', '--like', newest, '--yes')
  expect(first.code).toBe(1)
  expect(first.value).toMatchObject({
    state: 'stopped',
    why: `run ${newest} failed for the same reason again`,
    counts: { failed_again: 1, skipped: 5 },
  })
  expect(begun().toSorted()).toEqual([...runs, newest].toSorted())

  writeFileSync(rates(), 'chf,1\n')
  const shown = await home.json<{ planId: string }>(
    'wave',
    'plan',
    '--like',
    newest,
    '--batch',
    '3',
  )
  const { planId } = shown.value
  const told = await home.run(
    'wave',
    'start',
    '--like',
    newest,
    '--batch',
    '3',
    '--shown',
    planId,
    '--reason',
    'the file is back',
  )
  expect(told.stdout).toMatch(/✓ done: 6 recovered\n$/)
  expect(told.code).toBe(0)
  expect(told.stdout).toMatch(new RegExp(`recovered +canary +${newest}`))
  const second = begun().slice(7)
  expect(second[0]).toBe(newest)
  expect(second.toSorted()).toEqual(runs.toSorted())

  const wave = await home.json<WaveJson>('wave', 'show')
  expect(wave.value.runs.map(({ batch }) => batch)).toEqual([0, 1, 1, 1, 2, 2])
  const audit = await home.run('audit', '-n', '9')
  expect(audit.stdout).toMatch(
    new RegExp(`wave.started +${wave.value.wave} .*plan=${planId}.* "the file is back"`),
  )
  expect(audit.stdout.match(new RegExp(`run.resumed .*wave=${wave.value.wave}`, 'g'))).toHaveLength(
    6,
  )
  expect((await client.call('incident.list', {})).incidents).toEqual([])
}, 120_000)

test.skipIf(noTerminal !== null)(
  'on a terminal the plan is shown and asked about; no is no',
  async () => {
    rmSync(rates(), { force: true })
    const run = await failed('orders')
    const before = begun().length
    const asking = home.onTerminal('wave', 'start', '--like', run)
    await asking.until(/Start it\? \[y\/N\] $/)
    asking.type('n\n')
    expect((await asking.ended).code).toBe(3)
    expect(begun().length).toBe(before)
  },
)
