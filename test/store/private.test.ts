// Values of environments stand in the store and in blobs: nobody else on the machine may read them, whatever the folder.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { openStore } from '../../electron/store/open.ts'
import { lockHome } from '../../electron/system/home-lock.ts'

test.skipIf(process.platform === 'win32')(
  'in a home that others can enter, they can read neither store, lock nor blobs',
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "sluice-'private-"))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const file = join(dir, 'sluice.db')
    const lock = lockHome(dir, 'test')
    openStore(file).close()
    const db = new Database(file)
    db.pragma('foreign_keys = off')
    const tables = db.prepare<[], string>(`select name from sqlite_schema where type = 'table'`)
    for (const name of tables.pluck().all()) db.exec(`drop table ${name}`)
    db.exec(readFileSync('electron/store/migrations/0001_core.sql', 'utf8'))
    db.pragma('user_version = 1')
    db.close()
    const store = openStore(file)
    store.db.exec('update synced set times = 7')
    await openBlobFiles(join(dir, 'blobs')).put(Buffer.from('an output'))
    const names = readdirSync(dir).filter((name) => name !== 'engine.json')
    expect(names).toContain('sluice.db-wal')
    expect(names).toContain('sluice.db.before-2')
    const modes = names.map((name) => [name, statSync(join(dir, name)).mode & 0o077])
    expect(modes).toEqual(names.map((name) => [name, 0]))
    store.close()
    lock?.release()
  },
)
