// The pipeline texts that runs were made of, by version.
import type { VersionId } from '../../shared/run/ids.ts'
import type { Db } from './open.ts'

export interface VersionRow {
  version: VersionId
  pipeline: string
  file: string
  text: string
  gitCommit: string | null
  firstSeenAt: number
}

/** Keeps the first row of a version: its content cannot change. */
export function rememberVersion(db: Db, row: VersionRow): void {
  db.prepare('insert into version values (?, ?, ?, ?, ?, ?) on conflict do nothing').run(
    row.version,
    row.pipeline,
    row.file,
    row.text,
    row.gitCommit,
    row.firstSeenAt,
  )
}

export function findVersion(db: Db, version: VersionId): VersionRow | null {
  const row = db
    .prepare<[string], VersionRow>(
      `select version, pipeline, file, text, git_commit as gitCommit, first_seen_at as firstSeenAt
       from version where version = ?`,
    )
    .get(version)
  return row ?? null
}
