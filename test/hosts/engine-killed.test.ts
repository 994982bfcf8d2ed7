// The promise that everything else stands on: the engine may be killed at any instant, and no task starts twice, none is
// lost, and no log byte is missing. Real sshd on loopback, the real command, SIGKILL.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sluice, sluiceJson } from '../helpers/sluice-command.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { seededDice } from '../helpers/world.ts'

const KILLS = Number(process.env['SLUICE_KILLS'] ?? 50)
const SEED = Number(process.env['SLUICE_SEED'] ?? 1)
const LEVELS = 10
const WIDTH = 4
const LINES = 200

interface RunDoc {
  run: string
  state: string
  tasks: {
    task: string
    state: string
    attempts: { number: number; exit: number | null; logBytes: number }[]
  }[]
}

let folder: string
let hosts: TestSshd[] = []
const engines: ChildProcess[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-killed-'))
  if (skipReason !== null) return
  for (const name of ['edge', 'onprem', 'cloud'])
    hosts.push(await startSshd({ dir: join(folder, 'ssh'), name }))
})

afterAll(async () => {
  for (const engine of engines) engine.kill('SIGKILL')
  for (const host of hosts) await host.stop()
  hosts = []
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(skipReason !== null)('an engine that is killed', () => {
  test(
    `${KILLS} times at random moments of a run of ${LEVELS * WIDTH} tasks (seed ${SEED}): each ran once, every log is whole`,
    { timeout: 400_000 },
    async () => {
      const workspace = writeWorkspace()
      const home = join(folder, 'home')
      mkdirSync(home, { recursive: true })
      copyFileSync(hosts[0]?.knownHostsFile ?? '', join(home, 'known_hosts'))
      const at = { home, workspace }
      const dice = seededDice(SEED)

      openGate(0)
      let engine = await serve(home, workspace)
      const { run } = await sluiceJson<{ run: string }>(at, ['run', 'forty', '--detach', '--json'])
      for (let kill = 0; kill < KILLS; kill += 1) {
        openGate(Math.floor((kill / KILLS) * LEVELS))
        await wait(50 + dice.roll() * 1200)
        engine.kill('SIGKILL')
        await once(engine, 'exit')
        // Every other time it is killed while it starts.
        engine = kill % 2 === 0 ? startServe(home, workspace) : await serve(home, workspace)
      }
      const mid = await sluiceJson<RunDoc>(at, ['show', run, '--json'])
      expect(mid.state, 'the run outlives the kills').toBe('running')
      openGate(LEVELS)
      const doc = await untilEnd(at, run)
      // H9: releases that a kill has cut off are told again by the next engine.
      for (let tries = 0; tries < 100 && leftovers().length > 0; tries += 1) await wait(100)
      expect(leftovers()).toEqual([])
      engine.kill('SIGTERM')
      await once(engine, 'exit')

      expect(doc.state).toBe('succeeded')
      expect(doc.tasks.map((task) => [task.task, task.attempts.length])).toEqual(
        taskNames().map((name) => [name, 1]),
      )
      const starts = hosts.flatMap((host) =>
        readFileSync(join(host.home, 'starts'), 'utf8').trim().split('\n'),
      )
      expect(starts.toSorted()).toEqual(taskNames().toSorted())
      for (const name of taskNames()) {
        const log = await sluice(at, ['logs', run, name])
        expect(log.stdout.toString(), `log of ${name}`).toBe(expectedLog(name))
      }
    },
  )
})

function taskNames(): string[] {
  return Array.from({ length: LEVELS * WIDTH }, (_, i) => `t${Math.floor(i / WIDTH)}_${i % WIDTH}`)
}

function expectedLog(name: string): string {
  return Array.from(
    { length: LINES },
    (_, i) => `${name} line ${i} of ${LINES}: the quick brown fox\n`,
  ).join('')
}

function writeWorkspace(): string {
  const workspace = join(folder, 'workspace')
  mkdirSync(join(workspace, 'pipelines'), { recursive: true })
  const hostLines = hosts.map(
    ({ spec }) =>
      `  ${spec.name}: { address: ${spec.address}, port: ${spec.port}, user: ${spec.user}, key: ${spec.key}, slots: 8 }`,
  )
  writeFileSync(join(workspace, 'sluice.yaml'), ['hosts:', ...hostLines, ''].join('\n'))
  const script = [
    'echo "$SLUICE_TASK" >> "$HOME/starts"',
    // Each level ends only after its share of the kills, however fast or slow this machine is.
    'while [ "$(cat "$HOME/gate")" -lt "$LEVEL" ]; do sleep 0.1; done',
    'i=0',
    `while [ $i -lt ${LINES} ]; do`,
    `  echo "$SLUICE_TASK line $i of ${LINES}: the quick brown fox"`,
    '  i=$((i + 1))',
    '  [ $((i % 10)) -ne 0 ] || sleep 0.1',
    'done',
  ]
  const tasks = taskNames().map((name, i) => {
    const level = Math.floor(i / WIDTH)
    const needs = level === 0 ? [] : taskNames().slice((level - 1) * WIDTH, level * WIDTH)
    const host = hosts[i % hosts.length]?.name ?? ''
    return `  ${name}:\n    needs: [${needs.join(', ')}]\n    host: ${host}\n    env: { LEVEL: "${level + 1}" }\n    run: |\n${script.map((line) => `      ${line}`).join('\n')}`
  })
  writeFileSync(
    join(workspace, 'pipelines', 'forty.yaml'),
    `name: forty\ntasks:\n${tasks.join('\n')}\n`,
  )
  return workspace
}

/** Tasks of levels up to this one may end. */
function openGate(level: number): void {
  for (const host of hosts) {
    writeFileSync(join(host.home, 'gate.new'), `${level}\n`)
    renameSync(join(host.home, 'gate.new'), join(host.home, 'gate'))
  }
}

function startServe(home: string, workspace: string): ChildProcess {
  const bin = join(import.meta.dirname, '..', '..', 'bin', 'sluice.mjs')
  const engine = spawn(process.execPath, [bin, 'serve', '--workspace', workspace], {
    env: { ...process.env, SLUICE_HOME: home },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  engines.push(engine)
  return engine
}

/** Started and answering on its socket. */
async function serve(home: string, workspace: string): Promise<ChildProcess> {
  const engine = startServe(home, workspace)
  for (let tries = 0; tries < 100; tries += 1) {
    const info = await sluice({ home, workspace }, ['runs', '--json'])
    if (info.code === 0 && existsSync(join(home, 'sluice.sock'))) return engine
    await wait(100)
  }
  throw new Error('The engine did not come up')
}

async function untilEnd(at: { home: string; workspace: string }, run: string): Promise<RunDoc> {
  for (let tries = 0; tries < 300; tries += 1) {
    const doc = await sluiceJson<RunDoc>(at, ['show', run, '--json'])
    if (doc.state !== 'running' && doc.state !== 'queued') return doc
    await wait(500)
  }
  throw new Error('The run did not end')
}

/** Attempts that the hosts still know. */
function leftovers(): string[] {
  return hosts.flatMap((host) => {
    const own = join(host.home, '.sluice', 'own')
    return existsSync(own) ? readdirSync(own) : []
  })
}
