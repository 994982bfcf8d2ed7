// The same 67 situations as in ssh-known-hosts.test.ts, lived through: a real sshd with its key, or with a certificate of it,
// and the whole transport, which leaves certificates to the ssh program.
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { TransportError } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'
import { makeKey } from '../helpers/test-server.ts'

const run = promisify(execFile)
const data = join(import.meta.dirname, '../data/ssh')

interface Row {
  id: string
  known_hosts: string
  host: string
  port: number
  server_presents: 'key' | 'cert'
  StrictHostKeyChecking: 'yes' | 'no' | 'accept-new'
  options: string[]
  expected: 'accept' | 'reject'
  why: string[]
}
const rows = readFileSync(join(data, 'known_hosts_rows.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)
const keys = JSON.parse(readFileSync(join(data, 'known_hosts_keys.json'), 'utf8')) as Record<
  string,
  string
>

// Through a ProxyCommand nobody knows the address that CheckHostIP would look at.
const isPlayable = (row: Row): boolean => !row.options.includes('CheckHostIP=yes')

// Sluice always asks or stops: what OpenSSH takes because it was told not to look, Sluice does not.
const wanted = (row: Row): Row['expected'] =>
  row.why.some((why) => /^(?:key|cert)-matches/.test(why)) ? row.expected : 'reject'

test.skipIf(skipReason !== null)(
  'H8: no host key is accepted that OpenSSH would not take for known, and all that it would',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-known-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const [hostKey, authority] = [join(dir, 'host'), join(dir, 'ca')]
    await Promise.all([makeKey(hostKey), makeKey(authority)])
    const names = 'server.org,cert.example.com'
    await run('ssh-keygen', ['-q', '-h', '-s', authority, '-I', 't', '-n', names, `${hostKey}.pub`])
    const servers: Record<Row['server_presents'], TestSshd> = {
      key: await startSshd({ dir, name: 'plain', extraConfig: `HostKey ${hostKey}` }),
      cert: await startSshd({
        dir,
        name: 'certified',
        extraConfig: `HostKey ${hostKey}\nHostCertificate ${hostKey}-cert.pub`,
      }),
    }
    onTestFinished(async () => {
      await Promise.all([servers.key.stop(), servers.cert.stop()])
    })
    const ours = (file: string): string => readFileSync(`${file}.pub`, 'utf8').trim()
    const renewed = (text: string): string =>
      text
        .replaceAll(keys['SERVER'] ?? '', ours(hostKey))
        .replaceAll(keys['CA'] ?? '', ours(authority))
    const relay = join(dir, 'relay.cjs')
    writeFileSync(
      relay,
      `const s = require('node:net').connect(process.argv[2], '127.0.0.1')
process.stdin.pipe(s).pipe(process.stdout)
s.on('close', () => process.exit())
`,
    )

    const decide = async (row: Row): Promise<string> => {
      const server = servers[row.server_presents]
      const known = join(dir, `${row.id}.known`)
      writeFileSync(known, renewed(row.known_hosts))
      const config = join(dir, `${row.id}.config`)
      const options = row.options.map((option) => `  ${option.replace('=', ' ')}\n`).join('')
      writeFileSync(
        config,
        `Host row
  HostName ${row.host}
  Port ${row.port}
  User ${server.user}
  IdentityFile ${server.keyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${known}
  GlobalKnownHostsFile none
  StrictHostKeyChecking ${row.StrictHostKeyChecking}
  ProxyCommand ${process.execPath} ${relay} ${server.port}
${options}`,
      )
      const spec = { ...server.spec, ssh: 'row', address: null, port: null, user: null, key: null }
      const transport = sshTransport(spec, {
        config: openSshConfig({ env: process.env, clock: systemClock, file: config }),
        trust: openTrust(join(dir, 'nothing')),
        clock: systemClock,
      })
      try {
        const connection = await transport.connect(AbortSignal.timeout(60_000))
        connection.close()
        return 'accept'
      } catch (error) {
        const isKey = error instanceof TransportError && error.kind.startsWith('ssh_host_key_')
        return isKey ? 'reject' : String(error)
      }
    }

    const played = rows.filter(isPlayable)
    const verdicts = new Map<string, string>()
    const waiting = [...played]
    const work = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
        verdicts.set(row.id, await decide(row))
      }
    }
    await Promise.all([work(), work(), work()])
    const differs = played.filter((row) => verdicts.get(row.id) !== wanted(row))
    expect(differs.map((row) => [row.id, verdicts.get(row.id), wanted(row)])).toEqual([])
    expect(rows).toHaveLength(67)
    expect(played).toHaveLength(66)
    // Those where OpenSSH was told not to look.
    expect(played.filter((row) => wanted(row) !== row.expected)).toHaveLength(4)
  },
  180_000,
)
