// Ways to real OpenSSH servers: certificates of either side, ProxyCommand, and chains of jump hosts, each verified (H8).
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport, type SshTransportOptions } from '../../electron/hosts/ssh-transport.ts'
import type { Connection } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import type { AuditEntry } from '../../electron/ports/audit.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { runCommand } from '../helpers/run-command.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'
import { makeKey } from '../helpers/test-server.ts'

const run = promisify(execFile)
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(skipReason !== null)('ways in', () => {
  let dir: string
  let ca: string
  let target: TestSshd
  let gates: TestSshd[]
  let knownFile: string
  const audited: AuditEntry[] = []

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-ways-'))
    ca = join(dir, 'ca')
    await makeKey(ca)
    target = await startSshd({
      dir,
      name: 'target',
      extraConfig: `TrustedUserCAKeys ${ca}.pub\nAuthorizedPrincipalsFile none`,
    })
    gates = await Promise.all(['gate1', 'gate2', 'gate3'].map((name) => startSshd({ dir, name })))
  })
  afterAll(async () => {
    await Promise.all([target, ...gates].map((host) => host.stop()))
    await rm(dir, { recursive: true, force: true })
  })
  beforeEach(() => {
    knownFile = join(dir, 'own')
    writeFileSync(knownFile, readFileSync(target.knownHostsFile))
    audited.length = 0
  })

  /** By the alias `target` of a configuration, or by the address. */
  async function connect(
    configText: string | null,
    options: Partial<SshTransportOptions> & { key?: string; env?: Record<string, string> } = {},
  ): Promise<Connection> {
    const { key = target.keyFile, env, ...rest } = options
    const file = join(dir, 'config')
    writeFileSync(file, configText ?? '')
    const alias = { name: 'wh', ssh: 'target', address: null, port: null, user: null, key: null }
    const transport = sshTransport(
      { ...target.spec, key, ...(configText === null ? {} : alias) },
      {
        config: openSshConfig({
          env: { PATH: process.env['PATH'], HOME: dir, ...env },
          clock: systemClock,
          file,
        }),
        trust: openTrust(knownFile, { record: (entry) => void audited.push(entry) }),
        clock: systemClock,
        ...rest,
      },
    )
    const connection = await transport.connect(AbortSignal.timeout(30_000))
    onTestFinished(() => connection.close())
    return connection
  }
  const works = async (connection: Connection): Promise<void> => {
    expect((await runCommand(connection, 'echo in')).out).toBe('in\n')
  }
  /** The hosts' own entries, without known hosts of their own: Sluice's file decides. */
  const base = (): string =>
    readFileSync(target.configFile, 'utf8').replaceAll(
      /^ +UserKnownHostsFile .*$/gm,
      '  UserKnownHostsFile none',
    )

  test('a certificate beside the key lets in, also one that the configuration names, and one of the agent', async () => {
    const key = join(dir, 'certified')
    await makeKey(key)
    await expect(connect(null, { key })).rejects.toMatchObject({ kind: 'ssh_auth_failure' })
    const principal = target.user
    await run('ssh-keygen', [
      '-q',
      '-s',
      ca,
      '-I',
      'test',
      '-n',
      principal,
      '-V',
      '+1h',
      `${key}.pub`,
    ])
    await works(await connect(null, { key }))

    const elsewhere = join(dir, 'elsewhere-cert.pub')
    writeFileSync(elsewhere, readFileSync(`${key}-cert.pub`))
    await rm(`${key}-cert.pub`)
    const named = `Host target\n  IdentityFile ${key}\n  CertificateFile ${elsewhere}\n  IdentitiesOnly yes\n`
    await works(await connect(named + base()))

    const env = { SSH_AUTH_SOCK: join(dir, 'agent') }
    const agent = spawn('ssh-agent', ['-D', '-a', env.SSH_AUTH_SOCK])
    onTestFinished(() => void agent.kill())
    await once(agent.stdout, 'data')
    writeFileSync(`${key}-cert.pub`, readFileSync(elsewhere))
    await run('ssh-add', ['-q', key], { env: { ...process.env, ...env } })
    const bare = base().replaceAll(/^ +Identit.*$/gm, '')
    await works(await connect(bare, { env }))
    await expect(connect(bare)).rejects.toMatchObject({ kind: 'ssh_auth_failure' })
  })

  test('a certificate of the host is checked by ssh: its authority, its name, and its time', async () => {
    const hostKey = join(dir, 'certhost_key')
    await makeKey(hostKey)
    const authority = join(dir, 'host_ca')
    await makeKey(authority)
    const certify = (...args: string[]): Promise<unknown> =>
      run('ssh-keygen', ['-q', '-h', '-s', authority, '-I', 'host', ...args, `${hostKey}.pub`])
    const line = readFileSync(`${authority}.pub`, 'utf8')
    await certify('-n', '127.0.0.1')
    const certified = await startSshd({
      dir,
      name: 'certhost',
      extraConfig: `HostKey ${hostKey}\nHostCertificate ${hostKey}-cert.pub`,
    })
    onTestFinished(() => certified.stop())
    const to = base().replaceAll(`Port ${target.port}`, `Port ${certified.port}`)
    const known = (text: string): void => writeFileSync(knownFile, text)

    known(`@cert-authority [127.0.0.1]:* ${line}`)
    await works(await connect(to))
    known(`@cert-authority [10.0.0.1]:* ${line}`)
    await expect(connect(to)).rejects.toMatchObject({ kind: 'ssh_host_key_unknown' })
    known(`@cert-authority [127.0.0.1]:* ${readFileSync(`${ca}.pub`, 'utf8')}`)
    await expect(connect(to)).rejects.toMatchObject({ kind: 'ssh_host_key_unknown' })
    known(`@cert-authority [127.0.0.1]:* ${line}@revoked * ${line}`)
    await expect(connect(to)).rejects.toMatchObject({ kind: /^ssh_host_key/ as unknown as string })
    known(`@cert-authority [127.0.0.1]:* ${line}`)
    for (const wrong of [
      ['-n', 'other.example'],
      ['-n', '127.0.0.1', '-V', '20200101:20200102'],
    ]) {
      await certify(...wrong)
      await certified.restart()
      await expect(connect(to)).rejects.toMatchObject({ kind: 'ssh_host_key_unknown' })
    }
  })

  test('a ProxyCommand is run with its tokens filled in, and ends with the connection, children and all', async () => {
    const pidFile = join(dir, 'proxy.pid')
    const script = join(dir, 'proxy.sh')
    const relay = `const s=require("net").connect(process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout)`
    writeFileSync(
      script,
      `sleep 1000 & echo "$$ $! $1 $2 $3" > ${pidFile}\nexec ${process.execPath} -e '${relay}' "$1" "$2"\n`,
    )
    const config = `Host target\n  ProxyCommand sh ${script} %h %p %r\n${base()}`
    for (const byOpenSsh of [false, true]) {
      await rm(pidFile, { force: true })
      const connection = await connect(config, { byOpenSsh })
      await works(connection)
      const [pid, child, ...args] = readFileSync(pidFile, 'utf8').trim().split(' ')
      expect(args).toEqual(['127.0.0.1', String(target.port), target.user])
      connection.close()
      await expect.poll(() => isAlive(Number(pid)), { timeout: 10_000 }).toBe(false)
      await expect.poll(() => isAlive(Number(child)), { timeout: 10_000 }).toBe(false)
    }
  })

  test.each([
    ['ssh2', false],
    ['the ssh program', true],
  ])(
    'a link that is lost is known to be, though a daemon of its ProxyCommand holds all its ends, by %s',
    async (_by, byOpenSsh) => {
      const pidFile = join(dir, `daemon-${byOpenSsh}.pid`)
      const script = join(dir, 'daemon.sh')
      const relay = `const s=require("net").connect(process.argv[2],process.argv[1]);process.stdin.pipe(s).pipe(process.stdout);s.on("close",()=>process.exit())`
      writeFileSync(
        script,
        `setsid sh -c 'echo $$ > ${pidFile}; exec sleep 1000' &\nexec ${process.execPath} -e '${relay}' "$1" "$2"\n`,
      )
      const connection = await connect(
        `Host target\n  ProxyCommand sh ${script} %h %p\n${base()}`,
        { byOpenSsh },
      )
      await works(connection)
      const daemon = Number(readFileSync(pidFile, 'utf8'))
      onTestFinished(() => void process.kill(daemon))
      const lost = new Promise((resolve) => connection.onClose(resolve))
      await target.killConnections()
      expect(await lost).toMatch(/lost|closed/)
      expect(isAlive(daemon)).toBe(true)
    },
  )

  test('a ProxyCommand that fails says what it said', async () => {
    const failing = `Host target\n  ProxyCommand sh -c 'echo no route to the vault >&2; exit 7'\n${base()}`
    const refusal = connect(failing)
    await expect(refusal).rejects.toMatchObject({ kind: 'host_unreachable', permanent: false })
    await expect(refusal).rejects.toThrow(
      'ProxyCommand ended with exit code 7: no route to the vault',
    )
    const silent = `Host target\n  ProxyCommand sleep 600\n  ConnectTimeout 1\n${base()}`
    await expect(connect(silent)).rejects.toThrow('no login within 1 s')
  })

  const chain = (): string => `Host target\n  ProxyJump gate1,gate2,gate3\n${base()}`

  test.each([
    ['ssh2', false],
    ['the ssh program', true],
  ])(
    'H8: three jump hosts are passed, each with its own key, port and user, by %s',
    async (_by, byOpenSsh) => {
      const before = gates.map((gate) => accepted(gate))
      await works(await connect(chain(), { byOpenSsh }))
      expect(gates.map((gate) => accepted(gate))).toEqual(before.map((count) => count + 1))
    },
  )

  test.each([
    ['ssh2', false],
    ['the ssh program', true],
  ])(
    'H8: a changed key at any jump host stops there and names it, by %s',
    async (_by, byOpenSsh) => {
      const other = join(dir, `other-${byOpenSsh}`)
      await makeKey(other)
      const [type, key] = readFileSync(`${other}.pub`, 'utf8').split(' ')
      const lines = readFileSync(target.knownHostsFile, 'utf8').split('\n')
      for (const [index, gate] of gates.entries()) {
        const at = `[127.0.0.1]:${gate.port}`
        const changed = lines.map((line) =>
          line.startsWith(`${at} `) ? `${at} ${type} ${key}` : line,
        )
        writeFileSync(knownFile, changed.join('\n'))
        const before = accepted(target)
        const refusal = connect(chain(), { byOpenSsh })
        await expect(refusal).rejects.toMatchObject({
          kind: 'ssh_host_key_mismatch',
          permanent: true,
          changedKey: { known: [expect.stringMatching(/^ed25519 SHA256:/)] },
        })
        await expect(refusal).rejects.toThrow(/jump host .* on the way to wh/)
        await expect(refusal).rejects.toThrow(
          `127.0.0.1]:${gate.port}`.replace(']', byOpenSsh ? ']' : ''),
        )
        expect(accepted(target)).toBe(before)
        expect(audited.at(-1)).toMatchObject({
          action: 'host_key.refused',
          subject: 'wh',
          details: { port: gate.port },
        })
        expect(audited).toHaveLength(index + 1)
        // The hops behind it were not spoken to; a connect that is given up leaves nothing open.
        writeFileSync(knownFile, lines.join('\n'))
      }
    },
  )

  const accepted = (host: TestSshd): number =>
    host.log().split('Accepted publickey for ').length - 1

  test.each([
    { address: '127.0.0.1\nProxyCommand touch PWNED' },
    { address: '127.0.0.1"\tProxyCommand "touch PWNED' },
    { user: 'root\nProxyCommand touch PWNED' },
    { key: '/k"\nProxyCommand "touch PWNED' },
  ])('no word of a workspace is more than a word to ssh: %j', async (given) => {
    const mark = join(dir, 'pwned')
    const words = Object.entries(given).map(([name, text]) => [name, text.replace('PWNED', mark)])
    const transport = sshTransport(
      { ...target.spec, ...(Object.fromEntries(words) as object) },
      {
        config: openSshConfig({
          env: { PATH: process.env['PATH'], HOME: dir },
          clock: systemClock,
        }),
        trust: openTrust(knownFile),
        clock: systemClock,
        byOpenSsh: true,
      },
    )
    await expect(transport.connect(AbortSignal.timeout(20_000))).rejects.toMatchObject({
      kind: 'host_unreachable',
      permanent: true,
    })
    expect(existsSync(mark)).toBe(false)
  })

  test('a link that is given up leaves no folder and no process of ssh', async () => {
    const runtime = join(dir, 'runtime')
    await run('mkdir', ['-p', runtime])
    const env = { XDG_RUNTIME_DIR: runtime }
    const connection = await connect(base(), { byOpenSsh: true, env })
    await works(connection)
    expect((await run('ls', [runtime])).stdout).toMatch(/^sluice-ssh-/)
    connection.close()
    await expect.poll(async () => (await run('ls', [runtime])).stdout).toBe('')
    expect(existsSync(runtime)).toBe(true)
  })

  test('a Sluice that is killed leaves no connection and no folder either', async () => {
    const runtime = join(dir, 'killed')
    await run('mkdir', ['-p', runtime])
    const root = join(import.meta.dirname, '../../electron')
    const script = join(dir, 'link.ts')
    writeFileSync(
      script,
      `import { openSshConfig } from '${root}/hosts/ssh-config.ts'
import { sshTransport } from '${root}/hosts/ssh-transport.ts'
import { openTrust } from '${root}/hosts/trust.ts'
import { systemClock as clock } from '${root}/system/clock.ts'
const env = { PATH: process.env.PATH, HOME: '${dir}', XDG_RUNTIME_DIR: '${runtime}' }
const transport = sshTransport(${JSON.stringify(target.spec)}, {
  config: openSshConfig({ env, clock }), trust: openTrust('${knownFile}'), clock, byOpenSsh: true,
})
await transport.connect(new AbortController().signal)
console.log('linked')
setInterval(() => {}, 1000)
`,
    )
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    const folder = (await run('ls', [runtime])).stdout.trim()
    const masters = async (): Promise<string[]> =>
      (await run('ps', ['-A', '-o', 'args='])).stdout
        .split('\n')
        .filter((line) => line.includes(folder))
    expect(folder).toMatch(/^sluice-ssh-/)
    expect((await masters()).length).toBeGreaterThan(0)
    child.kill('SIGKILL')
    await expect.poll(async () => (await run('ls', [runtime])).stdout, { timeout: 20_000 }).toBe('')
    await expect.poll(masters, { timeout: 20_000 }).toEqual([])
  })
})
