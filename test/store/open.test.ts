import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../electron/store/open.ts'
import { errorShape } from '../../shared/api/app-error.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-store-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('a new store has every migration and opens again without a backup', () => {
  const file = join(folder, 'deep', 'sluice.db')
  openStore(file).close()
  const store = openStore(file)
  expect(store.db.pragma('user_version', { simple: true })).toBeGreaterThan(0)
  expect(store.db.pragma('foreign_key_check')).toEqual([])
  store.close()
  expect(readdirSync(join(folder, 'deep')).filter((name) => name.includes('before'))).toEqual([])
})

test('a reader of a file that holds nothing yet sees an empty store, whoever made the file', () => {
  const file = join(folder, 'sluice.db')
  writeFileSync(file, '')
  const store = openStore(file, { readonly: true })
  expect(store.db.prepare('select count(*) from run').pluck().get()).toBe(0)
  store.close()
})

test('damage is told as trouble with the machine, not as a bug', () => {
  const file = join(folder, 'sluice.db')
  writeFileSync(file, 'A'.repeat(10_000))
  let shape = null
  try {
    openStore(file)
  } catch (error) {
    shape = errorShape(error)
  }
  expect(shape).toMatchObject({
    code: 'environment',
    message: expect.stringMatching(/not a database/),
  })
})

test('a store that a newer Sluice wrote is refused and left as it is', () => {
  const file = join(folder, 'sluice.db')
  openStore(file).close()
  const db = new Database(file)
  db.pragma('user_version = 999')
  db.close()
  expect(() => openStore(file)).toThrow(/newer Sluice/)
  expect(new Database(file, { readonly: true }).pragma('user_version', { simple: true })).toBe(999)
})

test('an older store is backed up before it is brought up to date', () => {
  const file = join(folder, 'sluice.db')
  const migrations = new URL('../../electron/store/migrations/', import.meta.url)
  const db = new Database(file)
  db.exec(readFileSync(new URL('0001_core.sql', migrations), 'utf8'))
  db.pragma('user_version = 1')
  db.close()
  openStore(file).close()
  expect(existsSync(`${file}.before-2`)).toBe(true)
})

test('a reader sees what the writer commits and cannot write', () => {
  const file = join(folder, 'sluice.db')
  const writer = openStore(file)
  const reader = openStore(file, { readonly: true })
  writer.db.exec('update synced set times = 7')
  expect(reader.db.prepare('select times from synced').pluck().get()).toBe(7)
  expect(() => reader.db.exec('update synced set times = 8')).toThrow(/readonly/)
  reader.close()
  writer.close()
})

test('a reader that comes first after an update finds the tables of this version, and a backup', () => {
  const file = join(folder, 'sluice.db')
  const old = new Database(file)
  old.exec(readFileSync('electron/store/migrations/0001_core.sql', 'utf8'))
  old.pragma('user_version = 1')
  old.close()
  const reader = openStore(file, { readonly: true })
  expect(reader.db.prepare('select count(*) from audit').pluck().get()).toBe(0)
  expect(() => reader.db.exec('update synced set times = 7')).toThrow(/readonly/)
  reader.close()
  expect(existsSync(`${file}.before-2`)).toBe(true)
})
