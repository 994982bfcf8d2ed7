// Hosts and pools by the command alone, over real sshd: keys, questions on a terminal, out of work and back, and the audit.
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import type { HostRow, HostSweep } from '../../shared/api/views.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import type { TestHome } from './sluice-process.ts'
import { noTerminal, openTestHome } from './sluice-process.ts'

interface AuditJson {
  audit: { seq: number; action: string; subject: string; reason: string; by: string }[]
}

// A test starts up to a dozen processes, perhaps on a busy machine.
vi.setConfig({ testTimeout: 180_000 })

describe.skipIf(skipReason !== null)('over real sshd', () => {
  let home: TestHome
  let server: TestSshd

  beforeAll(async () => {
    home = openTestHome()
    server = await startSshd({ dir: join(home.dir, 'ssh'), name: 'edge' })
    const lockedKey = join(home.dir, 'locked_key')
    copyFileSync(server.keyFile, lockedKey)
    execFileSync('chmod', ['600', lockedKey])
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', lockedKey])
    const address = `address: 127.0.0.1, port: ${server.port}, user: ${server.user}`
    home.write(
      'sluice.yaml',
      `hosts:
  local: { slots: 2 }
  edge: { ${address}, key: ${server.keyFile}, slots: 1, labels: [far] }
  locked: { ${address}, key: ${lockedKey} }
pools:
  crunch: { hosts: [local], labels: [far], pick: in_order, slots: 2 }
environments: { dev: { hosts: { worker: crunch } } }
`,
    )
    home.write('pipelines/many.yaml', 'tasks: { a: { host: worker, run: echo a } }\n')
  })

  // Where a test is about a key that is not known, it forgets it.
  const known = (): string => join(home.dir, 'home/known_hosts')
  beforeEach(() => {
    mkdirSync(join(home.dir, 'home'), { recursive: true, mode: 0o700 })
    copyFileSync(server.knownHostsFile, known())
  })

  afterAll(async () => {
    await server.stop()
    await home.close()
  })

  test('H9: hosts sweep shows what is left over, removes it when told, and the audit says so', async () => {
    await home.run('hosts', 'check', 'edge')
    const left = join(server.home, '.sluice/files', 'b'.repeat(64))
    writeFileSync(left, 'left')
    const then = new Date(Date.now() - 40 * 86_400_000)
    utimesSync(left, then, then)
    const shown = await home.run('hosts', 'sweep', 'edge')
    expect(shown.stdout).toContain(`files/${'b'.repeat(64)}`)
    expect(shown.stdout).toContain('sluice hosts sweep edge --days 30 --yes')
    expect(existsSync(left)).toBe(true)
    const { value } = await home.json<HostSweep>('hosts', 'sweep', 'edge', '--yes')
    expect(value).toMatchObject({ host: 'edge', days: 30, isPreview: false, attempts: [] })
    expect(existsSync(left)).toBe(false)
    expect(await actions()).toContain('host.swept edge')
  })

  const actions = async (): Promise<string[]> => {
    const { value } = await home.json<AuditJson>('audit')
    return value.audit
      .toReversed()
      .map(({ action, subject, reason }) => [action, subject, reason].join(' ').trim())
  }

  test('without a terminal, trust names the fingerprint and takes nothing', async () => {
    rmSync(known())
    const before = await actions()
    const { code, stdout, stderr } = await home.run('hosts', 'trust', 'edge')
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/then say: sluice hosts trust edge SHA256:\S{43}\n/)
    expect(await actions()).toEqual(before)
  })

  test.skipIf(noTerminal !== null)(
    'on a terminal, trust shows the picture of the key and asks; yes is recorded',
    async () => {
      rmSync(known())
      const before = (await actions()).length
      const refused = home.onTerminal('hosts', 'trust', 'edge')
      await refused.until(/Type yes or its fingerprint: /)
      refused.type('no\r')
      expect((await refused.ended).code).toBe(2)
      const asked = home.onTerminal('hosts', 'trust', 'edge')
      await asked.until(/\+--\[ED25519 256\]--\+[^]*Type yes or its fingerprint: /)
      asked.type('yes\r')
      const { code, stdout } = await asked.ended
      expect(code).toBe(0)
      expect(stdout).toContain('● linked')
      expect((await actions()).slice(before)).toEqual(['host_key.accepted edge'])
    },
  )

  test('check reports what a host has; --json has every finding with its level', async () => {
    const { code, value: row } = await home.json<HostRow>('hosts', 'check', 'edge')
    expect(code).toBe(0)
    const checks = row.facts?.checks ?? []
    expect(checks.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['login_shell', 'setsid', 'sha256', 'disk', 'clock']),
    )
    const { stdout } = await home.run('hosts', 'check', 'edge')
    // Times and free space differ from one look to the next.
    const steady = checks.filter(({ found }) => !/\d/.test(found))
    for (const { id, found } of steady) expect(stdout).toContain(`${id.padEnd(11)}  ${found}`)
    const wrong = await home.run('hosts', 'check', 'edge', '--all')
    expect(wrong.code).toBe(2)
  })

  test.skipIf(noTerminal !== null)(
    'a passphrase is asked on the terminal, is not shown, and a wrong one is asked for again',
    async () => {
      const check = home.onTerminal('hosts', 'check', 'locked')
      await check.until(/Passphrase of the key \S+locked_key, for locked \([^)]*\): /)
      check.type('open\u007f\u007fsesame\r')
      await check.until(/Passphrase[^]*Passphrase of the key/)
      check.type('open sesame\r')
      const { code, stdout } = await check.ended
      expect(stdout).toContain('● linked')
      expect(stdout).not.toContain('sesame')
      expect(code).toBe(0)
    },
  )

  test('without a terminal a key with a passphrase is refused at once, with the way out', async () => {
    const { code, stdout } = await home.run('hosts', 'check', 'locked')
    expect(code).toBe(4)
    expect(stdout).toMatch(/locked_key.*passphrase|passphrase.*locked_key/)
  })

  test('a host is taken out of work, drained and opened again; the list and the audit say who and why', async () => {
    const before = (await actions()).length
    const reason = ['--reason', 'new disk'] as const
    const cordoned = await home.run('hosts', 'cordon', 'edge', ...reason)
    expect(cordoned.code).toBe(0)
    expect(cordoned.stdout).toMatch(/ {2}cordoned by \S+ at \d{4}-[\d-]+ [\d:]+: new disk\n$/)
    const pools = await home.run('pools')
    expect(pools.stdout).toMatch(
      /^crunch {2}in order {2}0 of 2 slots {2}.*local, edge \(cordoned\)\n/,
    )
    const drained = await home.json<HostRow>('hosts', 'drain', 'edge', '--wait')
    expect(drained.value.cordon).toMatchObject({ kind: 'drained', reason: '' })
    expect((await home.json<HostRow>('hosts', 'open', 'edge')).value.cordon).toBeNull()
    expect((await actions()).slice(before)).toEqual([
      'host.cordoned edge new disk',
      'host.draining edge',
      'host.opened edge',
    ])
    const { value } = await home.json<{ pools: object[] }>('pools')
    const crunch = { name: 'crunch', hosts: ['local', 'edge'], pick: 'in_order', slots: 2 }
    expect(value.pools).toEqual([{ ...crunch, used: 0, queued: 0 }])
  })

  test('a task of a pool says which host it was given, and why not the others', async () => {
    await home.run('hosts', 'cordon', 'local', '--reason', 'slow today')
    const { code, value } = await home.json<RunJson>('run', 'many')
    await home.run('hosts', 'open', 'local')
    expect(code).toBe(0)
    const attempt = value.tasks[0]?.attempts[0]
    expect(attempt).toMatchObject({ host: 'edge', chosen: { passedOver: [{ host: 'local' }] } })
    const why = await home.run('why', 'latest', 'a')
    expect(why.stdout).toContain('Attempt 1 is on edge: ')
    expect(why.stdout).toMatch(/not on local: .*slow today/)
    const wrong = await home.run('why', 'latest', 'b')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('has no task "b"')
  })

  test('a changed key stops: both keys are shown, and none is taken, whatever is said', async () => {
    const other = join(home.dir, 'other')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other])
    const [, key] = readFileSync(`${other}.pub`, 'utf8').split(' ')
    const lines = readFileSync(known(), 'utf8').trimEnd().split('\n')
    const changed = lines.map((line) => [...line.split(' ').slice(0, -1), key].join(' '))
    writeFileSync(known(), `${changed.join('\n')}\n`)
    const shown = await home.json<HostRow>('hosts', 'check', 'edge')
    expect(shown).toMatchObject({ code: 4, value: { link: 'refused', askFingerprint: null } })
    const fingerprint = /SHA256:\S+/.exec(shown.value.changedKey?.shown ?? '')?.[0] ?? ''
    for (const said of [[], [fingerprint]]) {
      const { code, stderr } = await home.run('hosts', 'trust', 'edge', ...said)
      expect(code).toBe(4)
      expect(stderr).toContain('has changed')
      expect(stderr).toContain(fingerprint)
      expect(stderr).toContain(shown.value.changedKey?.known[0] ?? 'the known key')
    }
    expect(readFileSync(known(), 'utf8')).toBe(`${changed.join('\n')}\n`)
    const report = await home.run('hosts', 'check', 'edge')
    expect(report.stdout).toMatch(
      /CHANGED[^]* {2}known: {2}ed25519 SHA256:[^]* {2}shown: {2}ed25519 SHA256:/,
    )
  })

  test('audit verify exits 0 for a chain that holds, 1 for one that was changed or cut short', async () => {
    await home.run('hosts', 'cordon', 'local')
    await home.run('hosts', 'open', 'local')
    const good = await home.run('audit', 'verify')
    expect(good.code).toBe(0)
    const last = /--last (\d+:[0-9a-f]{64})\n$/.exec(good.stdout)?.[1] ?? ''
    expect((await home.run('audit', 'verify', '--last', last)).code).toBe(0)
    const db = new Database(join(home.dir, 'home/sluice.db'))
    db.exec('drop trigger audit_is_not_deleted; drop trigger audit_is_not_changed')
    db.exec('delete from audit where seq = (select max(seq) from audit)')
    // The chain alone cannot tell; the row kept elsewhere can.
    expect((await home.run('audit', 'verify')).code).toBe(0)
    const cut = await home.run('audit', 'verify', '--last', last)
    expect(cut.code).toBe(1)
    db.exec(`update audit set by = 'nobody' where seq = 2`)
    db.close()
    const changed = await home.json<{ ok: boolean; brokenAt: number }>('audit', 'verify')
    expect(changed).toMatchObject({ code: 1, value: { ok: false, brokenAt: 2 } })
    expect((await home.run('audit', 'verify')).stdout).toContain('Row 2 does not follow')
    expect((await home.run('audit', 'verify', '--last', 'x')).code).toBe(2)
  })
})
