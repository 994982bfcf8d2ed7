// Looks for a value that should be nowhere but in the environment of the tasks it is meant for (H7): in every command line
// while the case runs, in what the agent keeps on the hosts meanwhile, and in every file that is left.
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import openDatabase from 'better-sqlite3'

export interface Spy {
  /** Where it was seen, in words, each place once. */
  close(): string[]
}

const argvEveryMs = 20
const filesEveryMs = 250
/** Larger ones are logs and outputs, which the last look takes. */
const fileBytesMax = 256 * 1024

/** `folders`: of the agents. Sees this process's namespace and those below. */
export function openSpy(needle: string, folders: readonly string[]): Spy {
  const seen = new Set<string>()
  const argv = setInterval(() => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        if (words.includes(needle))
          seen.add(`in the command line of ${words.slice(0, 60).replaceAll('\0', ' ')}`)
      } catch {
        // It has ended.
      }
    }
  }, argvEveryMs)
  const files = setInterval(() => {
    for (const folder of folders) {
      for (const path of filesBelow(folder)) {
        if (holds(path, needle, fileBytesMax))
          seen.add(`on a host, in ${placeOf(relative(folder, path))}`)
      }
    }
  }, filesEveryMs)
  return {
    close() {
      clearInterval(argv)
      clearInterval(files)
      return [...seen]
    },
  }
}

/** After the engine has ended. `dir`: of the case; the workspace in it is the user's own and may hold the value. */
export function searchFiles(dir: string, needle: string): string[] {
  const database = join(dir, 'home', 'sluice.db')
  const tables = tablesWith(database, needle)
  const found = tables.map((table) => `in the store, table ${table}`)
  const skipped = [join(dir, 'workspace'), ...(tables.length > 0 ? [database] : [])]
  for (const path of filesBelow(dir)) {
    if (skipped.some((one) => path.startsWith(one))) continue
    if (holds(path, needle, Number.POSITIVE_INFINITY))
      found.push(`in ${placeOf(relative(dir, path))}`)
  }
  return [...new Set(found)]
}

function tablesWith(database: string, needle: string): string[] {
  const db = openDatabase(database, { readonly: true, fileMustExist: true })
  try {
    const tables = db
      .prepare<[], string>(
        `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
      )
      .pluck()
      .all()
    return tables.filter((table) =>
      db
        .prepare<[], Record<string, unknown>>(`select * from "${table}"`)
        .all()
        .some((row) => JSON.stringify(row).includes(needle)),
    )
  } finally {
    db.close()
  }
}

/** Regular files only: to open a pipe would wait for whoever writes it. */
function filesBelow(dir: string): string[] {
  let entries
  try {
    entries = readdirSync(dir, { withFileTypes: true })
  } catch {
    return [] // released in this moment
  }
  return entries.flatMap((entry) => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

function holds(path: string, needle: string, bytesMax: number): boolean {
  try {
    return lstatSync(path).size <= bytesMax && readFileSync(path, 'latin1').includes(needle)
  } catch {
    return false
  }
}

/** Names of attempts are left out, so that a place is told once. */
function placeOf(path: string): string {
  return path.replaceAll(/\d{8}-\d{6}-[0-9a-z]{8}(?:\.\w+\.x\.\d+)?/g, 'KEY')
}
