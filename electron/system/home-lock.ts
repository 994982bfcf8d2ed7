// One engine per home. The lock is an exclusive transaction on an open SQLite file: the operating system frees it
// however the process ends, and no other process can take it for a dead one's by mistake.
//   Nothing here may open `engine.lock` by other means: closing any descriptor of it would drop a POSIX lock.
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { makeHome } from './home.ts'
import { makePrivateFile } from './private-file.ts'
import { replaceFile } from './replace-file.ts'

export interface Holder {
  pid: number
  /** `app`, `serve`, `run`...: for people. */
  face: string
}

export interface HomeLock {
  release(): void
}

/** Held here too: a caller that drops its lock must not lose it to the garbage collector. */
const locked = new Set<Database.Database>()

/** null while another engine holds the home (`readHolder` tells which). */
export function lockHome(home: string, face = 'sluice'): HomeLock | null {
  makeHome(home)
  // A file that others can read, they can lock too.
  makePrivateFile(join(home, 'engine.lock'))
  const database = new Database(join(home, 'engine.lock'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return null
    throw error
  }
  writeHolder(home, { pid: process.pid, face })
  locked.add(database)
  return {
    release() {
      if (!locked.delete(database)) return
      rmSync(holderFile(home), { force: true })
      database.close()
    },
  }
}

/** What the last engine wrote about itself. It may have died since: only `lockHome` tells. */
export function readHolder(home: string): Holder | null {
  try {
    const { pid, face } = JSON.parse(readFileSync(holderFile(home), 'utf8')) as Partial<Holder>
    return typeof pid === 'number' && typeof face === 'string' ? { pid, face } : null
  } catch {
    // Missing or torn: nobody can be named.
    return null
  }
}

function writeHolder(home: string, holder: Holder): void {
  replaceFile(holderFile(home), JSON.stringify(holder))
}

const holderFile = (home: string): string => join(home, 'engine.json')

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
