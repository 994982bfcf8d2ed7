// Waves and their runs. What was shown is kept as it was; what became of it is in columns.
import type { Db } from './open.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunState } from '../../shared/run/states.ts'
import { isWaveOver } from '../../shared/run/wave.ts'
import type {
  Wave,
  WaveHead,
  WavePlan,
  WaveRun,
  WaveRunState,
  WaveState,
} from '../../shared/run/wave.ts'

/** What the runs were asked to be resumed with, as `run.resume` takes it. */
export type WaveAsked = object

export interface StoredWaveRun extends WaveRun {
  at: number
  planId: string
  /** How often the run had been resumed when the wave was made: one more means that the wave, or a person, has. */
  resumes: number
}

export interface StoredWave extends Omit<Wave, 'runs'> {
  asked: WaveAsked
  runs: StoredWaveRun[]
}

export interface NewWave {
  wave: string
  by: string
  reason: string
  createdAt: number
  plan: WavePlan
  asked: WaveAsked
  /** Of the runs that go, in their order. */
  resumes: ReadonlyMap<RunId, number>
}

interface HeadRecord {
  wave: string
  signature: string
  class: string
  words: string
  state: WaveState
  why: string
  by: string
  reason: string
  created_at: number
  ended_at: number | null
  plan: string
}

interface RunRecord {
  at: number
  run: RunId
  batch: number
  state: WaveRunState
  why: string
  resumes: number
}

/** All or nothing, and on the disk when it returns. */
export function createWave(db: Db, given: NewWave): void {
  const { wave, by, reason, createdAt, plan, asked, resumes } = given
  durably(db, () => {
    db.prepare(
      `insert into wave values (@wave, @signature, @class, @words, 'canary', '', @by, @reason, @createdAt, null, @plan, 1)`,
    ).run({
      wave,
      by,
      reason,
      createdAt,
      signature: plan.signature,
      class: plan.class,
      words: plan.words,
      plan: JSON.stringify({ ...plan, asked }),
    })
    const insert = db.prepare(`insert into wave_run values (?, ?, ?, ?, 'waiting', '', ?)`)
    for (const [at, one] of plan.runs.entries()) {
      if (one.batch !== null) insert.run(wave, at, one.run, one.batch, resumes.get(one.run) ?? 0)
    }
  })
}

export interface WaveChange {
  state: WaveState
  why: string
  now: number
  runs: readonly Pick<StoredWaveRun, 'at' | 'state' | 'batch' | 'why'>[]
}

/** Stored before anything is resumed (W5). */
export function changeWave(db: Db, wave: string, change: WaveChange): void {
  const { state, why, now, runs } = change
  durably(db, () => {
    const update = db.prepare(
      'update wave_run set state = @state, batch = @batch, why = @why where wave = @wave and at = @at',
    )
    for (const { at, state: of, batch, why: said } of runs)
      update.run({ wave, at, state: of, batch, why: said })
    db.prepare(
      `update wave set state = @state, why = @why,
       ended_at = case when @isOver then coalesce(ended_at, @now) end,
       unsettled = not @isOver or exists
         (select 1 from wave_run where wave_run.wave = @wave and wave_run.state = 'going')
       where wave = @wave`,
    ).run({ wave, state, why, now, isOver: isWaveOver(state) ? 1 : 0 })
  })
}

export function unsettledWaves(db: Db): string[] {
  return db
    .prepare<[], string>('select wave from wave where unsettled = 1 order by wave')
    .pluck()
    .all()
}

/** One that is not over, or of which something still goes; null: none. */
export function waveOfSignature(db: Db, signature: string): string | null {
  return (
    db
      .prepare<[string], string>(
        'select wave from wave where unsettled = 1 and signature = ? order by wave desc',
      )
      .pluck()
      .get(signature) ?? null
  )
}

/** The wave that such a run waits in or goes in; null: none. */
export function waveOfRun(db: Db, run: RunId): string | null {
  return (
    db
      .prepare<[string], string>(
        `select wave from wave_run where run = ? and state in ('waiting', 'going')`,
      )
      .pluck()
      .get(run) ?? null
  )
}

