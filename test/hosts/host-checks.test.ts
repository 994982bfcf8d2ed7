// What a host says about itself, in words: whatever it says.
import { expect, test } from 'vitest'
import { hostChecks, lackInWords, type LookSeen } from '../../electron/hosts/host-checks.ts'
import { folderRefusedInWords, refusalInWords } from '../../electron/hosts/refusal-words.ts'

const seen: LookSeen = {
  hello: {
    bootId: 'b',
    hostNow: 0,
    now: 0,
    uptimeMs: 1,
    canHash: true,
    takesText: false,
    folderId: 'f',
    lacks: [],
    system: 'Linux x86_64',
    greeting: { shellMs: 20, noiseBytes: 0 },
  },
  greeting: { shellMs: 20, noiseBytes: 0 },
  now: 1_000_000_000_000,
  agent: 'ab'.repeat(32),
  route: null,
}

const good = {
  login: 'bash',
  sh: 'dash',
  session: 'setsid',
  sha256: 'sha256sum',
  proc: '1',
  boot: '34de38c2',
  uptime: '1',
  wide: '1',
  clock: '1000000000100',
  folder: '/home/u/.sluice/stop',
  'folder.free_kb': '52428800',
  'folder.free_inodes': '1000000',
  tmp: '/tmp',
  processes: 'unlimited',
  files: '1024',
}

const look = (facts: Record<string, string>, more: Partial<LookSeen> = {}) => {
  const parts = Object.entries(facts).map(([name, value]) => [name, ...value.split(' ')])
  return hostChecks({ words: ['ok'], parts }, { ...seen, ...more })
}

test('a host that has everything costs nothing', () => {
  const checks = look(good)
  expect(checks.filter((check) => check.level !== 'good' || check.cost !== '')).toEqual([])
  expect(new Set(checks.map((check) => check.id)).size).toBe(checks.length)
  expect(checks.find((check) => check.id === 'folder')?.found).toBe('/home/u/.sluice, writable')
})

test.each([
  ['setsid', { session: '-' }, /mark|environment/],
  ['setsid', { session: 'perl' }, /20 ms/],
  ['sha256', { sha256: '-' }, /by length only/],
  ['proc', { proc: '-' }, /by ps/],
  ['boot_id', { boot: 'unknown' }, /reboot/],
  ['uptime', { uptime: '' }, /no lease/],
  ['agent_shell', { wide: '-' }, /2 GB/],
  ['agent_shell', { printf: '-' }, /secrets/],
  ['agent_shell', { wide: '-', printf: '-' }, /2 GB.*\. No task with secrets/],
  ['clock', { clock: '1000018000000' }, /NTP/],
  ['folder', { 'folder.noexec': '1' }, /sh reads them/],
  ['folder', { 'folder.refuses': 'mkdir: No space left' }, /SLUICE_FOLDER/],
  ['disk', { 'folder.free_kb': '900' }, /Free some room/],
  ['inodes', { 'folder.free_inodes': '12' }, /ten files/],
  ['processes', { processes: '50' }, /fewer slots/],
  ['logout', { kills_at_logout: '1' }, /enable-linger/],
])('what a host lacks says what it costs: %s %j', (id, facts, cost) => {
  const check = look({ ...good, ...facts }).find((one) => one.id === id)
  expect(check?.level).toMatch(/note|bad/)
  expect(check?.cost).toMatch(cost)
})

test('a login shell that barks or dozes is told with how much', () => {
  const greeting = { shellMs: 2100, noiseBytes: 812 }
  const [login] = look(good, { greeting })
  expect(login).toMatchObject({
    level: 'note',
    found: 'bash, prints 812 bytes before our first word, takes 2.1 s',
  })
})

test('an answer without sense makes no check without words', () => {
  for (const facts of [
    {},
    { clock: 'x', 'folder.free_kb': '-5', boot: '' },
    { a: 'b'.repeat(9999) },
  ])
    for (const check of look(facts)) {
      expect(check.found).not.toBe('')
      expect(check.found.length).toBeLessThan(700)
    }
})

test('a refusal names the way out, and unknown words are kept and bounded', () => {
  expect(folderRefusedInWords('/r/.sluice', 'mkdir: Read-only file system')).toMatch(
    /SLUICE_FOLDER/,
  )
  expect(folderRefusedInWords('/r', 'dd: No space left on device')).toMatch(/full/)
  expect(folderRefusedInWords('/r', 'zsh reads the agent')).toMatch(/SLUICE_SH/)
  expect(refusalInWords('read_only')).toMatch(/`folder`/)
  expect(refusalInWords(`file_${'a'.repeat(64)}`)).toMatch(/no longer on the host/)
  expect(refusalInWords('x'.repeat(5000)).length).toBeLessThan(300)
  expect(lackInWords('uptime')).toMatch(/^an uptime: /)
  expect(lackInWords('something_new')).toBe('something_new')
})
