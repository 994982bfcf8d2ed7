// What becomes of the times a cron trigger was due since it was last decided. Pure.
//   T1  At most one of them runs: the newest, when it is on time or within the catch-up window. The rest are missed.
//   T2  Each is a row. Of a long absence the newest are listed, and the oldest of these says that there were more.
import { runOfOccurrence } from './occurrence-run.ts'
import type { OccurrenceRow } from '../../shared/api/views.ts'
import type { CronTrigger } from '../../shared/pipeline/spec.ts'
import { lastFiresBetween } from '../../shared/schedule/next-fires.ts'

/** A cron trigger of a pipeline, in the environment it fires in. */
export interface Schedule {
  pipeline: string
  environment: string
  /** Index in the pipeline file. */
  index: number
  trigger: CronTrigger
}

export interface Span {
  /** Decided up to here. */
  throughAt: number
  now: number
  /** Nothing was running until just now. */
  absent: boolean
}

/** A live decision may come this late: a busy machine, a short suspend. Cron's own grain is a minute. */
const onTimeMs = 60_000
/** Rows per trigger and absence. */
const rowsMax = 100

export function decideOccurrences(
  schedule: Schedule,
  { throughAt, now, absent }: Span,
  catchUpMs: number,
): OccurrenceRow[] {
  const dues = lastFiresBetween(schedule.trigger, throughAt, now, rowsMax + 1)
  const listed = dues.slice(-rowsMax)
  const rows = listed.map((dueAt) => missed(schedule, dueAt, { throughAt, now, absent }))
  const [oldest, newest] = [rows[0], rows.at(-1)]
  if (oldest !== undefined && dues.length > listed.length) {
    oldest.reason += ` Earlier ones since ${utc(throughAt)} are not listed.`
  }
  if (newest === undefined) return rows
  const lateMs = now - newest.dueAt
  if (!absent && lateMs <= onTimeMs) {
    rows[rows.length - 1] = running(schedule, newest.dueAt, 'ran', 'It was due.')
  } else if (lateMs <= catchUpMs) {
    const reason = `Caught up ${Math.round(lateMs / 1000)} s late. ${newest.reason}`
    rows[rows.length - 1] = running(schedule, newest.dueAt, 'caught_up', reason)
  }
  return rows
}

function running(
  { pipeline, environment, index }: Schedule,
  dueAt: number,
  decision: 'ran' | 'caught_up',
  reason: string,
): OccurrenceRow {
  const run = runOfOccurrence(pipeline, environment, index, dueAt)
  return { pipeline, environment, trigger: index, dueAt, decision, reason, run }
}

function missed(
  { pipeline, environment, index }: Schedule,
  dueAt: number,
  { now, absent }: Span,
): OccurrenceRow {
  const reason = absent
    ? 'Sluice was not running at that time.'
    : `It could be decided only at ${utc(now)}: the machine slept, or its clock was moved.`
  return { pipeline, environment, trigger: index, dueAt, decision: 'missed', reason, run: null }
}

function utc(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}
