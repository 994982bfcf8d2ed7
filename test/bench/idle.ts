// P9: what Sluice costs while nothing happens.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectLocalSocket } from '../../electron/server/local-socket.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { startSshd } from '../helpers/sshd.ts'
import type { BenchRow, Figure } from './figure.ts'

const hostsKnown = 20
const hostsConnected = 5
const pipelines = 100
const triggersEach = 10
const seconds = 60
const cpuGoal = 0.005
const mebibytesGoal = 150

export const idle: BenchRow = {
  name: 'P9',
  title: `idle for ${seconds} s`,
  secondsMax: 180,
  async measure({ dir }) {
    const names = Array.from({ length: hostsConnected }, (_, index) => `h${index}`)
    const servers = []
    for (const name of names) servers.push(await startSshd({ dir, name }))
    const workspace = join(dir, 'workspace')
    writeWorkspace(
      workspace,
      servers.map((server) => server.spec),
    )
    const home = join(dir, 'home')
    const serve = startServe(workspace, home, servers[0]!.knownHostsFile)
    const client = await connectWhenUp(join(home, 'sluice.sock'))
    const closeWindow = openWindow(client)
    for (const host of names) await client.call('host.check', { host })
    await wait(5000) // what starting up has left behind
    const figures = await measureIdle(serve, client)
    closeWindow()
    client.close()
    serve.kill('SIGINT')
    await once(serve, 'exit')
    for (const server of servers) await server.stop()
    return figures
  },
}

async function measureIdle(serve: ChildProcess, client: Client): Promise<Figure[]> {
  const pid = serve.pid ?? 0
  const before = cpuSeconds(pid)
  await wait(seconds * 1000)
  const share = (cpuSeconds(pid) - before) / seconds
  const mebibytes = residentMebibytes(pid)
  const rows = await client.call('host.list', {})
  const linked = rows.filter((row) => row.link === 'linked').length
  const needless = linked - hostsConnected
  const what = `${hostsKnown} hosts, ${hostsConnected} connected, ${pipelines * triggersEach} schedules`
  const part = { row: 'P9', reference: '-', ratio: null, note: '' }
  return [
    {
      ...part,
      what: `cpu, ${what}`,
      ours: `${(share * 100).toFixed(2)} % of a core`,
      goal: `< ${cpuGoal * 100} %`,
      met: share < cpuGoal,
    },
    {
      ...part,
      what: 'memory',
      ours: `${mebibytes.toFixed(0)} MiB resident`,
      goal: `< ${mebibytesGoal} MiB`,
      met: mebibytes < mebibytesGoal,
    },
    {
      ...part,
      what: 'connections that nothing needs',
      ours: String(needless),
      goal: '0',
      met: needless === 0,
    },
  ]
}

function writeWorkspace(dir: string, specs: readonly HostSpec[]): void {
  mkdirSync(join(dir, 'pipelines'), { recursive: true })
  const lines = Array.from({ length: hostsKnown }, (_, index) => {
    const spec = specs[index]
    const key = spec === undefined ? '' : `, key: ${JSON.stringify(spec.key)}`
    const user = spec?.user ?? 'nobody'
    return `  h${index}: { address: 127.0.0.1, port: ${spec?.port ?? 2}, user: ${user}${key} }`
  })
  writeFileSync(join(dir, 'sluice.yaml'), `hosts:\n${lines.join('\n')}\n`)
  for (let pipeline = 0; pipeline < pipelines; pipeline++) {
    // Of a night half a year from here, so that none fires while we look.
    const month = ((new Date().getMonth() + 6) % 12) + 1
    const triggers = Array.from({ length: triggersEach }, (_, index) => {
      return `  - { cron: "${pipeline % 60} ${index} 1 ${month} *", timezone: Europe/Berlin }`
    })
    const text = `name: p${pipeline}\ntriggers:\n${triggers.join('\n')}\ntasks:\n  only: { host: h${pipeline % hostsKnown}, run: "true" }\n`
    writeFileSync(join(dir, `pipelines/p${pipeline}.yaml`), text)
  }
}

function startServe(workspace: string, home: string, knownHosts: string): ChildProcess {
  mkdirSync(home)
  writeFileSync(join(home, 'known_hosts'), readFileSync(knownHosts))
  const entry = fileURLToPath(new URL('../../electron/cli.ts', import.meta.url))
  const serve = spawn(process.execPath, [entry, 'serve', '--workspace', workspace], {
    env: { ...process.env, SLUICE_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // A row that was given up leaves no engine behind.
  process.once('exit', () => serve.kill('SIGKILL'))
  return serve
}

async function connectWhenUp(socket: string): Promise<Client> {
  for (let tries = 0; tries < 200; tries++) {
    const client = await connectLocalSocket(socket)
    if (client !== null) return client
    await wait(100)
  }
  throw new Error('sluice serve did not come up in 20 s')
}

/** The streams that the screen Now keeps open. */
function openWindow(client: Client): () => void {
  const closing = new AbortController()
  const drain = async (stream: AsyncIterable<unknown>): Promise<void> => {
    try {
      for await (const item of stream) void item
    } catch (error) {
      if (!closing.signal.aborted) throw error
    }
  }
  void drain(client.stream('runs.watch', {}, closing.signal))
  void drain(client.stream('host.watch', {}, closing.signal))
  return () => closing.abort()
}

/** All threads, user and system. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticksPerSecond = 100
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function residentMebibytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? Number.NaN) / 1024
}