/** Null where there is no such run. */
export function runNow(db: Db, run: RunId): { state: RunState; resumes: number } | null {
  const now = db
    .prepare<[string], { state: RunState; resumes: number }>(
      'select state, resumes from run where run = ?',
    )
    .get(run)
  return now ?? null
}

/** The whole of it. Throws AppError('not-found'). */
export function loadWave(db: Db, wave: string): StoredWave {
  const record = db.prepare<[string], HeadRecord>('select * from wave where wave = ?').get(wave)
  if (record === undefined) throw noWave(wave)
  const plan = JSON.parse(record.plan) as WavePlan & { asked: WaveAsked }
  const records = db
    .prepare<[string], RunRecord>(
      'select at, run, batch, state, why, resumes from wave_run where wave = ? order by at',
    )
    .all(wave)
  const runs = records.map((one) => {
    const {
      pipeline = '',
      environment = '',
      task = '',
      host = '',
      planId = '',
    } = plan.runs[one.at] ?? {}
    return { ...one, pipeline, environment, task, host, planId }
  })
  return { ...headOf(record, plan, countsOf(runs)), asked: plan.asked, runs }
}

/** The plan that was shown. */
export function shownPlan(db: Db, wave: string): WavePlan {
  const text = db
    .prepare<[string], string>('select plan from wave where wave = ?')
    .pluck()
    .get(wave)
  if (text === undefined) throw noWave(wave)
  const { asked: _asked, ...plan } = JSON.parse(text) as WavePlan & { asked: WaveAsked }
  return plan
}

/** Newest first. */
export function listWaves(db: Db, limit: number): WaveHead[] {
  const counts = db.prepare<[string], { state: WaveRunState; runs: number }>(
    'select state, count(*) as runs from wave_run where wave = ? group by state',
  )
  return db
    .prepare<[number], HeadRecord>('select * from wave order by created_at desc, wave desc limit ?')
    .all(limit)
    .map((record) => {
      const states = counts.all(record.wave).map(({ state, runs }) => [state, runs])
      const plan = JSON.parse(record.plan) as WavePlan
      return headOf(record, plan, Object.fromEntries(states) as WaveHead['counts'])
    })
}

/** An id, a unique part of one, or `latest`. Throws AppError('not-found'), or 'bad-input' when several fit. */
export function resolveWaveRef(db: Db, ref: string): string {
  const found = db
    .prepare<{ ref: string }, string>(
      `select wave from wave where @ref = 'latest' or instr(wave, @ref) > 0 order by created_at desc, wave desc limit 4`,
    )
    .pluck()
    .all({ ref })
  const [first] = found
  if (first === undefined) throw noWave(ref)
  if (found.length === 1 || ref === 'latest') return first
  throw new AppError(
    'bad-input',
    `"${ref}" fits more than one wave: ${found.slice(0, 3).join(', ')}.`,
    {
      hint: 'Write more of the id.',
    },
  )
}

export function countsOf(runs: readonly Pick<WaveRun, 'state'>[]): WaveHead['counts'] {
  const counts: Partial<Record<WaveRunState, number>> = {}
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function headOf(record: HeadRecord, plan: WavePlan, counts: WaveHead['counts']): WaveHead {
  const { wave, signature, class: cause, words, state, why, by, reason } = record
  return {
    wave,
    signature,
    class: cause,
    words,
    state,
    why,
    by,
    reason,
    counts,
    sizes: plan.sizes,
    version: plan.version,
    planId: plan.planId,
    createdAt: record.created_at,
    endedAt: record.ended_at,
  }
}

function durably(db: Db, write: () => void): void {
  db.pragma('synchronous = full')
  try {
    db.transaction(write).immediate()
  } finally {
    db.pragma('synchronous = normal')
  }
}

function noWave(wave: string): AppError {
  return new AppError('not-found', `There is no wave "${wave}".`, {
    hint: 'See what failed alike: sluice incidents',
  })
}
