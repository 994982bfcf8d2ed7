// A supervisor that waits ahead of its order: whatever comes right behind one order must not reach another.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import type { Channel } from '../../electron/hosts/channel.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { startLine } from '../../electron/hosts/start-line.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { attemptKey, runIdAt, type AttemptKey } from '../../shared/run/ids.ts'

test('H1: orders that come while a spare still reads its own never mix', () =>
  withAgent(async ({ channel, folder, ended }) => {
    const keys = Array.from({ length: 150 }, (_, i) => keyOf('mixed', i + 1))
    const answers = keys.flatMap((key) => {
      // Long enough that a shell that reads byte by byte is still at it when the next order comes.
      const env = { WHO: key, LONG: 'x'.repeat(1500) }
      return [channel.ask(lineOf(key, 'echo "$WHO"', env)), channel.ask('ready')]
    })
    await Promise.all(answers)
    await expect.poll(() => ended.size, { timeout: 30_000 }).toBe(keys.length)
    expect([...new Set(ended.values())]).toEqual(['exited 0'])
    for (const key of keys) expect(readFileSync(join(folder, 'log', key), 'utf8')).toBe(`${key}\n`)
  }))

test('H1: a task finds the same around it, whether its shell was there before the order or not', () =>
  withAgent(async ({ channel, folder, ended }) => {
    const run =
      'echo "$0 $# ${_nl-none} $QUOTED $SLUICE_OUTPUT" | sed "s/.$//"; [ ! -s "$SLUICE_OUTPUT" ]; exit 7'
    const env = { QUOTED: `it's "$HOME" \\ 'all'` }
    // Right behind each other: the spare takes the first of them.
    const keys = [1, 2].map((number) => keyOf('same', number))
    await Promise.all(keys.map((key) => channel.ask(lineOf(key, run, env))))
    await expect.poll(() => ended.size, { timeout: 30_000 }).toBe(keys.length)
    expect([...ended.values()]).toEqual(['exited 7', 'exited 7'])
    const owns = keys.map((key) => readFileSync(join(folder, 'own', key), 'utf8').split('\n')[1])
    expect(owns.map((line) => line?.split(' ').length)).toEqual([3, 2])
    const [first = '', second] = keys.map((key) => readFileSync(join(folder, 'log', key), 'utf8'))
    expect(first).toContain(`0 none it's "$HOME" \\ 'all' ${folder}/values/`)
    expect(second).toBe(first)
  }))

test('H5: a shell without mark, log or folder is stopped when its supervisor is dead', () =>
  withAgent(async ({ channel, folder, ended }) => {
    const key = keyOf('bare', 1)
    const gate = join(folder, 'gate')
    const run = `mkfifo '${gate}'; exec >/dev/null 2>&1; cd /; : >'${gate}.on'; read -r gate <'${gate}'`
    const { words } = await channel.ask(lineOf(key, run, {}))
    await expect.poll(() => existsSync(`${gate}.on`), { timeout: 10_000 }).toBe(true)
    const task =
      readFileSync(join(folder, 'own', key), 'utf8')
        .split('\n')[1]
        ?.split(' ')[0] ?? ''
    process.kill(Number(words[2]), 'SIGKILL')
    await expect
      .poll(async () => (await channel.ask(`probe ${key}`)).parts[0]?.[1], { timeout: 10_000 })
      .toBe('gone')
    await channel.ask(`cancel ${key} 100`)
    await expect.poll(() => ended.get(key), { timeout: 30_000 }).toMatch(/^gone (TERM|KILL)/)
    await expect.poll(() => existsSync(`/proc/${task}/stat`), { timeout: 10_000 }).toBe(false)
  }))

interface Agent {
  channel: Channel
  folder: string
  /** How each ended, by key. */
  ended: Map<string, string>
}

async function withAgent(work: (agent: Agent) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-spare-'))
  const folder = join(dir, 'host')
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir }
  const connection = await localTransport({ env }).connect(new AbortController().signal)
  const channel = await openChannel(connection, {
    agent: agentText(),
    nonce: 'abcdefghijklmnopqrst',
    mode: 'main',
    client: 'kit',
    folder,
    clock: systemClock,
  })
  try {
    const ended = new Map<string, string>()
    channel.onNotice((words) => ended.set(words[1] ?? '', words.slice(2, 4).join(' ')))
    await work({ channel, folder, ended })
  } finally {
    channel.close()
    connection.close()
    // Until its agent has gone as well, which still takes its own away.
    const isLeft = (): boolean => {
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
      return existsSync(dir)
    }
    await expect.poll(isLeft, { timeout: 10_000 }).toBe(false)
  }
}

const run = runIdAt(0, 'abcdefgh')

function keyOf(task: string, number: number): AttemptKey {
  return attemptKey(run, task, null, number)
}

function lineOf(key: AttemptKey, command: string, env: Record<string, string>): string {
  const order = { key, run: command, env, timeoutMs: null, graceMs: 1000 }
  return startLine({ ...order, leaseMs: null, logLimitBytes: null, files: [], outputs: {} }, null)
}
