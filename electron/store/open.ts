// Opens the SQLite file: settings, numbered migrations with a backup before, and refusal of a newer file.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../../shared/api/app-error.ts'
import { makePrivateFile } from '../system/private-file.ts'

export type Db = Database.Database

const migrationsFolder = new URL('./migrations/', import.meta.url)

export interface Store {
  db: Db
  /** Opened for reading only: another process may be the writer. */
  readonly: boolean
  close(): void
}

/** `file` may be `:memory:`. Throws AppError('store-newer') when a newer Sluice wrote it. */
export function openStore(file: string, options: { readonly?: boolean } = {}): Store {
  // A file without a byte holds no tables yet: whoever comes first makes them.
  const readonly = options.readonly === true && (sizeOf(file) ?? 0) > 0
  // What it reads must be there: after an update the first command may well be one that only looks.
  if (readonly && isOlder(file)) openStore(file).close()
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Its journal and its index take the mode of the file.
  if (file !== ':memory:' && !readonly) makePrivateFile(file)
  const db = new Database(file, { readonly })
  try {
    db.pragma('busy_timeout = 5000')
    db.pragma('foreign_keys = on')
    if (!readonly) {
      db.pragma('journal_mode = wal')
      db.pragma('synchronous = normal')
      // 32 MB each: a wide run touches rows all over its tables, and checkpoints cost more than they save when small.
      db.pragma('cache_size = -32768')
      db.pragma('wal_autocheckpoint = 8192')
    }
    migrate(db, file, readonly)
  } catch (error) {
    db.close()
    throw error
  }
  return { db, readonly, close: () => db.close() }
}

function migrate(db: Db, file: string, readonly: boolean): void {
  const migrations = readMigrations()
  const newest = migrations.at(-1)?.number ?? 0
  const present = db.pragma('user_version', { simple: true }) as number
  if (present > newest) {
    throw new AppError(
      'store-newer',
      `${file} was written by a newer Sluice (store ${present}, this one knows ${newest}).`,
      {
        hint: 'Update Sluice, or set SLUICE_HOME to another folder.',
      },
    )
  }
  const due = migrations.filter((migration) => migration.number > present)
  if (due.length === 0 || readonly) return
  if (present > 0 && file !== ':memory:') {
    const backup = backupName(file, present)
    makePrivateFile(backup)
    db.exec(`vacuum into '${backup.replaceAll("'", "''")}'`)
  }
  db.transaction(() => {
    // Another process may have done it since: a reader that found nothing, beside an engine that starts.
    const reached = db.pragma('user_version', { simple: true }) as number
    for (const { number, sql } of due) if (number > reached) db.exec(sql)
    db.pragma(`user_version = ${newest}`)
  }).immediate()
}

function isOlder(file: string): boolean {
  const db = new Database(file, { readonly: true })
  try {
    const present = db.pragma('user_version', { simple: true }) as number
    return present < readMigrations().length
  } finally {
    db.close()
  }
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null
}

function backupName(file: string, present: number): string {
  const name = `${file}.before-${present + 1}`
  let free = name
  for (let i = 2; existsSync(free); i += 1) free = `${name}.${i}`
  return free
}

function readMigrations(): { number: number; sql: string }[] {
  return readdirSync(migrationsFolder)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .toSorted()
    .map((name) => ({
      number: Number(name.slice(0, 4)),
      sql: readFileSync(new URL(name, migrationsFolder), 'utf8'),
    }))
    .map((migration, index) => {
      if (migration.number !== index + 1) {
        throw new Error(`Migration ${index + 1} is missing in ${migrationsFolder.pathname}`)
      }
      return migration
    })
}
