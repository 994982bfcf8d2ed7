// A supervisor that waits ahead of its order: whatever comes right behind one order must not reach another.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { startLine } from '../../electron/hosts/start-line.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { attemptKey, runIdAt } from '../../shared/run/ids.ts'

test('H1: orders that come while a spare still reads its own never mix', async () => {
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
    const run = runIdAt(0, 'abcdefgh')
    const keys = Array.from({ length: 150 }, (_, i) => attemptKey(run, 'mixed', null, i + 1))
    const answers = keys.flatMap((key) => {
      // Long enough that the shell, which reads byte by byte, is still at it when the next order comes.
      const values = { WHO: key, LONG: 'x'.repeat(1500) }
      const order = { key, run: 'echo "$WHO"', env: values, timeoutMs: null, graceMs: 1000 }
      const limits = { leaseMs: null, logLimitBytes: null }
      const line = startLine({ ...order, ...limits, files: [], outputs: {} }, null)
      return [channel.ask(line), channel.ask('ready')]
    })
    await Promise.all(answers)
    await expect.poll(() => ended.size, { timeout: 30_000 }).toBe(keys.length)
    expect([...new Set(ended.values())]).toEqual(['exited 0'])
    for (const key of keys) expect(readFileSync(join(folder, 'log', key), 'utf8')).toBe(`${key}\n`)
  } finally {
    channel.close()
    connection.close()
    rmSync(dir, { recursive: true, force: true })
  }
})
