// The real store on real SQLite, made quickly: its tables are copied from one that was migrated before, and each statement is
// prepared once.
import Database from 'better-sqlite3'
import { openStore } from '../../electron/store/open.ts'
import type { Db, Store } from '../../electron/store/open.ts'

let migrated: Buffer | null = null

export function openQuickStore(): Store {
  migrated ??= serialized()
  const db = new Database(migrated)
  db.pragma('foreign_keys = on')
  prepareOnce(db)
  return { db, readonly: false, close: () => db.close() }
}

function serialized(): Buffer {
  const store = openStore(':memory:')
  const bytes = store.db.serialize()
  store.close()
  return bytes
}

function prepareOnce(db: Db): void {
  const prepare = db.prepare.bind(db)
  const known = new Map<string, ReturnType<typeof prepare>>()
  const once = (sql: string): ReturnType<typeof prepare> => {
    const found = known.get(sql) ?? prepare(sql)
    known.set(sql, found)
    return found
  }
  Object.assign(db, { prepare: once })
}
