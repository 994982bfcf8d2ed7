// Requests as shell text: which shells are asked for it, and that what else goes over the channel survives it.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import type { Channel } from '../../electron/hosts/channel.ts'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { requestLine } from '../../electron/hosts/request-line.ts'
import { startLine } from '../../electron/hosts/start-line.ts'
import { attemptKey, runIdAt } from '../../shared/run/ids.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { busyboxTools } from './subjects.ts'

const long = { timeout: 10_000 }

const shells = [
  { shell: '/bin/dash', takes: true },
  { shell: '/bin/busybox', takes: true },
  // It reads all of a script before it runs the first line of it.
  { shell: '/bin/bash', takes: false },
  { shell: '/bin/mksh', takes: false },
].filter(({ shell }) => existsSync(shell))

// macOS has bash 3.2 for sh, which takes the `)` of a pattern for the end of `$( )`.
test('H1: no `case` within `$( )` has a pattern without its opening parenthesis', () => {
  const { text } = agentText()
  const substitutions = [...text.matchAll(/\$\((?!\()/g)].map(({ index }) =>
    insideOf(text, index + 2),
  )
  expect(substitutions.length).toBeGreaterThan(50)
  expect(
    substitutions.filter((inside) => wordsIn(inside, 'case') !== wordsIn(inside, 'esac')),
  ).toEqual([])
  expect(insideOf('case x in x) ;; esac)', 0)).toBe('case x in x')
})

/** What stands before the parenthesis that closes, as a shell counts that knows nothing of `case`. */
function insideOf(text: string, from: number): string {
  let depth = 1
  const tokens = /'[^']*'|\\[^]|#(?<=\s#).*|[()]/g
  tokens.lastIndex = from
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    if (found[0] === '(') depth += 1
    else if (found[0] === ')' && (depth -= 1) === 0) return text.slice(from, found.index)
  }
  return text.slice(from)
}

function wordsIn(text: string, word: string): number {
  return text.split(/\s+/).filter((one) => one === word).length
}

test.skipIf(process.platform !== 'linux').each(shells)(
  'H2: $shell takes text: $takes; starts, many words and raw bytes come through as they were',
  async ({ shell, takes }) => {
    await withChannel(shell, async (channel, folder) => {
      expect(channel.hello.takesText).toBe(takes)
      const env = { QUOTES: `it's "so" $HOME \`id\` \\`, LINES: 'one\n two\n', WIDE: 'ü' }
      const key = attemptKey(runIdAt(0, 'abcdefgh'), 'task', null, 1)
      const ended = new Promise<string>((resolve) =>
        channel.onNotice((words) => words[1] === key && resolve(words.slice(2, 4).join(' '))),
      )
      const run = `printf '%s|%s|%s' "$QUOTES" "$LINES" "$WIDE"`
      const order = { key, run, env, timeoutMs: null, graceMs: 1000, leaseMs: null }
      const line = startLine({ ...order, logLimitBytes: null, files: [], outputs: {} }, null)
      expect((await channel.ask(line)).words[0]).toBe('started')
      expect(await ended).toBe('exited 0')
      expect(readFileSync(join(folder, 'log', key), 'utf8')).toBe(Object.values(env).join('|'))

      // One by one, each answered before the next: nothing waits for what follows.
      for (let round = 0; round < 20; round++) {
        expect((await channel.ask('ping')).words[0]).toBe('pong')
      }

      // Bytes that would be commands, and more of them than a shell reads at once; with requests before and behind.
      const bytes = Buffer.concat([
        Buffer.from("{ ask 'bye' '1'; }\n".repeat(500)),
        randomBytes(200_000),
      ])
      const sha = createHash('sha256').update(bytes).digest('hex')
      const [before, put, after] = await Promise.all([
        channel.ask(`sizes ${Array.from({ length: 30 }, (_, index) => `none.${index}`).join(' ')}`),
        channel.askWithBytes(`put ${sha} ${bytes.length} 0`, pieces(bytes)),
        channel.ask('ping'),
      ])
      expect(before.parts.map(([name, size]) => `${name} ${size}`)).toEqual(
        Array.from({ length: 30 }, (_, index) => `none.${index} -`),
      )
      expect([put.words[0], after.words[0]]).toEqual(['ok', 'pong'])
      expect(readFileSync(join(folder, 'files', sha)).equals(bytes)).toBe(true)
    })
  },
)

