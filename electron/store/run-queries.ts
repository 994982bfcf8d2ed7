// What screens, the command line and a start-up read about runs.
import { AppError } from '../../shared/api/app-error.ts'
import type { RunRow } from '../../shared/api/views.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { addCount } from '../../shared/run/fan-out.ts'
import { newTaskView, taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import { isRunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunState, TaskState } from '../../shared/run/states.ts'
import type { Db } from './open.ts'
import type { RunExtra, TaskExtra } from './view-extra.ts'

interface RunRecord {
  run: RunId
  pipeline: string
  environment: string
  version: VersionId
  state: RunState
  cause: string
  params: string
  logical_date: string | null
  created_at: number
  started_at: number | null
  ended_at: number | null
  cancel_asked: string | null
  resumes: number
  seq: number
  counts: string
  extra: string | null
}

interface TaskRecord {
  task: string
  item: number
  state: TaskState
  why: string
  queued_at: number | null
  ended_at: number | null
  due_at: number | null
  attempts_before: number
  elsewhere: number
  attempts: string
  extra: string | null
}

export interface RunFilter {
  pipeline?: string | null
  environment?: string | null
  state?: RunState | null
  /** Only runs that sort before this one. */
  before?: string | null
  limit: number
}

/** Newest first. */
export function listRuns(db: Db, filter: RunFilter): RunRow[] {
  return db
    .prepare<unknown[], RunRecord>(
      `select * from run where (@pipeline is null or pipeline = @pipeline)
       and (@environment is null or environment = @environment) and (@state is null or state = @state)
       and (@before is null or run < @before) order by run desc limit @limit`,
    )
    .all({ pipeline: null, environment: null, state: null, before: null, ...filter })
    .map(runRow)
}

export function findRun(db: Db, run: RunId): RunRow | null {
  const record = db.prepare<[string], RunRecord>('select * from run where run = ?').get(run)
  return record === undefined ? null : runRow(record)
}

/**
 * A run id, a unique part of one, or `latest`: the last that was started, not by another run. Throws AppError('not-found'), or 'bad-input' when several fit.
 */
export function resolveRunRef(db: Db, ref: string): RunId {
  if (isRunId(ref) && findRun(db, ref) !== null) return ref
  if (ref === 'latest') {
    const latest = latestRun(db)
    if (latest !== undefined) return latest
    throw new AppError('not-found', 'There is no run yet.', {
      hint: 'Start one: sluice run PIPELINE',
    })
  }
  const found = db
    .prepare<[string], RunId>(
      'select run from run where instr(run, ?) > 0 order by run desc limit 4',
    )
    .pluck()
    .all(ref)
  if (found.length === 1 && found[0] !== undefined) return found[0]
  if (found.length === 0) {
    throw new AppError('not-found', `There is no run "${ref}".`, { hint: 'List them: sluice runs' })
  }
  throw new AppError(
    'bad-input',
    `"${ref}" fits more than one run: ${found.slice(0, 3).join(', ')}.`,
    {
      hint: 'Write more of the id.',
    },
  )
}

/** An id begins with its second. Runs of one second are told apart by when they came to be. */
function latestRun(db: Db): RunId | undefined {
  const own = "cause ->> 'kind' <> 'parent'"
  return db
    .prepare<[], RunId>(
      `select run from run where ${own} and run >= (
         select substr(run, 1, 15) from run where ${own} order by run desc limit 1)
       order by created_at desc, run desc limit 1`,
    )
    .pluck()
    .get()
}

export function unfinishedRuns(db: Db): RunId[] {
  return db
    .prepare<[], RunId>(`select run from run where state in ('queued', 'running') order by run`)
    .pluck()
    .all()
}

export function loadEvents(db: Db, run: RunId, after: number, limit: number): RunEvent[] {
  return db
    .prepare<[string, number, number], { seq: number; at: number; kind: string; body: string }>(
      'select seq, at, kind, body from run_event where run = ? and seq > ? order by seq limit ?',
    )
    .all(run, after, limit)
    .map(
      ({ seq, at, kind, body }) =>
        ({ run, seq, at, kind, ...(JSON.parse(body) as object) }) as unknown as RunEvent,
    )
}

export function loadPlan(db: Db, run: RunId, version: VersionId): RunPlan | null {
  const body = db
    .prepare<[string, string], string>(
      'select body from run_plan join plan on hash = plan where run = ? and version = ?',
    )
    .pluck()
    .get(run, version)
  return body === undefined ? null : (JSON.parse(body) as RunPlan)
}

/** The run as its events fold, with the plan of its present version; null when there is no such run. */
export function loadRun(db: Db, run: RunId): { plan: RunPlan; view: RunView } | null {
  const record = db.prepare<[string], RunRecord>('select * from run where run = ?').get(run)
  if (record === undefined) return null
  const plan = loadPlan(db, run, record.version)
  if (plan === null) throw new Error(`Run ${run} has no plan for its version ${record.version}`)
  return { plan, view: { ...runHead(record), tasks: loadTasks(db, run, plan) } }
}

/** Good runs of a pipeline in an environment that sort before `before`, newest first. */
export function lastGoodRuns(
  db: Db,
  query: { pipeline: string; environment: string; before: RunId; limit: number },
): RunRow[] {
  return listRuns(db, { ...query, state: 'succeeded' })
}

function loadTasks(db: Db, run: RunId, plan: RunPlan): Record<string, TaskView> {
  const tasks = Object.create(null) as Record<string, TaskView>
  for (const task of plan.tasks) tasks[task.name] = newTaskView(task.name, null)
  const records = db
    .prepare<[string], TaskRecord>('select * from task_run where run = ?')
    .iterate(run)
  for (const record of records) {
    const item = record.item === -1 ? null : record.item
    tasks[taskKey(record.task, item)] = {
      task: record.task,
      item,
      state: record.state,
      why: record.why,
      queuedAt: record.queued_at,
      endedAt: record.ended_at,
      dueAt: record.due_at,
      attemptsBefore: record.attempts_before,
      elsewhere: record.elsewhere,
      attempts: JSON.parse(record.attempts) as AttemptView[],
      ...(record.extra === null ? {} : (JSON.parse(record.extra) as TaskExtra)),
    }
  }
  for (const head of Object.values(tasks)) if (head.fan !== undefined) addItems(tasks, head)
  return tasks
}

// Items that nothing has happened to have no rows; what each stands for is in its head's list.
function addItems(tasks: Record<string, TaskView>, head: TaskView): void {
  const fan = head.fan
  if (fan === undefined) return
  fan.counts = {}
  for (const [index, value] of fan.list.entries()) {
    const item = (tasks[taskKey(head.task, index)] ??= newTaskView(head.task, index))
    item.value = value
    addCount(fan.counts, item.state, 1)
  }
}

function runHead(record: RunRecord): Omit<RunView, 'tasks'> {
  return {
    run: record.run,
    pipeline: record.pipeline,
    environment: record.environment,
    version: record.version,
    params: JSON.parse(record.params) as RunView['params'],
    logicalDate: record.logical_date,
    cause: JSON.parse(record.cause) as RunView['cause'],
    state: record.state,
    createdAt: record.created_at,
    startedAt: record.started_at,
    endedAt: record.ended_at,
    cancelAsked:
      record.cancel_asked === null
        ? null
        : (JSON.parse(record.cancel_asked) as RunView['cancelAsked']),
    resumes: record.resumes,
    seq: record.seq,
    counts: JSON.parse(record.counts) as RunView['counts'],
    ...(record.extra === null ? {} : (JSON.parse(record.extra) as RunExtra)),
  }
}

function runRow(record: RunRecord): RunRow {
  const head = runHead(record)
  return {
    run: head.run,
    pipeline: head.pipeline,
    environment: head.environment,
    version: head.version,
    state: head.state,
    cause: head.cause,
    createdAt: head.createdAt,
    startedAt: head.startedAt,
    endedAt: head.endedAt,
    counts: head.counts,
    ...(head.asks !== undefined && { asks: head.asks }),
    ...(head.paused !== undefined && { isPaused: true }),
  }
}
