import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openAudit } from '../../electron/store/audit.ts'
import type { AuditLog } from '../../electron/store/audit.ts'
import { openStore } from '../../electron/store/open.ts'
import type { Store } from '../../electron/store/open.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const entry = {
  by: 'ana',
  action: 'host.cordoned',
  subject: 'wh1',
  details: { fingerprint: 'SHA256:x', attempts: 3, forced: false, note: null },
  reason: 'the disk is being changed',
}

function openMemory(): { store: Store; audit: AuditLog } {
  const store = openStore(':memory:')
  onTestFinished(() => store.close())
  return { store, audit: openAudit(store.db, virtualClock()) }
}

/** What a person with a database tool can do: the triggers are no obstacle to them. */
function tamper(store: Store, sql: string): void {
  for (const name of ['audit_is_not_changed', 'audit_is_not_deleted', 'audit_has_no_gap']) {
    store.db.exec(`drop trigger if exists ${name}`)
  }
  store.db.exec(sql)
}

test('rows come back as they were given, newest first and by page', () => {
  const { audit } = openMemory()
  for (const subject of ['a', 'b', 'c']) audit.record({ ...entry, subject })
  const rows = audit.list({ before: null, limit: 2 })
  expect(rows.map(({ seq, subject }) => [seq, subject])).toEqual([
    [3, 'c'],
    [2, 'b'],
  ])
  expect(rows[0]).toMatchObject({ ...entry, subject: 'c' })
  expect(audit.list({ before: 2, limit: 9 }).map(({ subject }) => subject)).toEqual(['a'])
  expect(audit.verify()).toEqual({ rows: 3, brokenAt: null })
})

test('the store refuses to change, remove, replace or slip in a row', () => {
  const { store, audit } = openMemory()
  audit.record(entry)
  audit.record(entry)
  const refused = [
    `update audit set reason = 'another' where seq = 1`,
    'delete from audit where seq = 1',
    'delete from audit',
    `insert or replace into audit values (1, 0, 'eve', 'x', 'x', '{}', '', 'x')`,
    `insert into audit values (9, 0, 'eve', 'x', 'x', '{}', '', 'x')`,
  ]
  for (const sql of refused) expect(() => store.db.exec(sql)).toThrow('append-only')
  expect(audit.verify()).toEqual({ rows: 2, brokenAt: null })
})

test.each([
  ['a word is changed', `update audit set reason = 'nothing' where seq = 3`, 3],
  ['a fact is changed', `update audit set details = '{"attempts":4}' where seq = 2`, 2],
  ['a time is changed', 'update audit set at = at + 1 where seq = 1', 1],
  ['a row is gone', 'delete from audit where seq = 3', 4],
  ['the first rows are gone', 'delete from audit where seq < 3', 3],
  [
    'two rows change places',
    'update audit set seq = 99 where seq = 2; update audit set seq = 2 where seq = 3; update audit set seq = 3 where seq = 99',
    2,
  ],
  [
    'a row is slipped in at the end',
    `insert into audit values (6, 0, 'eve', 'host.opened', 'wh1', '{}', '', '${'0'.repeat(64)}')`,
    6,
  ],
])('verify names the first row that does not follow when %s', (_, sql, brokenAt) => {
  const { store, audit } = openMemory()
  for (const subject of ['a', 'b', 'c', 'd', 'e']) audit.record({ ...entry, subject })
  tamper(store, sql)
  expect(audit.verify().brokenAt).toBe(brokenAt)
  // It can still be read.
  expect(audit.list({ before: null, limit: 10 }).length).toBeGreaterThan(0)
})

test('the hash is the one that docs/security.md tells how to compute', () => {
  const { store, audit } = openMemory()
  audit.record(entry)
  audit.record({ ...entry, subject: 'wh2' })
  const rows = store.db.prepare('select * from audit order by seq').raw().all() as unknown[][]
  let previous = '0'.repeat(64)
  for (const row of rows) {
    const text = JSON.stringify([previous, ...row.slice(0, -1)])
    previous = createHash('sha256').update(text).digest('hex')
    expect(row.at(-1)).toBe(previous)
  }
})

test('whatever is recorded is bounded, comes back from the disk, and verifies', () => {
  const { audit } = openMemory()
  const text = fc.string({ unit: 'binary', maxLength: 2000 })
  const fact = fc.string({ unit: 'binary', maxLength: 100 })
  const value = fc.oneof(fact, fc.double(), fc.boolean(), fc.constant(null))
  const details = fc.dictionary(fc.string({ maxLength: 20 }), value, { maxKeys: 4 })
  const entries = fc.record({ by: text, action: text, subject: text, reason: text, details })
  fc.assert(
    fc.property(entries, (given) => audit.record(given)),
    { numRuns: 300 },
  )
  const { rows, brokenAt } = audit.verify()
  expect(brokenAt).toBeNull()
  const newest = audit.list({ before: null, limit: 1000 })
  expect(newest).toHaveLength(rows)
  for (const row of newest) {
    expect(row.reason.length).toBeLessThanOrEqual(1000)
    expect(Buffer.byteLength(JSON.stringify(row.details))).toBeLessThanOrEqual(4096)
  }
})

test('details that are no plain facts but a document are refused', () => {
  const { audit } = openMemory()
  const details = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, 'x'.repeat(5000)]))
  expect(() => audit.record({ ...entry, details })).toThrow('The details of an audit row')
})

test('two processes that record at once make one chain; a reader is refused', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-audit-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'sluice.db')
  const stores = [openStore(file), openStore(file), openStore(file, { readonly: true })]
  onTestFinished(() => stores.forEach((store) => store.close()))
  const [one, other, reader] = stores.map(({ db }) => openAudit(db, virtualClock())) as [
    AuditLog,
    AuditLog,
    AuditLog,
  ]
  for (let i = 0; i < 5; i += 1) {
    one.record(entry)
    other.record(entry)
  }
  expect(reader.verify()).toEqual({ rows: 10, brokenAt: null })
  expect(() => reader.record(entry)).toThrow('no engine is up')
})