test.skipIf(!existsSync('/bin/dash'))(
  'H1: an order that the end of the channel cuts short starts nothing, and nobody stays who reads',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-text-'))
    const file = join(dir, 'agent.sh')
    const folder = join(dir, 'host')
    writeFileSync(file, agentText().text)
    const key = 'r.task.x.1'
    const whole = requestLine('start', '2', ` ${key} 0 1000 - - true :`, true)
    const agent = spawn('/bin/dash', [file, 'abcdefghijklmnopqrst', 'main', folder, 'kit'], {
      detached: true,
    })
    const said = saidBy(agent)
    agent.stdin.write(`text 1\n${whole.slice(0, -3)}`)
    await expect.poll(said, long).toContain('=1 ok')
    expect(membersOf(agent.pid ?? 0).length).toBeGreaterThan(2)
    agent.stdin.end()
    await once(agent, 'exit')
    await expect.poll(() => membersOf(agent.pid ?? 0), long).toEqual([])
    expect(readdirSync(join(folder, 'own'))).toEqual([])
    expect(said()).not.toContain('\n=2 ')
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  },
)

/** Living processes of a group: what an agent starts for itself stays in its own. */
function membersOf(group: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')
      return stat[0] !== 'Z' && Number(stat[2]) === group
    } catch {
      return false
    }
  })
}

async function withChannel(
  shell: string,
  work: (channel: Channel, folder: string) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-text-'))
  const folder = join(dir, 'host')
  // BusyBox is told by its name what to be, and its tools are its own.
  const sh = join(dir, 'sh')
  symlinkSync(shell, sh)
  const isBusybox = shell.endsWith('busybox')
  const path = isBusybox ? busyboxTools(dir) : (process.env['PATH'] ?? '')
  const env = { PATH: path, HOME: dir, SLUICE_SH: sh }
  const connection = await localTransport({ env }).connect(new AbortController().signal)
  const agent = { agent: agentText(), nonce: 'abcdefghijklmnopqrst', client: 'kit' }
  const channel = await openChannel(connection, {
    ...agent,
    mode: 'main',
    folder,
    clock: systemClock,
  })
  try {
    await work(channel, folder)
  } finally {
    channel.close()
    connection.close()
    const isLeft = (): boolean => {
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
      return existsSync(dir)
    }
    await expect.poll(isLeft, long).toBe(false)
  }
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 60_000) yield bytes.subarray(at, at + 60_000)
}

test.skipIf(!existsSync('/bin/dash'))(
  'H2: text is not offered without dd, and asked for twice it is refused; bye leaves nobody who reads',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-text-'))
    const file = join(dir, 'agent.sh')
    writeFileSync(file, agentText().text)
    const open = (folder: string, path: string) => {
      const args = [file, 'abcdefghijklmnopqrst', 'main', join(dir, folder), 'kit']
      return spawn('/bin/dash', args, { detached: true, env: { PATH: path } })
    }
    const bin = join(dir, 'bin')
    mkdirSync(bin)
    const tools = (process.env['PATH'] ?? '').split(':').toReversed()
    for (const folder of tools.filter((folder) => existsSync(folder)))
      for (const tool of readdirSync(folder))
        if (tool !== 'dd') linkAnew(join(folder, tool), join(bin, tool))
    const poor = open('poor', bin)
    const poorSaid = saidBy(poor)
    await expect.poll(poorSaid, long).toMatch(/^hello .* takes= .*\n/m)
    poor.stdin.end()
    await once(poor, 'exit')

    const agent = open('host', process.env['PATH'] ?? '')
    const said = saidBy(agent)
    await expect.poll(said, long).toMatch(/^hello .* takes=text .*\n/m)
    agent.stdin.write("text 1\n{ ask 'text' '2'; }\n{ ask 'ping' '3'; }\n")
    await expect.poll(said, long).toMatch(/^=2 error cannot\n=3 pong\n/m)
    // Its stdin stays open.
    agent.stdin.write("{ ask 'bye' '4'; }\n")
    await once(agent, 'exit')
    await expect.poll(() => membersOf(agent.pid ?? 0), long).toEqual([])
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  },
)

function linkAnew(target: string, link: string): void {
  rmSync(link, { force: true })
  symlinkSync(target, link)
}

/** All that it has said so far. */
function saidBy(agent: ChildProcessByStdio<Writable, Readable, Readable>): () => string {
  let said = ''
  agent.stdout.on('data', (bytes: Buffer) => (said += String(bytes)))
  return () => said
}
