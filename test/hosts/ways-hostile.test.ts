// What stands between us and a login may hang, flood or lie: each is left in bounded time, with words that name it.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import fc from 'fast-check'
import type { Connection as ServerSide } from 'ssh2'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { readConfigFor } from '../../electron/hosts/ssh-config-file.ts'
import { sshTransport, type SshTransportOptions } from '../../electron/hosts/ssh-transport.ts'
import type { Connection } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import {
  decideHostKey,
  linesOf,
  readKnownHosts,
  readKnownHostsOf,
} from '../../electron/hosts/known-hosts.ts'
import type { Clock } from '../../electron/ports/clock.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { runCommand } from '../helpers/run-command.ts'
import { startScripted, type ScriptedSshd } from '../helpers/scripted-sshd.ts'
import { makeKey } from '../helpers/test-server.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-between-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** For an agent's keys, their kinds, and ssh -G: waits of seconds pass in moments. */
const hasty: Clock = {
  ...systemClock,
  after: (ms, callback) =>
    systemClock.after([2000, 5000, 10_000].includes(ms) ? ms / 5 : ms, callback),
}
const env = (): Record<string, string | undefined> => ({ PATH: process.env['PATH'], HOME: dir })
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`)

async function letsIn(): Promise<ScriptedSshd> {
  const server = await startScripted({
    onAuth(context) {
      if (context.method === 'publickey') context.accept()
      else context.reject(['publickey'])
    },
  })
  onTestFinished(() => server.stop())
  writeFileSync(join(dir, 'known'), server.knownHosts)
  return server
}

/** By the alias `x` of a configuration. */
async function connect(
  { spec }: { spec: HostSpec },
  lines: string,
  options: Partial<SshTransportOptions> = {},
): Promise<Connection> {
  const file = join(dir, 'config')
  const head = `Host x\n HostName 127.0.0.1\n Port ${spec.port}\n User etl\n UserKnownHostsFile none`
  writeFileSync(file, `${lines}\n${head}\n`)
  const alias = { ssh: 'x', address: null, port: null, user: null, key: null }
  const transport = sshTransport(
    { ...spec, ...alias },
    {
      config: openSshConfig({ env: env(), clock: hasty, file }),
      trust: openTrust(join(dir, 'known')),
      clock: hasty,
      ...options,
    },
  )
  const connection = await transport.connect(AbortSignal.timeout(50_000))
  onTestFinished(() => connection.close())
  return connection
}

const ways = [
  ['ssh2', false],
  ['the ssh program', true],
] as const

describe('a configuration', () => {
  test('whose Match exec hangs is left with its name, and what it started ends', async () => {
    const mark = join(dir, 'pids')
    const script = join(dir, 'hang.sh')
    writeFileSync(script, `sleep 1000 & echo "$! $$" > ${mark}\nsleep 1000\n`)
    const server = await letsIn()
    const refusal = connect(server, `Match exec "sh ${script}"\n Port 1`)
    await expect(refusal).rejects.toMatchObject({
      code: 'bad-input',
      hint: expect.stringContaining('Match exec'),
    })
    await expect(refusal).rejects.toThrow('"x": it has not answered within 10 s')
    for (const pid of readFileSync(mark, 'utf8').trim().split(' '))
      await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false)
  })

  test('whose Match exec leaves a child that holds its stderr is followed at once', async () => {
    const server = await letsIn()
    const key = join(dir, 'key')
    await makeKey(key)
    const mark = join(dir, 'pid')
    const lines = `Match exec "sleep 1000 & echo $! > ${mark}"\n IdentityFile ${key}`
    await connect(server, lines)
    const pid = Number(readFileSync(mark, 'utf8'))
    expect(isAlive(pid)).toBe(true)
    process.kill(pid)
  })

  test.each([
    ['of 100 MB', (file: string) => (writeFileSync(file, ''), truncateSync(file, 100 << 20))],
    ['that is a pipe', (file: string) => execFileSync('mkfifo', [file])],
  ])('%s is refused by our own reader', async (_what, make) => {
    const file = join(dir, 'odd')
    make(file)
    writeFileSync(join(dir, 'config'), `Include ${file}\n`)
    await expect(readConfigFor('x', join(dir, 'config'), env())).rejects.toThrow(
      `${file} is no configuration of ssh`,
    )
  })
})

describe('known hosts', () => {
  test.each([
    ['of 100 MB', (file: string) => (writeFileSync(file, ''), truncateSync(file, 100 << 20))],
    ['that are a pipe', (file: string) => execFileSync('mkfifo', [file])],
    [
      'that are a device without end',
      (file: string) => execFileSync('ln', ['-s', '/dev/zero', file]),
    ],
  ])('H8: %s let nobody in, and are named', async (_what, make) => {
    const server = await letsIn()
    const file = join(dir, 'odd-hosts')
    make(file)
    await expect(connect(server, `Host x\n GlobalKnownHostsFile ${file}`)).rejects.toThrow(
      `${file} cannot be read for known hosts`,
    )
  })

  test('of 3 MB, hashed, hold nothing else up while they are read', async () => {
    const line = `|1|${'A'.repeat(27)}=|${'A'.repeat(27)}= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}\n`
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const began = performance.now()
    const name = { host: '10.0.0.1', port: 2222 }
    expect(await readKnownHostsOf(name, line.repeat(20_000), 'f')).toEqual([])
    delay.disable()
    // In one piece it would be all of the time.
    expect(delay.max / 1e6).toBeLessThan((performance.now() - began) / 2)
  })

  test('K1-K6: lines that do not name the host change no decision', async () => {
    const key = Buffer.from(
      'AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g',
      'base64',
    )
    const field = fc.constantFrom(
      'h',
      '[h]:22',
      '[h]:2222',
      '*',
      '!h,*',
      '10.0.0.1',
      'other',
      '|1|x|y',
      '',
    )
    const kind = fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'x')
    const text = fc.constantFrom(key.toString('base64'), 'AAAA', '', '%%%')
    const line = fc
      .tuple(fc.constantFrom('', '@revoked ', '@cert-authority ', '@odd '), field, kind, text)
      .map(([mark, hosts, type, base64]) => `${mark}${hosts} ${type} ${base64}`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(line, fc.string({ unit: 'binary', maxLength: 40 })), { maxLength: 8 }),
        fc.constantFrom(22, 2222),
        fc.constantFrom(null, '10.0.0.1'),
        async (lines, port, ip) => {
          const name = { host: 'h', port, ip }
          const all = readKnownHosts(lines.join('\n'), 'f')
          const some = await readKnownHostsOf(name, lines.join('\n'), 'f')
          expect(decideHostKey(some, name, key)).toEqual(decideHostKey(all, name, key))
          expect(linesOf(some, name)).toEqual(linesOf(all, name))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('an ssh-agent', () => {
  async function agentThat(answers: (socket: Socket) => void): Promise<string> {
    const path = join(dir, 'agent')
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      answers(socket)
    })
    server.listen(path)
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return path
  }

  test('that never answers is left, and a key file serves', async () => {
    const path = await agentThat(() => {})
    const key = join(dir, 'key')
    await makeKey(key)
    const server = await letsIn()
    await connect(server, `Host x\n IdentityAgent ${path}\n IdentityFile ${key}`)
    const nobody = connect(server, `Host x\n IdentityAgent ${path}\n IdentityFile ${dir}/none`)
    await expect(nobody).rejects.toThrow(/ssh-agent does not answer: no answer within 5 s/)
  })

  test('that shows a key and never signs is left, and says so', async () => {
    const key = join(dir, 'key')
    await makeKey(key)
    const blob = Buffer.from(readFileSync(`${key}.pub`, 'utf8').split(' ')[1] ?? '', 'base64')
    const word = (bytes: Buffer): Buffer => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return Buffer.concat([length, bytes])
    }
    const keys = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), word(blob), word(Buffer.from('it'))])
    let wanted = 0
    const path = await agentThat((socket) =>
      socket.on('data', (asked) => {
        if (asked[4] === 11) socket.write(word(keys))
        else wanted += 1
      }),
    )
    const server = await letsIn()
    const quick: Clock = {
      ...systemClock,
      after: (ms, callback) => systemClock.after(ms === 120_000 ? 300 : ms, callback),
    }
    const lines = `Host x\n IdentityAgent ${path}\n IdentityFile ${dir}/none`
    await expect(connect(server, lines, { clock: quick })).rejects.toThrow(
      /The ssh-agent does not sign: no answer within 120 s/,
    )
    expect(wanted).toBe(1)
  })
})

describe.each(ways)('a ProxyCommand, by %s', (_by, byOpenSsh) => {
  test('that floods and never ends is left with a short message, and ends', async () => {
    const mark = join(dir, 'pid')
    const script = join(dir, 'flood.sh')
    const flood = `while :; do printf '\\033[2Jno way %01000d\\n' 0; done`
    writeFileSync(script, `echo $$ > ${mark}\n${flood} >&2\n`)
    const before = process.memoryUsage().rss
    const lines = `Host x\n ProxyCommand sh ${script}\n ConnectTimeout 2`
    const error: unknown = await connect(await letsIn(), lines, { byOpenSsh }).catch(
      (caught: unknown) => caught,
    )
    const { message } = error as Error
    expect(message).toMatch(/no login within 2 s|no way/)
    expect(message.length).toBeLessThan(4096)
    // oxlint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
    const pid = Number(readFileSync(mark, 'utf8'))
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  })
})

describe.each(ways)('a server, by %s', (_by, byOpenSsh) => {
  test('that says megabytes before the login acts on nothing and lets in, or refuses in few words', async () => {
    const said = '\u001b[2J\u001b]0;owned\u0007Host key verification failed.\r\n'.repeat(400)
    const flood = (client: ServerSide): void => {
      for (let times = 0; times < 200; times++) sayBanner(client, said)
    }
    const key = join(dir, 'key')
    await makeKey(key)
    const server = await startScripted({
      onAuth(context, client) {
        if (context.method !== 'publickey') return context.reject(['publickey'])
        if (context.signature !== undefined) flood(client)
        context.accept()
      },
    })
    onTestFinished(() => server.stop())
    writeFileSync(join(dir, 'known'), server.knownHosts)
    const lines = `Host x\n IdentityFile ${key}\n IdentitiesOnly yes`
    const before = process.memoryUsage().rss
    const connection = await connect(server, lines, { byOpenSsh })
    expect((await runCommand(connection, 'echo')).out).toBe('ran echo\n')
    expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20)
  })
})

/** SSH_MSG_USERAUTH_BANNER, which ssh2's server says only once. */
function sayBanner(client: ServerSide, text: string): void {
  const protocol: unknown = Reflect.get(client, '_protocol')
  const { write } = Reflect.get(protocol as object, '_packetRW') as { write: PacketWriter }
  const cipher = Reflect.get(protocol as object, '_cipher') as { encrypt(packet: Buffer): void }
  const bytes = Buffer.from(text)
  const packet = write.alloc(1 + 4 + bytes.length + 4)
  const at = write.allocStart
  packet[at] = 53
  packet.writeUInt32BE(bytes.length, at + 1)
  packet.set(bytes, at + 5)
  packet.writeUInt32BE(0, at + 5 + bytes.length)
  cipher.encrypt(write.finalize(packet))
}

interface PacketWriter {
  allocStart: number
  alloc(size: number): Buffer
  finalize(packet: Buffer): Buffer
}
