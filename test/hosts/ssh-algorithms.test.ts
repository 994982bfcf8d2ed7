// Algorithms and ways in that a configuration names are followed: by ssh2 as far as it has them, else by the ssh program.
// Against real servers; what was agreed stands in the server's own log.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig, type SshTarget } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import type { Connection, Transport } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { hostName, openHostKit } from '../helpers/host-kit.ts'
import { runCommand } from '../helpers/run-command.ts'
import { startScripted } from '../helpers/scripted-sshd.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-algorithms-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const env = (): Record<string, string | undefined> => ({ PATH: process.env['PATH'], HOME: dir })

/** What `text` means for the host x, by ssh and by our own reader. */
function readings(text: string): Promise<SshTarget>[] {
  const file = join(dir, `config-${nameOf(text)}`)
  writeFileSync(file, `Host x\n  ${text.replaceAll('; ', '\n  ')}\n`)
  return [{}, { program: null }].map((how) =>
    openSshConfig({ env: env(), clock: systemClock, file, ...how }).resolve('x'),
  )
}
const nameOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 12)

describe('lists of a configuration', () => {
  test('what nobody names stays as ssh2 has it', async () => {
    for (const target of await Promise.all(readings('Port 1'))) {
      expect(target).toMatchObject({ needsOpenSsh: [], namedLists: [] })
      expect(Object.values(target.algorithms)).toEqual([null, null, null, null, null])
      expect(target.methods).toEqual(['publickey', 'keyboard-interactive', 'password'])
    }
  })

  test('what ssh2 has of a list is kept in its order; a list of which it has nothing needs ssh', async () => {
    const named =
      'Ciphers aes256-ctr,aes128-ctr; MACs umac-128@openssh.com; KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256; HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com'
    for (const target of await Promise.all(readings(named))) {
      expect(target.algorithms).toMatchObject({
        cipher: ['aes256-ctr', 'aes128-ctr'],
        kex: ['curve25519-sha256'],
        hmac: null,
        serverHostKey: null,
      })
      expect(target.namedLists).toEqual(['KexAlgorithms', 'Ciphers'])
      expect(target.needsOpenSsh).toEqual(['MACs', 'HostKeyAlgorithms'])
    }
  })

  test('signs before a list add to it, put first and take away', async () => {
    const signed =
      'Ciphers -aes1*,aes256-gcm@openssh.com; MACs ^hmac-sha2-512; HostKeyAlgorithms +ssh-rsa'
    for (const { algorithms } of await Promise.all(readings(signed))) {
      expect(algorithms.cipher).toContain('aes256-ctr')
      expect(algorithms.cipher?.join()).not.toMatch(/aes1|aes256-gcm/)
      expect(algorithms.hmac?.[0]).toBe('hmac-sha2-512')
      expect(algorithms.hmac?.length).toBeGreaterThan(3)
      expect(algorithms.serverHostKey).toEqual(
        expect.arrayContaining(['ssh-ed25519', 'rsa-sha2-512', 'ssh-rsa']),
      )
    }
  })

  test('ways in are kept in their order, without those that are turned off', async () => {
    const preferred =
      'PreferredAuthentications gssapi-with-mic,password,publickey,keyboard-interactive; KbdInteractiveAuthentication no; GSSAPIAuthentication yes'
    for (const target of await Promise.all(readings(preferred))) {
      expect(target.methods).toEqual(['password', 'publickey'])
      expect(target.otherMethods).toEqual(['gssapi-with-mic'])
    }
  })

  test.each([
    ['rsa-sha2-256,ssh-ed25519', []],
    ['rsa-sha2-512', ['PubkeyAcceptedAlgorithms']],
    ['sk-ssh-ed25519@openssh.com', ['PubkeyAcceptedAlgorithms']],
  ])('keys of the person by %s need of ssh: %j', async (list, needs) => {
    for (const target of await Promise.all(readings(`PubkeyAcceptedAlgorithms ${list}`)))
      expect(target.needsOpenSsh).toEqual(needs)
  })
})

