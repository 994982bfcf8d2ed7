// The demo pipeline over three real OpenSSH servers, by the command alone: run, failure, cause, fix, resume.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import type { TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

const demo = join(import.meta.dirname, '../../electron/demo')
const names = ['edge', 'onprem', 'cloud'] as const

describe.skipIf(skipReason !== null)('over real sshd', () => {
  let home: TestHome
  const servers = new Map<string, TestSshd>()
  const hostOf = (name: string): TestSshd => {
    const server = servers.get(name)
    if (server === undefined) throw new Error(`No server ${name}`)
    return server
  }

  beforeAll(async () => {
    home = openTestHome()
    for (const name of names) {
      const server = await startSshd({ dir: join(home.dir, 'ssh'), name })
      servers.set(name, server)
      cpSync(join(demo, 'data', name), server.home, { recursive: true })
    }
    cpSync(join(demo, 'workspace'), home.workspace, { recursive: true })
    // By address and by alias: both ways of naming a host.
    const { port, user, keyFile, configFile } = hostOf('edge')
    home.env['SLUICE_SSH_CONFIG'] = configFile
    writeFileSync(
      join(home.workspace, 'sluice.yaml'),
      `hosts:
  edge: { address: 127.0.0.1, port: ${port}, user: ${user}, key: ${keyFile}, slots: 2 }
  onprem: { ssh: onprem }
  cloud: { ssh: cloud }
environments:
  real: { hosts: { edge: edge, onprem: onprem, cloud: cloud }, vars: { CURRENCY: EUR, PAUSE: "0" } }
`,
    )
  })

  afterAll(async () => {
    for (const server of servers.values()) await server.stop()
    await home.close()
  })

  test('an unknown host key is refused with its fingerprint, and known once a person says so', async () => {
    const asked = await home.json<{ link: string; askFingerprint: string }>(
      'hosts',
      'check',
      'edge',
    )
    expect(asked).toMatchObject({ code: 4, value: { link: 'refused' } })
    expect(asked.value.askFingerprint).toMatch(/^SHA256:/)
    const shown = await home.run('hosts', 'check', 'edge')
    expect(
      shown.stdout.split(`sluice hosts trust edge ${asked.value.askFingerprint}\n`),
    ).toHaveLength(2)
    home.write('pipelines/early.yaml', 'name: early\ntasks: { a: { host: edge, run: echo } }\n')
    const early = await home.run('run', 'early')
    expect(early.code).toBe(1)
    expect(early.stdout).toContain(`sluice hosts trust edge ${asked.value.askFingerprint}\n`)
    // What never started has no log to look at.
    expect(early.stdout).not.toContain('sluice logs')
    const wrong = await home.run('hosts', 'trust', 'edge', `SHA256:${'A'.repeat(43)}`)
    expect(wrong.code).toBe(2)
    const trusted = await home.json<{ link: string }>(
      ...(['hosts', 'trust', 'edge', asked.value.askFingerprint] as const),
    )
    expect(trusted).toMatchObject({ code: 0, value: { link: 'linked' } })
    const again = await home.json<object>('hosts', 'trust', 'edge', asked.value.askFingerprint)
    expect(again).toMatchObject({ code: 0, value: { link: 'linked' } })
    expect((await home.run('hosts', 'trust', 'edge', `SHA256:${'A'.repeat(43)}`)).code).toBe(2)
    const all = await home.json<{ hosts: { name: string; link: string }[] }>('hosts', 'check')
    expect(all.code).toBe(0)
    expect(all.value.hosts.map(({ name, link }) => [name, link])).toEqual(
      ['local', 'edge', 'onprem', 'cloud'].map((name) => [name, 'linked']),
    )
    // By alias the key is in the known hosts of the client's own configuration.
    expect(await home.json<object>('hosts', 'check', 'cloud')).toMatchObject({ code: 0 })
  })

  test('the demo pipeline fails, is explained, mended by its remedy and resumed; each reused task ran once', async () => {
    const failed = await home.json<RunJson>('run', 'orders')
    expect(failed).toMatchObject({ code: 1, value: { state: 'failed', env: 'real' } })
    const cause = await home.json<{ rootTask: string; class: string; evidence: object[] }>(
      'explain',
    )
    expect(cause.value).toMatchObject({ rootTask: 'validate_orders', class: 'schema_mismatch' })
    expect(cause.value.evidence.length).toBeGreaterThan(0)
    expect(await home.json<object>('fix')).toMatchObject({ code: 0, value: { exit: 0 } })
    const { value } = await home.json<{ plan: { task: string; decision: string }[] }>(
      ...(['resume', '--plan'] as const),
    )
    const reused = value.plan.filter(({ decision }) => decision === 'reuse').map(({ task }) => task)
    expect(reused).toContain('land')
    const resumed = await home.json<RunJson>('resume')
    expect(resumed).toMatchObject({ code: 0, value: { state: 'succeeded' } })
    const attempts = new Map(
      resumed.value.tasks.map(({ task, attempts: all }) => [task, all.length]),
    )
    expect(reused.map((task) => attempts.get(task))).toEqual(reused.map(() => 1))

    const published = join(hostOf('cloud').home, 'published')
    expect(existsSync(published)).toBe(true)
    for (const { task, attempts: all } of resumed.value.tasks) {
      const last = all.at(-1)
      const log = await home.run('logs', 'latest', task)
      expect({ task, bytes: log.bytes.length }).toEqual({ task, bytes: last?.logBytes })
    }
  }, 90_000)

  test('the events tell the whole story in numbers without a hole', async () => {
    const { value } = await home.json<{ events: { seq: number; kind: string }[] }>('events')
    expect(value.events.map(({ seq }) => seq)).toEqual(value.events.map((_, i) => i + 1))
    const kinds = new Set(value.events.map(({ kind }) => kind))
    for (const kind of ['run.created', 'remedy.ran', 'run.resumed', 'run.ended']) {
      expect(kinds).toContain(kind)
    }
    const known = readFileSync(join(home.dir, 'home/known_hosts'), 'utf8')
    expect(known.trim().split('\n')).toHaveLength(1)
  })
})
