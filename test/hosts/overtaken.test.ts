// H1 where an order and a question about it overtake each other: "absent" must not be said of what is about to be started.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { AttemptLife } from '../../electron/hosts/attempt-life.ts'
import type { Channel } from '../../electron/hosts/channel.ts'
import { openAttempt } from '../../electron/hosts/host-attempt.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import type { Session } from '../../electron/hosts/session.ts'
import { startLine } from '../../electron/hosts/start-line.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { StartOrder } from '../../electron/ports/hosts.ts'
import { attemptKey, runIdAt } from '../../shared/run/ids.ts'

const key = attemptKey(runIdAt(0, 'abcdefgh'), 'task', null, 1)
const order: StartOrder = {
  key,
  run: 'echo ran >"$HOME/ran"',
  env: {},
  timeoutMs: null,
  graceMs: 1000,
  leaseMs: null,
  logLimitBytes: null,
  files: [],
  outputs: {},
}

test('H1: a look that overtakes a start does not give the order a second time', async () => {
  const lines: string[] = []
  let answer: (words: string[]) => void = () => undefined
  const ask = async (line: string): Promise<{ words: string[]; parts: string[][] }> => {
    lines.push(line.split(' ')[0] ?? '')
    if (!line.startsWith('start')) return { words: ['ok'], parts: [[key, 'absent', '']] }
    return { words: await new Promise((resolve) => (answer = resolve)), parts: [] }
  }
  const session = {
    main: { ask, hello: { lacks: [] } },
    courier: { has: () => true },
  } as unknown as Session
  const attempt = openAttempt(order, 'start', 0)
  const kinds: string[] = []
  const life = new AttemptLife({
    host: 'edge',
    attempts: new Map([[key, attempt]]),
    leases: { arm: () => undefined },
    pump: { follow: () => undefined },
    clock: systemClock,
    isCurrent: () => true,
    onStarted: () => undefined,
    onReport: ({ kind }: { kind: string }) => kinds.push(kind),
  } as unknown as ConstructorParameters<typeof AttemptLife>[0])
  const begun = life.begin(attempt, session)
  await life.look([attempt], session)
  answer(['started', 'boot', '7', '9', '11'])
  await begun
  expect(lines).toEqual(['start', 'probe'])
  expect(kinds).toEqual(['started'])
})

test.skipIf(!existsSync('/proc/self/stat'))(
  'H1: an order that its agent left unread is void once another agent has said that there is no such attempt',
  async () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-overtaken-'))
    const env = { PATH: process.env['PATH'] ?? '', HOME: home }
    const connection = await localTransport({ env }).connect(new AbortController().signal)
    const open = (): Promise<Channel> =>
      openChannel(connection, {
        agent: agentText(),
        nonce: 'abcdefghijklmnopqrst',
        mode: 'main',
        client: 'kit',
        folder: join(home, 'host'),
        clock: systemClock,
      })
    const first = await open()
    try {
      await first.ask('ready')
      // The supervisor that waits ahead is the agent's child that has a child of its own.
      const agent = Number(readdirSync(join(home, 'host', 'inbox'))[0]?.split('-')[0])
      const waiting = (): number | undefined =>
        childrenOf(agent).find((pid) => childrenOf(pid).length > 0)
      await expect.poll(waiting).toBeGreaterThan(1)
      const spare = waiting() ?? 0
      process.kill(spare, 'SIGSTOP')
      const lost = first.ask(startLine(order, null)).then(String, () => 'cut')
      await first.ask('probe')
      const second = await open()
      expect((await second.ask(`probe ${key}`)).parts).toEqual([[key, 'absent', '']])
      process.kill(spare, 'SIGCONT')
      await expect.poll(() => existsSync(`/proc/${spare}`)).toBe(false)
      expect((await second.ask(`probe ${key}`)).parts).toEqual([[key, 'absent', '']])
      expect(existsSync(join(home, 'ran'))).toBe(false)
      expect(await lost).toBe('cut')
      second.close()
    } finally {
      first.close()
      connection.close()
      rmSync(home, { recursive: true, force: true })
    }
  },
)

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => statOf(pid).split(') ')[1]?.split(' ')[1] === String(parent))
    .map(Number)
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}
