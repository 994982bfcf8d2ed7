import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSshConfig, type SshConfig, type SshTarget } from '../../electron/hosts/ssh-config.ts'
import type { Clock } from '../../electron/ports/clock.ts'

interface Row {
  id: string
  config: string
  argv: [string]
  files?: Record<string, string>
  /** null: ssh refuses the file. */
  expected: { hostname: string; user: string; port: string; proxyjump?: string } | null
}
const rows = readFileSync(join(import.meta.dirname, '../data/ssh/ssh_config_rows.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)

let home: string
let nowMs = 0
const clock: Clock = { now: () => nowMs, monotonic: () => nowMs, after: () => () => {} }

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-config-'))
  await mkdir(join(home, '.ssh'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

function configOf(text: string, program?: null): SshConfig {
  const file = join(home, '.ssh', 'config')
  writeFileSync(file, text)
  return openSshConfig({
    env: { HOME: home, PATH: process.env['PATH'], FOO: 'bar' },
    clock,
    file,
    ...(program === null ? { program } : {}),
  })
}

test('our own reader gives what ssh gives, or says that it needs ssh', async () => {
  const wrong: string[] = []
  let right = 0
  let refused = 0
  for (const row of rows) {
    // Whoever runs the test is not the person of these rows.
    if (row.expected === null || /localuser|%u|Match user gandalf/i.test(row.config)) continue
    await rm(join(home, '.ssh'), { recursive: true })
    await mkdir(join(home, '.ssh'))
    for (const [name, text] of Object.entries(row.files ?? {})) {
      await mkdir(dirname(join(home, '.ssh', name)), { recursive: true })
      writeFileSync(join(home, '.ssh', name), text)
    }
    const found = await configOf(row.config, null).resolve(row.argv[0]).catch(String)
    if (typeof found === 'string' && found.includes('needs an ssh program')) refused += 1
    else if (typeof found === 'string') wrong.push(`${row.id}: ${found}`)
    else if (describe(found) === wanted(row.expected)) right += 1
    else wrong.push(`${row.id}: ${describe(found)}, ssh says ${wanted(row.expected)}`)
  }
  expect(wrong).toEqual([])
  expect(right).toBeGreaterThan(280)
  expect(refused).toBeLessThan(26)
})

const describe = ({ host, user, port, jumps }: SshTarget): string =>
  `${user === userInfo().username ? 'me' : user}@${host}:${port} via ${jumps.join()}`

function wanted({ hostname, user, port, proxyjump = '' }: NonNullable<Row['expected']>): string {
  const who = user === 'gandalf' || user === userInfo().username ? 'me' : user
  return `${who}@${hostname}:${port} via ${proxyjump}`
}

test.each([
  ['ssh', undefined],
  ['our own reader', null],
] as const)('tokens, ~ and variables in paths are filled in, by %s', async (_who, program) => {
  const config = configOf(
    `Host wh
  HostName %h.example.com
  User etl
  Port 2222
  IdentityFile ~/.ssh/%r@%h
  IdentityFile \${HOME}/keys/%p
  IdentitiesOnly yes
  UserKnownHostsFile ~/.ssh/one "${'~'}/.ssh/two three"
  HostKeyAlias warehouse
  ProxyJump etl@gate:2201,inner
  ConnectTimeout 7
  IdentityAgent none
`,
    program,
  )
  expect(await config.resolve('wh')).toMatchObject({
    host: 'wh.example.com',
    user: 'etl',
    port: 2222,
    identityFiles: [join(home, '.ssh/etl@wh.example.com'), join(home, 'keys/2222')],
    identitiesOnly: true,
    hostKeyAlias: 'warehouse',
    jumps: ['etl@gate:2201', 'inner'],
    connectTimeoutMs: 7000,
    agent: null,
  })
})

test('what ssh refuses is refused in its own words', async () => {
  await expect(configOf('Host x\n  NoSuchWord yes\n').resolve('x')).rejects.toThrow(
    /ssh refuses its configuration for "x": .*nosuchword/i,
  )
})

test.each([
  '-oProxyCommand=touch /tmp/pwned',
  'me@-oProxyCommand=id',
  '$(touch /tmp/pwned)',
  'a;id',
  'a`id`',
  "a'b",
  'a b',
  'a\nb',
  '',
])('an alias cannot be an option of ssh, nor more than a name to a shell: %j', async (alias) => {
  const config = configOf('Match exec "touch %h"\n  User etl\n')
  await expect(config.resolve(alias)).rejects.toThrow('is no name of a host')
})

test('an answer is kept for five seconds, a refusal not at all', async () => {
  const config = configOf('Host x\n  Port 1\n')
  expect((await config.resolve('x')).port).toBe(1)
  configOf('Host x\n  Port 2\n')
  expect((await config.resolve('x')).port).toBe(1)
  nowMs += 5001
  expect((await config.resolve('x')).port).toBe(2)
  configOf('Host y\n  Wrong 2\n')
  await expect(config.resolve('y')).rejects.toThrow('ssh refuses')
  configOf('Host y\n  Port 3\n')
  expect((await config.resolve('y')).port).toBe(3)
})

test('an address of the workspace file needs no configuration', () => {
  const config = configOf('Host *\n  Port 9\n')
  const target = config.direct({ host: '10.0.0.7', port: null, user: 'etl', key: '~/k' })
  expect(target).toMatchObject({
    host: '10.0.0.7',
    port: 22,
    user: 'etl',
    identityFiles: [join(home, 'k')],
    identitiesOnly: true,
    jumps: [],
  })
  const open = config.direct({ host: 'a', port: 1, user: null, key: null })
  expect(open.identityFiles[0]).toBe(join(home, '.ssh', 'id_ed25519'))
  expect(open.user).toBe(userInfo().username)
})
