// The occurrence ledger in SQLite.
import type { Db } from './open.ts'
import type { OccurrenceLedger, TriggerWatch } from '../ports/occurrence-ledger.ts'
import type { OccurrenceRow } from '../../shared/api/views.ts'

const columns = `pipeline, environment, trigger_index as "trigger", due_at as dueAt, decision, reason, run`
const key = `pipeline = :pipeline and environment = :environment and trigger_index = :trigger`

/** Newest first. */
export function listOccurrences(
  db: Db,
  { pipeline, limit }: { pipeline: string | null; limit: number },
): OccurrenceRow[] {
  return db
    .prepare<{ pipeline: string | null; limit: number }, OccurrenceRow>(
      `select ${columns} from occurrence where :pipeline is null or pipeline = :pipeline
       order by due_at desc, pipeline, environment, trigger_index limit :limit`,
    )
    .all({ pipeline, limit })
}

export function occurrenceLedger(db: Db): OccurrenceLedger {
  const watches = db.prepare<[], TriggerWatch>(
    `select pipeline, environment, trigger_index as "trigger", says, through_at as throughAt
     from trigger_watch order by pipeline, environment, trigger_index`,
  )
  const insert = db.prepare(
    `insert into occurrence values
     (:pipeline, :environment, :trigger, :dueAt, :decision, :reason, :run, :settled)
     on conflict do nothing`,
  )
  const watch = db.prepare(
    `insert or replace into trigger_watch
     values (:pipeline, :environment, :trigger, :says, :throughAt)`,
  )
  const unwatch = db.prepare(`delete from trigger_watch where ${key}`)
  const settle = db.prepare(
    `update occurrence set settled = 1 where ${key} and due_at = :dueAt and settled = 0`,
  )
  const revise = db.prepare(
    `update occurrence set decision = :decision, reason = :reason, run = :run, settled = 1
     where ${key} and due_at = :dueAt and settled = 0`,
  )
  const unsettled = db.prepare<[], OccurrenceRow>(
    `select ${columns} from occurrence where settled = 0
     order by due_at, pipeline, environment, trigger_index`,
  )
  const settleRecorded = db.prepare(
    `update occurrence set settled = 1
     where settled = 0 and exists (select 1 from run where run.run = occurrence.run)`,
  )
  const record = db.transaction(
    (rows: readonly OccurrenceRow[], moved: readonly TriggerWatch[]): OccurrenceRow[] => {
      const added = rows.filter((row) => {
        const settled = row.run === null ? 1 : 0
        return insert.run({ ...row, settled }).changes === 1
      })
      for (const each of moved) watch.run(each)
      return added
    },
  )
  return {
    watches: () => watches.all(),
    record: (rows, moved) => record.immediate(rows, moved),
    forget: db.transaction((gone: readonly TriggerWatch[]) => {
      for (const each of gone) unwatch.run(each)
    }),
    settle: (row) => void settle.run(row),
    revise: (row) => void revise.run(row),
    unsettled() {
      settleRecorded.run()
      return unsettled.all()
    },
  }
}