describe.skipIf(skipReason !== null)('by real servers', () => {
  let sshd: TestSshd
  beforeAll(async () => {
    sshd = await startSshd({
      dir,
      name: 'picky',
      extraConfig: `LogLevel DEBUG1
Ciphers aes256-ctr,aes192-ctr
MACs hmac-sha2-256,hmac-sha2-512,umac-128@openssh.com
KexAlgorithms ecdh-sha2-nistp384,curve25519-sha256`,
    })
  })
  afterAll(() => sshd.stop())

  function transportOf(lines: string, more: Partial<HostSpec> = {}): Transport {
    const file = join(dir, `to-picky-${nameOf(lines)}`)
    const own = readFileSync(sshd.configFile, 'utf8')
    writeFileSync(file, `Host picky\n${lines}\n${own}`)
    return sshTransport(
      { ...sshd.spec, ssh: 'picky', address: null, port: null, user: null, key: null, ...more },
      {
        config: openSshConfig({ env: env(), clock: systemClock, file }),
        trust: openTrust(sshd.knownHostsFile),
        clock: systemClock,
      },
    )
  }
  async function connect(lines: string): Promise<{ connection: Connection; log: string }> {
    const before = sshd.log().length
    const connection = await transportOf(lines).connect(AbortSignal.timeout(30_000))
    onTestFinished(() => connection.close())
    expect((await runCommand(connection, 'echo in')).out).toBe('in\n')
    return { connection, log: sshd.log().slice(before) }
  }

  test('ssh2 offers what the configuration names, in its order', async () => {
    const { connection, log } = await connect(
      'Ciphers aes128-ctr,aes192-ctr,aes256-ctr\nMACs hmac-sha2-512\nKexAlgorithms curve25519-sha256',
    )
    expect(connection.route).toEqual({
      program: 'ssh2',
      why: ['KexAlgorithms', 'Ciphers', 'MACs'],
    })
    expect(log).toContain('client->server cipher: aes192-ctr MAC: hmac-sha2-512')
    expect(log).toContain('kex: algorithm: curve25519-sha256')
  })

  test('a list that ssh2 cannot follow is followed by the ssh program, and the check of the host says so', async () => {
    const lines = 'Ciphers aes192-ctr\nMACs umac-128@openssh.com'
    const { connection, log } = await connect(lines)
    expect(connection.route).toEqual({ program: 'openssh', why: ['MACs'] })
    expect(log).toContain('client->server cipher: aes192-ctr MAC: umac-128@openssh.com')

    const kit = await openHostKit({ transport: transportOf(lines), folder: join(dir, 'folder') })
    onTestFinished(() => kit.close())
    const row = await kit.fleet.check(hostName, AbortSignal.timeout(30_000))
    expect(row.facts?.checks.find(({ id }) => id === 'transport')).toMatchObject({
      level: 'good',
      found: 'the ssh program, because of MACs',
    })
  })

  test('`transport` of sluice.yaml chooses: the ssh program, or ssh2 and a refusal where that will not do', async () => {
    const byProgram = await transportOf('', { transport: 'openssh' }).connect(
      AbortSignal.timeout(30_000),
    )
    onTestFinished(() => byProgram.close())
    expect(byProgram.route).toEqual({ program: 'openssh', why: ['transport: openssh'] })
    const bySsh2 = await transportOf('', { transport: 'ssh2' }).connect(AbortSignal.timeout(30_000))
    onTestFinished(() => bySsh2.close())
    expect(bySsh2.route).toEqual({ program: 'ssh2', why: [] })
    for (const lines of [
      'MACs umac-128@openssh.com',
      'ProxyJump gate\nHost gate\n MACs umac-128@openssh.com',
    ]) {
      const refusal = transportOf(lines, { transport: 'ssh2' }).connect(AbortSignal.timeout(30_000))
      await expect(refusal).rejects.toMatchObject({ kind: 'host_unreachable', permanent: true })
      await expect(refusal).rejects.toThrow(/MACs of its configuration needs the ssh program/)
    }
  })

  test('where the host has nothing of what is named, nothing else is agreed', async () => {
    const refusal = transportOf('Ciphers aes128-ctr').connect(AbortSignal.timeout(30_000))
    await expect(refusal).rejects.toThrow(/no matching cipher/i)
  })

  test('only keys that PubkeyAcceptedAlgorithms names are shown', async () => {
    const rsa = join(dir, 'rsa')
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa])
    const shown = /publickey .*\bRSA\b/
    const both = await connect(
      `IdentityFile ${rsa}\nPubkeyAcceptedAlgorithms rsa-sha2-256,ssh-ed25519`,
    )
    expect(both.log).toMatch(shown)
    const one = await connect(`IdentityFile ${rsa}\nPubkeyAcceptedAlgorithms ssh-ed25519`)
    expect(one.log).not.toMatch(shown)
  })
})

test('ways in are tried in the order of PreferredAuthentications', async () => {
  const tried: string[] = []
  const server = await startScripted({
    onAuth(context) {
      tried.push(context.method)
      if (context.method === 'password') return context.accept()
      context.reject(['publickey', 'keyboard-interactive', 'password'])
    },
  })
  onTestFinished(() => server.stop())
  const key = join(dir, 'ed')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  writeFileSync(join(dir, 'known'), server.knownHosts)
  const file = join(dir, 'preferred')
  writeFileSync(
    file,
    `Host x\n HostName 127.0.0.1\n Port ${server.port}\n User etl\n IdentityFile ${key}
 IdentitiesOnly yes\n PreferredAuthentications keyboard-interactive,publickey,password\n`,
  )
  const connection = await sshTransport(
    { ...server.spec, ssh: 'x', address: null, port: null, user: null, key: null },
    {
      config: openSshConfig({ env: env(), clock: systemClock, file }),
      trust: openTrust(join(dir, 'known')),
      clock: systemClock,
      ask: async () => 'secret',
    },
  ).connect(AbortSignal.timeout(30_000))
  connection.close()
  expect([...new Set(tried)]).toEqual(['none', 'keyboard-interactive', 'publickey', 'password'])
})
