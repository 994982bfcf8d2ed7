// P2: thousands of tiny tasks over three hosts, every one durable.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { startLine } from '../../electron/hosts/start-line.ts'
import { attemptKey, runIdAt } from '../../shared/run/ids.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'
import { openBenchHosts } from './bench-hosts.ts'
import { exitOf, openControlMaster } from './control-master.ts'
import type { BenchRow, Figure } from './figure.ts'
import { missing, rate } from './figure.ts'

const names = ['edge', 'onprem', 'cloud']
const slots = 8
const loopGoal = 0.8
const parallelGoal = 2.5
const loop = fileURLToPath(new URL('agent-loop.sh', import.meta.url))

export const throughput: BenchRow = {
  name: 'P2',
  title: 'tiny durable tasks over three ssh hosts',
  secondsMax: 420,
  async measure({ quick, dir }) {
    const count = quick ? 600 : 5000
    const bench = await openBenchHosts({ dir, names, slots })
    await bench.run(manyTasks(60)) // warm-up
    const ours = await perSecond(count, () => bench.run(manyTasks(count)))
    const same = await perSecond(count, () => localLoop(count, join(dir, 'same'), order))
    const bare = await perSecond(count, () => localLoop(count, join(dir, 'bare'), ''))
    const compared = await parallelRate(quick ? 200 : 1000, bench.servers, dir)
    await bench.close()
    const what = `${count.toLocaleString('en')} tasks`
    const figures = [
      figure(what, ours, { name: 'sh loop, the same orders', value: same, goal: loopGoal }),
      figure(what, ours, { name: 'sh loop, orders without environment', value: bare, goal: null }),
    ]
    const goal = `>= ${parallelGoal}x parallel`
    if (compared === null)
      return [...figures, missing('P2', what, goal, 'GNU parallel is not installed.')]
    const reference = { name: 'parallel, 3 --sshlogin', value: compared, goal: parallelGoal }
    return [...figures, figure(what, ours, reference)]
  },
}

function figure(
  what: string,
  ours: number,
  reference: { name: string; value: number; goal: number | null },
): Figure {
  const ratio = ours / reference.value
  return {
    row: 'P2',
    what,
    ours: rate(ours),
    reference: `${rate(reference.value)} ${reference.name}`,
    ratio,
    goal: reference.goal === null ? '' : `>= ${reference.goal}x`,
    met: reference.goal === null ? null : ratio >= reference.goal,
    note: '',
  }
}

function manyTasks(count: number) {
  const tasks: Record<string, TaskSketch> = {}
  for (let index = 0; index < count; index++) {
    tasks[`t${index}`] = { host: names[index % names.length] ?? '', run: 'true' }
  }
  return sketchPlan(tasks)
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return count / ((performance.now() - startedAt) / 1000)
}

/** What the engine orders for a task of `manyTasks`: @ is the number of it. */
const order = orderText()

function orderText(): string {
  const run = runIdAt(Date.now(), 'abcdefgh')
  const key = attemptKey(run, 'tN', null, 1)
  const env = {
    SLUICE_RUN: run,
    SLUICE_PIPELINE: 'sketch',
    SLUICE_ENVIRONMENT: 'dev',
    SLUICE_TASK: 'tN',
    SLUICE_ATTEMPT_NUMBER: '1',
    SLUICE_LOGICAL_DATE: '',
  }
  const text = { run: 'true', env, timeoutMs: null, graceMs: 5000, leaseMs: null, outputs: {} }
  const line = startLine({ key, ...text, logLimitBytes: null, files: [] }, null)
  return line.replaceAll('tN', 't@')
}

async function localLoop(count: number, dir: string, orders: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  const width = String(slots * names.length)
  const agent = join(dir, 'agent.sh')
  await writeFile(agent, agentText().text)
  const code = await exitOf('sh', [loop, agent, join(dir, 'loop'), String(count), width, orders])
  if (code !== 0) throw new Error(`The sh loop ended with ${code}`)
}

/** null where GNU parallel is missing. It starts fewer tasks than we do: its rate does not grow with the number. */
async function parallelRate(
  count: number,
  servers: readonly TestSshd[],
  dir: string,
): Promise<number | null> {
  if ((await exitOf('parallel', ['--version'])) !== 0) return null
  const masters = await Promise.all(servers.map((server) => openControlMaster(server, dir)))
  const socket = join(dir, 'ctl-%n')
  const ssh = `ssh -F ${servers[0]?.configFile ?? ''} -S ${socket}`
  const logins = servers.flatMap((server) => ['--sshlogin', `${slots}/${server.name}`])
  const result = await perSecond(count, async () => {
    const args = ['--will-cite', '--plain', '--ssh', ssh, ...logins, 'true', ':::']
    for (let index = 0; index < count; index++) args.push(String(index))
    const child = spawn('parallel', args, { stdio: 'ignore', env: { ...process.env, HOME: dir } })
    const [code] = (await once(child, 'exit')) as [number]
    if (code !== 0) throw new Error(`parallel ended with ${code}`)
  })
  for (const master of masters) await master.close()
  return result
}
