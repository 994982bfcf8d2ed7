import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decideHostKey,
  fingerprintOf,
  knownHostLine,
  knownKeyTypes,
  linesOf,
  readKnownHosts,
  type HostName,
} from '../../electron/hosts/known-hosts.ts'

const data = join(import.meta.dirname, '../data/ssh')
const read = (name: string): string => readFileSync(join(data, name), 'utf8')
const rowsOf = <T>(name: string): T[] =>
  read(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)

interface Row {
  id: string
  test: string
  known_hosts: string
  host: string
  port: number
  server_presents: 'key' | 'cert'
  StrictHostKeyChecking: 'yes' | 'no' | 'accept-new'
  options: string[]
  expected: 'accept' | 'reject'
  why: string[]
}
const rows = rowsOf<Row>('known_hosts_rows.jsonl')
const keys = JSON.parse(read('known_hosts_keys.json')) as Record<string, string>
const keyOf = (name: string): Buffer => Buffer.from(keys[name]?.split(' ')[1] ?? '', 'base64')
const serverKey = keyOf('SERVER')

const nameOf = (row: Row): HostName => {
  const alias = row.options.find((option) => option.startsWith('HostKeyAlias='))
  if (alias !== undefined) return { host: alias.slice('HostKeyAlias='.length), port: 22 }
  const ip = row.options.includes('CheckHostIP=yes') ? '192.0.2.10' : null
  return { host: row.host, port: row.port, ip }
}
const decide = (row: Row): string =>
  decideHostKey(readKnownHosts(row.known_hosts, 'known_hosts'), nameOf(row), serverKey).kind

// Sluice asks for no certificate, so a server that has one shows its plain key. And it always asks or stops:
// StrictHostKeyChecking=no and accept-new are not followed.
const strict = rows.filter(
  (row) => row.server_presents === 'key' && row.StrictHostKeyChecking === 'yes',
)

test.each(strict)('$id as OpenSSH decides: $test', (row) => {
  expect(decide(row) === 'ok' ? 'accept' : 'reject').toBe(row.expected)
})

test('no key is accepted that OpenSSH would not take for known', () => {
  const wrong = rows.filter((row) => decide(row) === 'ok' && !row.why.includes('key-matches'))
  expect(rows).toHaveLength(67)
  expect(wrong.map((row) => row.id)).toEqual([])
})

test('a refusal says which kind it is', () => {
  const refused = strict.filter((row) => row.expected === 'reject' && row.options.length === 0)
  expect(refused.length).toBeGreaterThan(15)
  expect(refused.map((row) => [row.id, decide(row)])).toEqual(
    refused.map((row) => [row.id, row.why[0]]),
  )
})

// ssh asks in small letters and falls back to the name without port; ssh-keygen does neither.
const asked = rowsOf<{ host: string; found: { line: number }[] }>('known_hosts_find.jsonl').filter(
  ({ host }) => host === host.toLowerCase() && !host.startsWith('['),
)

test.each(asked)('lines that name $host are found as ssh-keygen finds them', ({ host, found }) => {
  const lines = readKnownHosts(read('openssh_testdata_known_hosts'), 'known_hosts')
  const readable = new Set(lines.map((line) => line.line))
  const ours = linesOf(lines, { host, port: 22 }).map((line) => line.line)
  expect(ours).toEqual(found.map(({ line }) => line).filter((line) => readable.has(line)))
})

test('a line that Sluice writes makes that key known, for that port alone', () => {
  const name = { host: 'Edge.example', port: 2201 }
  const lines = readKnownHosts(knownHostLine(name, serverKey), 'own')
  expect(decideHostKey(lines, name, serverKey).kind).toBe('ok')
  expect(decideHostKey(lines, { ...name, port: 22 }, serverKey).kind).toBe('unknown')
  expect(decideHostKey(lines, name, keyOf('OTHER')).kind).toBe('changed')
  expect(knownKeyTypes(lines, name)).toEqual(['ssh-ed25519'])
})

test('a fingerprint is what ssh prints', () => {
  expect(fingerprintOf(serverKey)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
})

test('no text crashes the reader or makes a key known that does not stand in it', () => {
  const pieces = fc.constantFrom(
    'server.org',
    '*',
    '!',
    ',',
    ' ',
    '\n',
    '|1|',
    '@revoked',
    '[',
    ']:22',
    'ssh-ed25519',
    'AAAA',
    '=',
    '#',
    '\t',
    '?',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }), (parts) => {
      const lines = readKnownHosts(parts.join(''), 'f')
      expect(decideHostKey(lines, { host: 'server.org', port: 22 }, serverKey).kind).not.toBe('ok')
    }),
    { numRuns: 2000 },
  )
})

test('a pattern of many stars is answered at once', () => {
  const line = `${'*a'.repeat(5000)}* ${keys['SERVER']}`
  const lines = readKnownHosts(line, 'f')
  expect(decideHostKey(lines, { host: `${'a'.repeat(4000)}b`, port: 22 }, serverKey).kind).toBe(
    'unknown',
  )
})
