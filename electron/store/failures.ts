// Failed runs of a time, each with what its failure is known by.
import type { Db } from './open.ts'
import type { Failure } from '../../shared/run/wave.ts'
import type { RunId } from '../../shared/run/ids.ts'

/** Null where it is to be found out yet. */
export interface FailedRun {
  run: RunId
  resumes: number
  known: Failure | null
}

interface Record {
  run: RunId
  pipeline: string
  environment: string
  resumes: number
  failed_at: number
  known: number | null
  signature: string | null
  class: string | null
  words: string | null
  task: string | null
  host: string | null
}

// A resume takes the failure back: what was found out about it counts for that number of resumes only.
const columns = `run.run, run.pipeline, run.environment, run.resumes, run.ended_at as failed_at, failure.resumes as known,
  signature, class, words, task, host
  from run left join failure on failure.run = run.run and failure.resumes = run.resumes`

export interface FailedFilter {
  /** Runs that ended since; ms since 1970 UTC. */
  since: number
  pipeline: string | null
  limit: number
}

const isWanted = `run.state = 'failed' and run.ended_at >= @since
  and (@pipeline is null or run.pipeline = @pipeline) and run.cause ->> 'kind' <> 'parent'`

/** Last failure first. Runs of sub-pipelines are left out: they are part of their parents. */
export function failedRuns(db: Db, filter: FailedFilter): FailedRun[] {
  return db
    .prepare<FailedFilter, Record>(
      `select ${columns} where ${isWanted} order by run.ended_at desc, run.run desc limit @limit`,
    )
    .all(filter)
    .map(failedRun)
}

export function countFailedRuns(db: Db, filter: Omit<FailedFilter, 'limit'>): number {
  const sql = `select count(*) as runs from run where ${isWanted}`
  return db.prepare<typeof filter, { runs: number }>(sql).get(filter)?.runs ?? 0
}

/** Null where it has not failed. */
export function failedRunOf(db: Db, run: RunId): FailedRun | null {
  const record = db
    .prepare<[string], Record>(`select ${columns} where run.run = ? and run.state = 'failed'`)
    .get(run)
  return record === undefined ? null : failedRun(record)
}

export function keepFailure(db: Db, failure: Failure, resumes: number): void {
  const { run, signature, class: cause, words, task, host } = failure
  db.prepare(
    'insert or replace into failure values (@run, @resumes, @signature, @cause, @words, @task, @host)',
  ).run({ run, resumes, signature, cause, words, task, host })
}

function failedRun(record: Record): FailedRun {
  const { run, pipeline, environment, resumes, failed_at: failedAt } = record
  if (record.known === null) return { run, resumes, known: null }
  const { signature, class: cause, words, task, host } = record
  const known = {
    run,
    pipeline,
    environment,
    failedAt,
    signature,
    class: cause ?? '',
    words: words ?? '',
    task: task ?? '',
    host: host ?? '',
  }
  return { run, resumes, known }
}
