import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { resetDemo, startDemoHosts, type DemoHosts } from '../../electron/demo/demo-hosts.ts'
import { openLocalTerminal } from '../../electron/hosts/local-terminal.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import type { Connection, Pipe } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { runCommand } from '../helpers/run-command.ts'

let root: string
let dir: string
let data: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-demo-'))
  dir = join(root, 'demo')
  data = join(root, 'data')
  await mkdir(join(data, 'edge', 'in'), { recursive: true })
  writeFileSync(join(data, 'edge', 'in', 'a.csv'), 'id\n1\n')
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function start(): Promise<DemoHosts> {
  const demo = await startDemoHosts(dir, data, openLocalTerminal)
  onTestFinished(() => demo.close())
  return demo
}

/** Trusts what `known` says and nothing else. */
async function connect(spec: HostSpec, known: readonly string[]): Promise<Connection> {
  const trust = openTrust(join(root, 'known_hosts'))
  writeFileSync(trust.file, `${known.join('\n')}\n`)
  const config = openSshConfig({ env: { HOME: root }, clock: systemClock })
  const transport = sshTransport(spec, { config, trust, clock: systemClock })
  const connection = await transport.connect(AbortSignal.timeout(10_000))
  onTestFinished(() => connection.close())
  return connection
}

function named(demo: DemoHosts, name: string): HostSpec {
  const spec = demo.hosts.find((host) => host.name === name)
  if (spec === undefined) throw new Error(`no host ${name}`)
  return spec
}

test('three hosts answer, each in its own home folder, with nothing of the environment of the app', async () => {
  process.env['SLUICE_TEST_SECRET'] = 'leak'
  const demo = await start()
  delete process.env['SLUICE_TEST_SECRET']
  expect(demo.hosts.map((host) => host.name)).toEqual(['edge', 'onprem', 'cloud'])
  for (const spec of demo.hosts) {
    const connection = await connect(spec, demo.knownHostsLines)
    const { out, why } = await runCommand(connection, 'pwd; echo "$HOME"; env; exit 7')
    const home = join(dir, 'hosts', spec.name)
    expect(out.split('\n').slice(0, 2)).toEqual([home, home])
    expect(out).not.toContain('SLUICE')
    expect(why).toBe('exited with 7')
  }
})

test('a command that wants a terminal gets one, of the size of the person', async () => {
  const demo = await start()
  const connection = await connect(named(demo, 'edge'), demo.knownHostsLines)
  const terminal = await connection.terminal?.('stty size; pwd; read -r line; exit "$line"', {
    columns: 91,
    rows: 17,
  })
  if (terminal === undefined) throw new Error('no terminal')
  let out = ''
  terminal.onData((bytes) => (out += Buffer.from(bytes).toString()))
  const closed = new Promise<string>((resolve) => terminal.onClose(resolve))
  await expect.poll(() => out).toContain(`17 91\r\n${join(dir, 'hosts', 'edge')}`)
  await terminal.write(Buffer.from('4\n'))
  expect(await closed).toBe('exited with 4')
})

test('input data is there at first, and again after a reset', async () => {
  await start()
  const file = join(dir, 'hosts', 'edge', 'in', 'a.csv')
  expect(readFileSync(file, 'utf8')).toBe('id\n1\n')
  writeFileSync(file, 'changed')
  writeFileSync(join(dir, 'hosts', 'edge', 'made'), 'by a task')
  await mkdir(join(dir, 'hosts', 'edge', '.sluice'))
  await resetDemo(dir, data)
  expect(readFileSync(file, 'utf8')).toBe('id\n1\n')
  expect(existsSync(join(dir, 'hosts', 'edge', 'made'))).toBe(false)
  expect(existsSync(join(dir, 'hosts', 'edge', '.sluice'))).toBe(true)
})

test('ports, keys and changed data outlive a restart', async () => {
  const first = await startDemoHosts(dir, data)
  const file = join(dir, 'hosts', 'edge', 'in', 'a.csv')
  writeFileSync(file, 'changed')
  await first.close()
  const second = await start()
  expect(second.hosts).toEqual(first.hosts)
  expect(second.knownHostsLines).toEqual(first.knownHostsLines)
  expect(readFileSync(file, 'utf8')).toBe('changed')
})

test.skipIf(process.platform === 'win32')('keys are readable by this user alone', async () => {
  await start()
  for (const name of ['client', 'edge_host']) {
    expect(statSync(join(dir, 'keys', name)).mode & 0o777).toBe(0o600)
  }
})

test('20 MB go in and come out byte for byte', async () => {
  const demo = await start()
  const connection = await connect(named(demo, 'edge'), demo.knownHostsLines)
  const bytes = randomBytes(20 * 1024 * 1024)
  const pipe = await connection.exec('cat')
  const hash = createHash('sha256')
  let count = 0
  const all = new Promise<void>((resolve) => {
    pipe.onData((chunk) => {
      hash.update(chunk)
      count += chunk.length
      if (count >= bytes.length) resolve()
    })
  })
  await writeAll(pipe, bytes)
  await all
  expect(count).toBe(bytes.length)
  expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
  pipe.close()
})

test('a command that is killed says by which signal', async () => {
  const demo = await start()
  const connection = await connect(named(demo, 'cloud'), demo.knownHostsLines)
  expect((await runCommand(connection, 'kill -TERM $$')).why).toBe('killed by SIGTERM')
})

test('what a command leaves running goes on when the hosts stop', async () => {
  const demo = await startDemoHosts(dir, data)
  const connection = await connect(named(demo, 'edge'), demo.knownHostsLines)
  // Waits for a line in a fifo, so that no clock is needed.
  const { out } = await runCommand(
    connection,
    'mkfifo go; (read line < go; echo "$line" > done; mv done end) < /dev/null > /dev/null 2>&1 & echo $!',
  )
  await demo.close()
  const home = join(dir, 'hosts', 'edge')
  process.kill(Number(out), 0)
  writeFileSync(join(home, 'go'), 'hello\n')
  await expect.poll(() => existsSync(join(home, 'end'))).toBe(true)
  expect(readFileSync(join(home, 'end'), 'utf8')).toBe('hello\n')
})

test('another key or another user does not get in', async () => {
  const demo = await start()
  const edge = named(demo, 'edge')
  await expect(connect({ ...edge, user: 'root' }, demo.knownHostsLines)).rejects.toMatchObject({
    kind: 'ssh_auth_failure',
  })
  const other = join(dir, 'keys', 'edge_host')
  await expect(connect({ ...edge, key: other }, demo.knownHostsLines)).rejects.toMatchObject({
    kind: 'ssh_auth_failure',
  })
})

test('the key of a demo host is verified', async () => {
  const demo = await start()
  await expect(connect(named(demo, 'edge'), [])).rejects.toMatchObject({
    kind: 'ssh_host_key_unknown',
  })
})

async function writeAll(pipe: Pipe, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += 65_536) {
    await pipe.write(bytes.subarray(offset, offset + 65_536))
  }
}
