// The transport against real OpenSSH servers on loopback.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport, type SshTransportOptions } from '../../electron/hosts/ssh-transport.ts'
import type { Connection, TransportError } from '../../electron/hosts/transport.ts'
import { openTrust, type Trust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { Question } from '../../shared/api/question.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { runCommand } from '../helpers/run-command.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'
import { freePort, makeKey } from '../helpers/test-server.ts'

const run = promisify(execFile)

describe.skipIf(skipReason !== null).each([
  ['ssh2', false],
  ['the ssh program', true],
])('over a real sshd by %s', (_by, byOpenSsh) => {
  let dir: string
  let host: TestSshd
  let jump: TestSshd
  let ownFile: string
  let trust: Trust
  let count = 0

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-ssh-'))
    ;[host, jump] = await Promise.all([
      startSshd({ dir, name: 'target' }),
      startSshd({ dir, name: 'jump' }),
    ])
  })
  afterAll(async () => {
    await Promise.all([host.stop(), jump.stop()])
    await rm(dir, { recursive: true, force: true })
  })
  beforeEach(() => {
    ownFile = join(dir, `own-${++count}`)
    copyFileSync(host.knownHostsFile, ownFile)
    trust = openTrust(ownFile)
  })

  interface Asking extends Partial<SshTransportOptions> {
    env?: Record<string, string>
    configText?: string
    program?: string | null
  }

  async function connect(spec: HostSpec, asking: Asking = {}): Promise<Connection> {
    const { env = {}, configText = '', program, ...rest } = asking
    const file = join(dir, `config-${count}`)
    writeFileSync(file, configText)
    const transport = sshTransport(spec, {
      config: openSshConfig({
        // The person's own files must not decide a test.
        env: { PATH: process.env['PATH'], HOME: dir, ...env },
        clock: systemClock,
        file,
        ...(program === undefined ? {} : { program }),
      }),
      trust,
      clock: systemClock,
      byOpenSsh,
      ...rest,
    })
    const connection = await transport.connect(AbortSignal.timeout(20_000))
    onTestFinished(() => connection.close())
    return connection
  }
  const alias = (name: string): HostSpec => ({
    ...host.spec,
    name,
    ssh: name,
    address: null,
    port: null,
    user: null,
    key: null,
  })
  const forgetKeys = (): void => writeFileSync(ownFile, '')

  test('a command runs, and its output, messages and end come back', async () => {
    const connection = await connect(host.spec)
    const ran = await runCommand(connection, 'echo "$HOME"; echo trouble >&2; exit 3')
    expect(ran).toEqual({ out: `${host.home}\n`, err: 'trouble\n', why: 'exited with 3' })
    // The ssh program tells no signals.
    const killed = byOpenSsh ? 'exited with 255' : 'killed by SIGKILL'
    expect((await runCommand(connection, 'kill -KILL $$')).why).toBe(killed)
  })

  test('an unknown key stops with its fingerprint and the command that accepts it; accepted, it is known', async () => {
    forgetKeys()
    const fingerprint = await fingerprintOf(join(dir, 'target', 'host_key.pub'))
    const refusal = connect(host.spec)
    await expect(refusal).rejects.toMatchObject({
      kind: 'ssh_host_key_unknown',
      permanent: true,
      fingerprint,
      randomart: await pictureOf(join(dir, 'target', 'host_key.pub')),
    })
    await expect(refusal).rejects.toThrow(`sluice hosts trust target ${fingerprint}`)
    await expect(trust.accept('target', 'SHA256:other')).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining(fingerprint) as unknown,
    })
    await trust.accept('target', fingerprint)
    const ran = await runCommand(await connect(host.spec), 'echo in')
    expect(ran.out).toBe('in\n')
    expect(statSync(ownFile).mode & 0o777).toBe(0o600)
  })

  test('a changed key stops, names the line that says otherwise, and cannot be accepted', async () => {
    const other = join(dir, `other-${count}`)
    await makeKey(other)
    const [type, key] = readFileSync(`${other}.pub`, 'utf8').split(' ')
    writeFileSync(ownFile, `# mine\n[127.0.0.1]:${host.port} ${type} ${key}\n`)
    const refusal = connect(host.spec)
    await expect(refusal).rejects.toMatchObject({ kind: 'ssh_host_key_mismatch', permanent: true })
    await expect(refusal).rejects.toThrow(`${ownFile}:2`)
    const error: unknown = await refusal.catch((caught: unknown) => caught)
    const { changedKey } = error as TransportError
    expect(changedKey?.known).toEqual([`ed25519 ${await fingerprintOf(`${other}.pub`)}`])
    const shown = await fingerprintOf(join(dir, 'target', 'host_key.pub'))
    expect(changedKey?.shown).toBe(`ed25519 ${shown}`)
    await expect(trust.accept('target', shown)).rejects.toThrow('has not shown')
  })

  test('a host with several keys is asked for the one that is known', async () => {
    const rsaKey = join(dir, 'rsa_key')
    await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsaKey])
    const both = await startSshd({ dir, name: 'both', extraConfig: `HostKey ${rsaKey}` })
    onTestFinished(() => both.stop())
    const [type, key] = readFileSync(`${rsaKey}.pub`, 'utf8').split(' ')
    writeFileSync(ownFile, `[127.0.0.1]:${both.port} ${type} ${key}\n`)
    expect((await runCommand(await connect(both.spec), 'echo in')).out).toBe('in\n')
  })

  test('a refused login says what was tried and what the host would take', async () => {
    const key = join(dir, `stranger-${count}`)
    await makeKey(key)
    const refusal = connect({ ...host.spec, key })
    await expect(refusal).rejects.toMatchObject({ kind: 'ssh_auth_failure', permanent: true })
    await expect(refusal).rejects.toThrow(
      `Tried ${byOpenSsh ? 'by the ssh program' : key}. The host allows: publickey.`,
    )
  })

  test('a key with a passphrase opens by an answer; without anybody to ask it says what to do', async () => {
    const key = join(dir, `locked-${count}`)
    await makeKey(key, 'open sesame')
    const locked = await startSshd({ dir, name: `locked${count}` })
    onTestFinished(() => locked.stop())
    copyFileSync(locked.knownHostsFile, ownFile)
    appendFileSync(`${locked.keyFile}.pub`, readFileSync(`${key}.pub`))
    await expect(connect({ ...locked.spec, key })).rejects.toThrow('needs its passphrase')
    const asked: Question[] = []
    const ask = async (question: Question): Promise<string> => {
      asked.push(question)
      return asked.length === 1 ? 'wrong' : 'open sesame'
    }
    const ran = await runCommand(await connect({ ...locked.spec, key }, { ask }), 'echo in')
    expect(ran.out).toBe('in\n')
    expect(asked).toEqual(
      Array.from({ length: 2 }, () => ({
        kind: 'passphrase',
        host: locked.name,
        hop: `${locked.user}@127.0.0.1:${locked.port}`,
        keyFile: key,
      })),
    )
  })

  test('the ssh-agent signs, also for a key file that is named but locked', async () => {
    const socket = join(dir, `agent-${count}`)
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void agent.kill())
    await once(agent.stdout, 'data')
    const env = { SSH_AUTH_SOCK: socket }
    // Six keys that the host does not know: offered one by one they would use up its patience.
    for (let i = 0; i < 6; i++) {
      const key = join(dir, `noise-${count}-${i}`)
      await makeKey(key)
      await run('ssh-add', ['-q', key], { env: { ...process.env, ...env } })
    }
    await run('ssh-add', ['-q', host.keyFile], { env: { ...process.env, ...env } })
    const named = join(dir, `named-${count}`)
    copyFileSync(`${host.keyFile}.pub`, `${named}.pub`)
    const ran = await runCommand(await connect({ ...host.spec, key: named }, { env }), 'echo in')
    expect(ran.out).toBe('in\n')
  })

  test('an agent that does not answer is not the end while a key file works', async () => {
    const env = { SSH_AUTH_SOCK: join(dir, 'nobody') }
    expect((await runCommand(await connect(host.spec, { env }), 'echo in')).out).toBe('in\n')
    const missing = { ...host.spec, key: join(dir, 'missing') }
    const refusal = connect(missing, { env })
    await expect(refusal).rejects.toThrow(missing.key)
    // The ssh program says nothing of it.
    const note = byOpenSsh ? 'no such identity' : 'ssh-agent does not answer'
    await expect(refusal).rejects.toThrow(note)
  })

  test.each([
    ['asked of ssh', undefined],
    ['read by ourselves', null],
  ])('an alias of the OpenSSH configuration names everything, %s', async (_how, program) => {
    if (byOpenSsh && program === null) return
    forgetKeys()
    const asking = {
      configText: readFileSync(host.configFile, 'utf8'),
      ...(program === undefined ? {} : { program }),
    }
    const ran = await runCommand(await connect(alias('target'), asking), 'echo in')
    expect(ran.out).toBe('in\n')
  })

  test('a jump host is passed, and its key is verified too', async () => {
    forgetKeys()
    const base = readFileSync(host.configFile, 'utf8')
    const configText = `Host target\n  ProxyJump jump\n${base}`
    const ran = await runCommand(
      await connect(alias('target'), { configText }),
      'echo "$SSH_CONNECTION"',
    )
    expect(ran.out).toContain('127.0.0.1')
    await expect.poll(() => jump.log()).toMatch(/direct-tcpip|Accepted publickey/)

    const unknown = configText.replaceAll(host.knownHostsFile, join(dir, 'nothing'))
    const line = readFileSync(host.knownHostsFile, 'utf8')
      .split('\n')
      .find((one) => one.includes(`:${host.port} `))
    writeFileSync(ownFile, `${line}\n`)
    const refusal = connect(alias('target'), { configText: unknown })
    await expect(refusal).rejects.toMatchObject({ kind: 'ssh_host_key_unknown' })
    await expect(refusal).rejects.toThrow(/jump host .* on the way to target/)
  })

  test('a jump host that cannot reach the host says so', async () => {
    const port = await freePort()
    const base = readFileSync(host.configFile, 'utf8')
    const configText = `Host far\n  HostName 127.0.0.1\n  Port ${port}\n  ProxyJump jump\n${base}`
    const refusal = connect(alias('far'), { configText })
    await expect(refusal).rejects.toMatchObject({ kind: 'host_unreachable', permanent: false })
    await expect(refusal).rejects.toThrow('the jump host cannot reach it')
  })

  test('a port where nothing listens, and a name that nobody has, are told apart', async () => {
    const port = await freePort()
    const refused = connect({ ...host.spec, port })
    await expect(refused).rejects.toMatchObject({ kind: 'host_unreachable', permanent: false })
    await expect(refused).rejects.toThrow('nothing listens on that port')
    const unknown = connect({ ...host.spec, address: 'no-such-host.invalid' })
    await expect(unknown).rejects.toMatchObject({ kind: 'dns_failure', permanent: false })
    await expect(unknown).rejects.toThrow('no-such-host.invalid')
  })

  test('a port that answers with something else than ssh, or not at all, ends in bounded time', async () => {
    for (const greeting of ['HTTP/1.1 400 Bad Request\r\n\r\n', '']) {
      const mute = createServer((socket) => void socket.on('error', () => {}).write(greeting))
      mute.listen(0, '127.0.0.1')
      await once(mute, 'listening')
      const { port } = mute.address() as AddressInfo
      const refusal = connect({ ...host.spec, port }, { connectTimeoutMs: 300 })
      await expect(refusal).rejects.toMatchObject({ kind: 'host_unreachable', permanent: false })
      mute.close()
    }
  })

  test('an abort ends a connect at once with its reason', async () => {
    const mute = createServer(() => {}).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const abort = new AbortController()
    const transport = sshTransport(
      { ...host.spec, port },
      {
        config: openSshConfig({ env: { HOME: dir }, clock: systemClock }),
        trust,
        clock: systemClock,
        byOpenSsh,
      },
    )
    const refusal = transport.connect(abort.signal)
    const reached = once(mute, 'connection')
    await reached
    abort.abort(new Error('shutdown'))
    await expect(refusal).rejects.toThrow('shutdown')
    mute.close()
  })

  async function fingerprintOf(file: string): Promise<string> {
    return (await run('ssh-keygen', ['-lf', file])).stdout.split(' ')[1] ?? ''
  }

  async function pictureOf(file: string): Promise<string> {
    return (await run('ssh-keygen', ['-lvf', file])).stdout.split('\n').slice(1, -1).join('\n')
  }
})
