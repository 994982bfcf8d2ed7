// P5: the engine is killed with many live attempts; how long until the next one has all of them again.
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { startSshd } from '../helpers/sshd.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'
import type { AttachSpecs } from './attach-engine.ts'
import type { BenchRow, Figure } from './figure.ts'
import { median, ms } from './figure.ts'

const names = ['edge', 'onprem', 'cloud']
const overMsGoal = 1000
const kills = 5
const program = join(import.meta.dirname, 'attach-engine.ts')

export const attach: BenchRow = {
  name: 'P5',
  title: 'all attempts attached again after a SIGKILL',
  secondsMax: 400,
  async measure({ quick, dir }) {
    const count = quick ? 200 : 1000
    const servers: TestSshd[] = []
    for (const name of names) servers.push(await startSshd({ dir, name }))
    const hosts = servers.map((server) => ({ ...server.spec, slots: count }))
    const knownHostsFile = servers[0]?.knownHostsFile ?? ''
    const gate = join(dir, 'gate')
    execFileSync('mkfifo', [gate])
    const specs: AttachSpecs = { hosts, knownHostsFile, plan: waitingTasks(count, gate) }
    const file = join(dir, 'specs.json')
    writeFileSync(file, JSON.stringify(specs))
    try {
      let engine = begin(dir, file, 'start')
      await engine.says(`live ${count}`)
      const ours: number[] = []
      const reference: number[] = []
      for (let kill = 0; kill < kills; kill++) {
        engine.child.kill('SIGKILL')
        await once(engine.child, 'exit')
        reference.push(await timeToConnect(hosts, knownHostsFile))
        const startedAt = performance.now()
        engine = begin(dir, file, 'attach')
        await engine.says(`live ${count}`)
        ours.push(performance.now() - startedAt)
      }
      // Whoever opens the pipe for writing lets all of them go.
      closeSync(openSync(gate, 'w'))
      await engine.says('ended succeeded')
      engine.child.kill('SIGTERM')
      return [figure(count, median(ours), median(reference))]
    } finally {
      killWaiting(dir)
      for (const server of servers) await server.stop()
    }
  },
}

function figure(count: number, mine: number, theirs: number): Figure {
  return {
    row: 'P5',
    what: `${count.toLocaleString('en')} attempts on ${names.length} hosts`,
    ours: ms(mine),
    reference: `${ms(theirs)} to open ${names.length} connections`,
    ratio: mine / theirs,
    goal: `<= reference + ${ms(overMsGoal)}`,
    met: mine <= theirs + overMsGoal,
    note: `From the start of the process; median of ${kills} kills.`,
  }
}

/** They wait in one system call each, so they take nothing from what is measured. */
function waitingTasks(count: number, gate: string): AttachSpecs['plan'] {
  const tasks: Record<string, TaskSketch> = {}
  for (let index = 0; index < count; index++) {
    const host = names[index % names.length] ?? ''
    tasks[`t${index}`] = { host, run: `read -r gate <'${gate}' || true` }
  }
  return sketchPlan(tasks)
}

interface Begun {
  child: ChildProcessByStdio<null, Readable, null>
  says(line: string): Promise<void>
}

function begin(dir: string, file: string, mode: 'start' | 'attach'): Begun {
  const args = [program, join(dir, 'sluice-home'), file, mode]
  // As the `sluice` command does.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(dir, 'compile-cache') }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()))
  return {
    child,
    says: (line) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (said.includes(`${line}\n`)) resolve()
        }
        child.stdout.on('data', look)
        child.on('exit', () => reject(new Error(`The engine ended without "${line}": ${said}`)))
        look()
      }),
  }
}

async function timeToConnect(hosts: readonly HostSpec[], knownHostsFile: string): Promise<number> {
  const config = openSshConfig({ env: process.env, clock: systemClock })
  const trust = openTrust(knownHostsFile)
  const startedAt = performance.now()
  const all = await Promise.all(
    hosts.map((spec) =>
      sshTransport(spec, { config, trust, clock: systemClock }).connect(
        AbortSignal.timeout(30_000),
      ),
    ),
  )
  const tookMs = performance.now() - startedAt
  for (const connection of all) connection.close()
  return tookMs
}

/** A row that broke leaves nobody waiting: each attempt works in its host's folder. */
function killWaiting(dir: string): void {
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry)
    if (!Number.isInteger(pid)) continue
    try {
      if (readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`)) process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended, or is another's.
    }
  }
}
