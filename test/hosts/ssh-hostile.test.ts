// What no honest server does before a login: it ends in bounded time, and nothing of it acts on a terminal.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { serverText } from '../../electron/hosts/server-text.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { TransportError } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-hostile-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** A server that says what `speak` says to each who connects. */
async function serve(speak: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    speak(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function refusalOf(port: number, byOpenSsh = false): Promise<TransportError> {
  const transport = sshTransport(
    {
      name: 'evil',
      kind: 'ssh',
      ssh: null,
      address: '127.0.0.1',
      port,
      user: 'etl',
      key: '/nonexistent/key',
      labels: [],
      slots: 1,
      folder: null,
    },
    {
      config: openSshConfig({ env: { PATH: process.env['PATH'], HOME: dir }, clock: systemClock }),
      trust: openTrust(join(dir, 'known')),
      clock: systemClock,
      connectTimeoutMs: 1000,
      byOpenSsh,
    },
  )
  const error: unknown = await transport.connect(AbortSignal.timeout(20_000)).then(
    () => new Error('it let us in'),
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(TransportError)
  return error as TransportError
}

const version = 'SSH-2.0-evil\r\n'

/** A packet as it goes before any key is agreed. */
function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 8
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + padding + 1)
  head[4] = padding
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

const kexInit = packet(
  Buffer.concat([
    Buffer.from([20]),
    randomBytes(16),
    ...[
      'curve25519-sha256',
      'ssh-ed25519',
      'aes128-ctr',
      'aes128-ctr',
      'hmac-sha2-256',
      'hmac-sha2-256',
      'none',
      'none',
      '',
      '',
    ].map(text),
    Buffer.alloc(5),
  ]),
)

/** The answer to the key exchange, with a host key of this size. */
function kexReply(keyBytes: number): Buffer {
  const key = Buffer.concat([text('ssh-ed25519'), text(randomBytes(keyBytes))])
  const signature = Buffer.concat([text('ssh-ed25519'), text(randomBytes(64))])
  return packet(
    Buffer.concat([Buffer.from([31]), text(key), text(randomBytes(32)), text(signature)]),
  )
}

const servers: Record<string, (socket: Socket) => void> = {
  'a greeting without end'(socket) {
    const line = `${'\u001b[2Jbuy now '.repeat(200)}\r\n`
    const push = (): void => {
      while (socket.writable && socket.write(line));
    }
    socket.on('drain', push)
    push()
  },
  'one line without end'(socket) {
    const push = (): void => {
      while (socket.writable && socket.write('x'.repeat(65_536)));
    }
    socket.on('drain', push)
    push()
  },
  'a version and then nothing': (socket) => void socket.write(version),
  'a key exchange that stops half way': (socket) =>
    void socket.write(version + kexInit.toString('latin1'), 'latin1'),
  'a packet of 2 GB': (socket) =>
    void socket.write(Buffer.concat([Buffer.from(version), Buffer.from([0x7f, 255, 255, 255, 4])])),
  'a host key of 1 MB': (socket) =>
    void socket.write(Buffer.concat([Buffer.from(version), kexInit, kexReply(1 << 20)])),
  'a host key of 200 KB': (socket) =>
    void socket.write(Buffer.concat([Buffer.from(version), kexInit, kexReply(200 * 1024)])),
  'a host key that is no key': (socket) =>
    void socket.write(Buffer.concat([Buffer.from(version), kexInit, kexReply(0)])),
  'a reason to leave that acts on a terminal': (socket) =>
    void socket.write(
      Buffer.concat([
        Buffer.from(version),
        packet(
          Buffer.concat([
            Buffer.from([1, 0, 0, 0, 2]),
            text('\u001b]0;owned\u0007\u202egone'),
            text(''),
          ]),
        ),
      ]),
    ),
  noise: (socket) => void socket.write(randomBytes(100_000)),
}

describe.each([
  ['ssh2', false],
  ['the ssh program', true],
])('H8: a hostile server, by %s', (_by, byOpenSsh) => {
  test.each(Object.entries(servers))('%s', async (_name, speak) => {
    const before = process.memoryUsage().rss
    const error = await refusalOf(await serve(speak), byOpenSsh)
    expect(error.kind).toMatch(/^(?:host_unreachable|ssh_host_key_unknown)$/)
    // oxlint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
    expect(error.message.length).toBeLessThan(4096)
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
  })
})

test('what a server says is bounded and printable, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (said) => {
      const shown = serverText(said)
      expect(shown.length).toBeLessThan(2100)
      expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    }),
    { numRuns: 200 },
  )
  expect(serverText('a\r\nb')).toBe('a\nb')
})
