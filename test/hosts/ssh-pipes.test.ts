// What goes over one connection to a real OpenSSH server on loopback: commands, their bytes and their ends.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import type { Connection, Pipe } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { runCommand } from '../helpers/run-command.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'

describe.skipIf(skipReason !== null).each([
  ['ssh2', false],
  ['the ssh program', true],
])('over one connection by %s', (_by, byOpenSsh) => {
  let dir: string
  let host: TestSshd

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-pipes-'))
    host = await startSshd({ dir, name: 'target' })
  })
  afterAll(async () => {
    await host.stop()
    await rm(dir, { recursive: true, force: true })
  })

  async function connect({ spec, knownHostsFile }: TestSshd): Promise<Connection> {
    const env = { PATH: process.env['PATH'], HOME: dir }
    const config = openSshConfig({ env, clock: systemClock, file: '/dev/null' })
    const trust = openTrust(knownHostsFile)
    const transport = sshTransport(spec, { config, trust, clock: systemClock, byOpenSsh })
    const connection = await transport.connect(AbortSignal.timeout(20_000))
    onTestFinished(() => connection.close())
    return connection
  }

  test('20 MB go in and out at the same time, byte for byte', async () => {
    const connection = await connect(host)
    const bytes = randomBytes(20 * 1024 * 1024)
    const pipe = await connection.exec('cat')
    const got = collect(pipe, bytes.length)
    await writeAll(pipe, bytes)
    expect(await got).toBe(createHash('sha256').update(bytes).digest('hex'))
    pipe.close()
  })

  test('a paused pipe holds the host back, and loses nothing when it goes on', async () => {
    const connection = await connect(host)
    const size = 30 * 1024 * 1024
    const pipe = await connection.exec(`head -c ${size} /dev/zero; echo sent >&2`)
    let sent = false
    pipe.onNoise(() => {
      sent = true
    })
    let bytes = 0
    const paused = new Promise<void>((resolve) => {
      pipe.onData((chunk) => {
        bytes += chunk.length
        if (bytes > chunk.length) return
        pipe.pause()
        resolve()
      })
    })
    const closed = new Promise<string>((resolve) => pipe.onClose(resolve))
    await paused
    // Another command on the same connection is not held back.
    expect((await runCommand(connection, 'echo in')).out).toBe('in\n')
    expect(sent).toBe(false)
    expect(bytes).toBeLessThan(size / 2)
    pipe.resume()
    expect(await closed).toBe('exited with 0')
    expect(bytes).toBe(size)
  })

  test('a connection that is cut is noticed, by it and by its pipes, and a write fails', async () => {
    const connection = await connect(host)
    const pipe = await connection.exec('cat')
    const why = Promise.all([
      new Promise<string>((resolve) => connection.onClose(resolve)),
      new Promise<string>((resolve) => pipe.onClose(resolve)),
    ])
    pipe.onData(() => {})
    await host.killConnections()
    for (const text of await why) expect(text).toMatch(/^the connection (is lost|was closed)/)
    await expect(pipe.write(Buffer.from('x'))).rejects.toThrow('closed')
    await expect(connection.exec('true')).rejects.toMatchObject({ kind: 'host_unreachable' })
    expect((await runCommand(await connect(host), 'echo in')).out).toBe('in\n')
  })

  test('writes that wait for a command that reads nothing fail when it is gone', async () => {
    const connection = await connect(host)
    const pipe = await connection.exec('read x; exit 0')
    pipe.onData(() => {})
    const writes = writeAll(pipe, new Uint8Array(20 * 1024 * 1024).fill(10))
    await expect(writes).rejects.toThrow('closed')
  })

  test('closing a pipe ends its command, and the connection goes on', async () => {
    const connection = await connect(host)
    const pipe = await connection.exec('echo up; cat >/dev/null; echo down > gone-$$')
    await new Promise<void>((resolve) => pipe.onData(() => resolve()))
    const closed = new Promise<string>((resolve) => pipe.onClose(resolve))
    pipe.close()
    await closed
    expect((await runCommand(connection, 'echo in')).out).toBe('in\n')
  })

  test('a command that exited closes its pipe, though a child holds its stdout', async () => {
    const connection = await connect(host)
    const startedAt = performance.now()
    const ran = await runCommand(connection, 'sleep 60 & echo bye; exit 3')
    // The ssh program keeps the code to itself until the child is gone.
    expect(ran).toMatchObject({ out: 'bye\n', why: byOpenSsh ? 'exited' : 'exited with 3' })
    expect(performance.now() - startedAt).toBeLessThan(20_000)
  })

  test('one session too many is refused by the host, not lost with the connection', async () => {
    const narrow = await startSshd({ dir, name: 'narrow', extraConfig: 'MaxSessions 2' })
    onTestFinished(() => narrow.stop())
    const connection = await connect(narrow)
    const first = await connection.exec('cat')
    await connection.exec('cat')
    const refusal = connection.exec('cat')
    await expect(refusal).rejects.toMatchObject({ kind: 'host_refused' })
    await expect(refusal).rejects.toThrow('MaxSessions')
    const ended = new Promise<string>((resolve) => first.onClose(resolve))
    first.onData(() => {})
    first.close()
    await ended
    expect((await runCommand(connection, 'echo in')).out).toBe('in\n')
  })
})

async function writeAll(pipe: Pipe, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += 65_536) {
    await pipe.write(bytes.subarray(offset, offset + 65_536))
  }
}

function collect(pipe: Pipe, bytes: number): Promise<string> {
  const hash = createHash('sha256')
  let got = 0
  return new Promise((resolve, reject) => {
    pipe.onClose((why) => reject(new Error(`${why} after ${got} bytes`)))
    pipe.onData((chunk) => {
      hash.update(chunk)
      got += chunk.length
      if (got === bytes) resolve(hash.digest('hex'))
    })
  })
}
