// The disk under the store: full, by SQLite's own limit, so that a transaction fails in its middle as on a real one.
import type { Db } from '../../electron/store/open.ts'

/** It takes so many more pages. */
export function fillDisk(db: Db, pages: number): void {
  const used = db.pragma('page_count', { simple: true }) as number
  db.pragma(`max_page_count = ${used + pages}`)
}

const PAGES_MAX = 1_000_000

export function makeRoom(db: Db): void {
  db.pragma(`max_page_count = ${PAGES_MAX}`)
}

export function isDiskFull(error: unknown): boolean {
  return (error as { code?: string } | null)?.code === 'SQLITE_FULL'
}
