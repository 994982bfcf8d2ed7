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
  needs_dns?: true
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

interface Figures {
  right: number
  /** Refused where ssh refuses. */
  refused: number
  needsSsh: number
  /** Names of the person, or of the DNS, that the rows were made with. */
  elsewhere: number
  wrong: string[]
}

async function figuresOf(program?: null): Promise<Figures> {
  const figures: Figures = { right: 0, refused: 0, needsSsh: 0, elsewhere: 0, wrong: [] }
  const one = async (row: Row): Promise<void> => {
    // Each in a folder of its own: several are asked at once.
    const dir = join(home, row.id)
    for (const [name, text] of Object.entries({ config: row.config, ...row.files })) {
      await mkdir(dirname(join(dir, '.ssh', name)), { recursive: true })
      writeFileSync(join(dir, '.ssh', name), text)
    }
    const config = openSshConfig({
      env: { HOME: dir, PATH: process.env['PATH'], FOO: 'bar', REAL_FILE: 'x' },
      clock,
      file: join(dir, '.ssh', 'config'),
      ...(program === null ? { program } : {}),
    })
    const found = await config.resolve(row.argv[0]).catch(String)
    if (row.expected === null) {
      if (typeof found === 'string') figures.refused += 1
      else figures.wrong.push(`${row.id}: ${describe(found)}, ssh refuses it`)
    } else if (typeof found === 'string' && found.includes('needs an ssh program')) {
      figures.needsSsh += 1
    } else if (typeof found !== 'string' && describe(found) === wanted(row.expected)) {
      figures.right += 1
    } else if (row.needs_dns === true || /gandalf/.test(row.config)) {
      figures.elsewhere += 1
    } else {
      const said = typeof found === 'string' ? found : describe(found)
      figures.wrong.push(`${row.id}: ${said}, ssh says ${wanted(row.expected)}`)
    }
  }
  const waiting = [...rows]
  const work = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) await one(row)
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return figures
}

test('365 values and 55 refusals: our own reader gives what ssh gives, or says that it needs ssh', async () => {
  expect(await figuresOf(null)).toEqual({
    right: 337,
    refused: 55,
    needsSsh: 25,
    elsewhere: 3,
    wrong: [],
  })
})

test('365 values and 55 refusals: through ssh they are those of this ssh, in its own words', async () => {
  const { right, refused, elsewhere, wrong } = await figuresOf()
  // Another OpenSSH than the 9.2 of the rows refuses a little more or less.
  expect(wrong.length).toBeLessThan(20)
  expect(right + elsewhere + wrong.length + refused).toBe(420)
  expect(right).toBeGreaterThanOrEqual(330)
}, 120_000)

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
