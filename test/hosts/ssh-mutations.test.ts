// Files of a person and keys of a server, mutated: no reader crashes, hangs, or takes what is not there.
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { decideHostKey, hasAuthority, readKnownHosts } from '../../electron/hosts/known-hosts.ts'
import { randomart } from '../../electron/hosts/randomart.ts'
import { readConfigFor } from '../../electron/hosts/ssh-config-file.ts'
import { parseKey, readIdentity } from '../../electron/hosts/ssh-identity.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { makeKey } from '../helpers/test-server.ts'
import { seededDice } from '../helpers/world.ts'

const data = join(import.meta.dirname, '../data/ssh')
const rowsOf = <T>(name: string): T[] =>
  readFileSync(join(data, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
const knownRows = rowsOf<{ known_hosts: string; host: string; port: number }>(
  'known_hosts_rows.jsonl',
)
const configRows = rowsOf<{ config: string; argv: [string] }>('ssh_config_rows.jsonl')
const keys = JSON.parse(readFileSync(join(data, 'known_hosts_keys.json'), 'utf8')) as Record<
  string,
  string
>
const stranger = Buffer.from(keys['OTHER']?.split(' ')[1] ?? '', 'base64')

const dice = seededDice(20)
const pick = (length: number): number => Math.floor(dice.roll() * length)
const pieces = [
  '\n', ' ', '\t', '"', "'", '\\', '#', '=', '*', '!', ',', '?', '|1|', '@revoked', '@cert-authority',
  '[', ']:22', '%h', '%', '${', '}', '\0', '\u202e', 'Include *', 'Match exec "exit 0"', 'Host *',
  'A'.repeat(3000), '*a'.repeat(1500), '\r\n',
] // prettier-ignore

/** Some small harms: a piece put in, a stretch cut out, doubled, moved or overwritten. */
function mutate(text: string, other: string, harmsMax = 6): string {
  let found = text
  for (let times = 1 + pick(harmsMax); times > 0; times--) {
    const at = pick(found.length + 1)
    const end = Math.min(found.length, at + pick(40))
    const stretch = found.slice(at, end)
    const from = pick(other.length)
    found =
      [
        () => found.slice(0, at) + (pieces[pick(pieces.length)] ?? '') + found.slice(at),
        () => found.slice(0, at) + found.slice(end),
        () => found.slice(0, end) + stretch.repeat(1 + pick(5)) + found.slice(end),
        () => found.slice(0, at) + String.fromCharCode(pick(300)) + found.slice(at + 1),
        () => found.slice(0, at) + other.slice(from, from + pick(80)) + found.slice(at),
      ][pick(5)]?.() ?? found
  }
  return found
}

test('R3: 45,000 mutated known_hosts make no stranger known', () => {
  const slow: number[] = []
  const wrong: string[] = []
  for (let count = 0; count < 45_000; count++) {
    const row = knownRows[count % knownRows.length]
    const other = knownRows[pick(knownRows.length)]
    if (row === undefined || other === undefined) throw new Error('no rows')
    // The stranger's key must not come in by the other file.
    const text = mutate(row.known_hosts, other.known_hosts).replaceAll(keys['OTHER'] ?? '', '')
    const startedAt = performance.now()
    const lines = readKnownHosts(text, 'f')
    const name = { host: row.host, port: row.port }
    const isThere = lines.some((line) => line.key.equals(stranger))
    if (!isThere && decideHostKey(lines, name, stranger).kind === 'ok') wrong.push(text)
    hasAuthority(lines, name)
    const ms = performance.now() - startedAt
    if (ms > 1000) slow.push(ms)
  }
  expect(wrong).toEqual([])
  expect(slow).toEqual([])
})

test('R3: 5000 mutated configurations are read, or refused in words', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-mutations-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'config')
  let refused = 0
  for (let count = 0; count < 5000; count++) {
    const row = configRows[count % configRows.length]
    const other = configRows[pick(configRows.length)]
    if (row === undefined || other === undefined) throw new Error('no rows')
    writeFileSync(file, mutate(row.config, other.config, 2))
    const startedAt = performance.now()
    try {
      await readConfigFor(row.argv[0], file, { HOME: dir })
    } catch (error) {
      // Paths with a NUL and the like are the system's to refuse.
      if (!(error instanceof AppError)) throw error
      refused++
    }
    expect(performance.now() - startedAt).toBeLessThan(5000)
  }
  expect(refused).toBeGreaterThan(500)
  expect(refused).toBeLessThan(4950)
}, 120_000)

test('R3: mutated keys are drawn and opened, or refused in words', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-mutations-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const [open, locked, file] = [join(dir, 'open'), join(dir, 'locked'), join(dir, 'mutated')]
  await Promise.all([makeKey(open), makeKey(locked, 'secret')])
  const texts = [open, locked].map((one) => readFileSync(one, 'utf8'))
  let opened = 0
  for (let count = 0; count < 500; count++) {
    const bytes = Buffer.from(stranger)
    for (let times = pick(4); times > 0; times--) bytes[pick(bytes.length)] = pick(256)
    expect(randomart(bytes.subarray(0, pick(bytes.length + 1))).split('\n')).toHaveLength(11)
    const text = mutate(texts[count % 2] ?? '', texts[(count + 1) % 2] ?? '')
    writeFileSync(file, text)
    const identity = await readIdentity(file)
    expect(identity.file).toBe(file)
    // It takes half a second each.
    if (identity.encrypted !== null && opened++ < 2) parseKey(identity.encrypted, 'secret')
  }
}, 120_000)

test('R3: a damaged key file that would take a day to open is refused, wherever else it is damaged', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-mutations-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const [locked, file] = [join(dir, 'locked'), join(dir, 'mutated')]
  await makeKey(locked, 'secret')
  const lines = readFileSync(locked, 'utf8').trim().split('\n')
  const body = Buffer.from(lines.slice(1, -1).join(''), 'base64')
  // The salt is 16 bytes long, and the rounds follow it.
  const rounds = body.indexOf(Buffer.from([0, 0, 0, 16]), 20) + 20
  body.writeUInt32BE(0xffff_ffff, rounds)
  const cut = Buffer.from(body)
  cut.writeUInt32BE(0xffff_ffff, rounds + 8) // the length of the public key
  for (const bytes of [body, cut]) {
    for (const text of [bytes.toString('base64'), bytes.toString('base64url')]) {
      writeFileSync(file, [lines[0], text, lines.at(-1), ''].join('\n'))
      const identity = await readIdentity(file)
      expect(identity.encrypted).toBeNull()
      expect(identity.problem).toContain('rounds to open')
    }
  }
})
