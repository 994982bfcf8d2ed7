// Writes what the engine decided: events and their fold in one transaction (E2).
import { createHash } from 'node:crypto'
import type { RunEvent } from '../../shared/run/events.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { Fence, HostOrders, Release, RunChange, RunStore } from '../ports/run-store.ts'
import type { Store } from './open.ts'
import { loadEvents, loadPlan, loadRun, unfinishedRuns } from './run-queries.ts'
import { runExtra, taskExtra } from './view-extra.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'

export function makeRunStore(store: Store): RunStore {
  const { db } = store
  const upsertRun = db.prepare(`
    insert into run values (@run, @pipeline, @environment, @version, @state, @cause, @params, @logicalDate,
      @createdAt, @startedAt, @endedAt, @cancelAsked, @resumes, @seq, @counts, @extra)
    on conflict (run) do update set version = @version, params = @params, state = @state, started_at = @startedAt, ended_at = @endedAt,
      cancel_asked = @cancelAsked, resumes = @resumes, seq = @seq, counts = @counts, extra = @extra`)
  const insertEvent = db.prepare('insert into run_event values (?, ?, ?, ?, ?)')
  const upsertTask = db.prepare(`
    insert into task_run values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (run, task, item) do update set state = excluded.state, why = excluded.why,
      queued_at = excluded.queued_at, ended_at = excluded.ended_at, due_at = excluded.due_at,
      attempts_before = excluded.attempts_before, attempts = excluded.attempts,
      elsewhere = excluded.elsewhere, extra = excluded.extra`)
  const insertPlan = db.prepare('insert into plan values (?, ?) on conflict do nothing')
  const insertRunPlan = db.prepare(
    'insert into run_plan values (?, ?, ?) on conflict do update set plan = excluded.plan',
  )
  const touchSynced = db.prepare('update synced set times = times + 1')

  const insertRelease = db.prepare('insert into release values (?, ?) on conflict do nothing')
  const deleteRelease = db.prepare('delete from release where key = ?')
  const unreleased = db.prepare<[], Release>('select host, key from release')

  const insertFence = db.prepare(
    'insert into fence values (@key, @host, @graceMs) on conflict do nothing',
  )
  const deleteFence = db.prepare('delete from fence where key = ?')
  const unfenced = db.prepare<[], Fence>('select host, key, grace_ms as graceMs from fence')

  const insertStart = db.prepare(`
    insert into semaphore_start values (@semaphore, @at, 1) on conflict do update set starts = starts + 1`)
  const forgetStarts = db.prepare(
    'delete from semaphore_start where semaphore = @semaphore and at <= @forgetUntil',
  )
  const recentStarts = db.prepare<[], { semaphore: string; at: number; starts: number }>(
    'select semaphore, at, starts from semaphore_start order by at',
  )

  const writeAll = db.transaction((changes: readonly RunChange[], orders: HostOrders) => {
    for (const change of changes) writeChange(change)
    for (const { host, key } of orders.releases) insertRelease.run(key, host)
    for (const { host, key, graceMs } of orders.fences) insertFence.run({ host, key, graceMs })
    for (const key of orders.fenced) deleteFence.run(key)
    for (const { semaphore, at, forgetUntil } of orders.starts ?? []) {
      insertStart.run({ semaphore, at })
      forgetStarts.run({ semaphore, forgetUntil })
    }
  })
  const confirmAll = db.transaction((keys: readonly AttemptKey[]) => {
    for (const key of keys) deleteRelease.run(key)
  })

  function writeChange({ view, events, touched, plan }: RunChange): void {
    upsertRun.run({
      run: view.run,
      pipeline: view.pipeline,
      environment: view.environment,
      version: view.version,
      state: view.state,
      cause: JSON.stringify(view.cause),
      params: JSON.stringify(view.params),
      logicalDate: view.logicalDate,
      createdAt: view.createdAt,
      startedAt: view.startedAt,
      endedAt: view.endedAt,
      cancelAsked: view.cancelAsked === null ? null : JSON.stringify(view.cancelAsked),
      resumes: view.resumes,
      seq: view.seq,
      counts: JSON.stringify(view.counts),
      extra: runExtra(view),
    })
    if (plan !== null) writePlan(view.run, plan)
    for (const event of events)
      insertEvent.run(event.run, event.seq, event.at, event.kind, eventBody(event))
    for (const task of touched) writeTask(view.run, task)
  }

  function writePlan(run: RunId, plan: RunPlan): void {
    const body = JSON.stringify(plan)
    const hash = createHash('sha256').update(body).digest('hex')
    insertPlan.run(hash, body)
    insertRunPlan.run(run, plan.version, hash)
  }

  function writeTask(run: RunId, task: TaskView): void {
    upsertTask.run(
      run,
      task.task,
      task.item ?? -1,
      task.state,
      task.why,
      task.queuedAt,
      task.endedAt,
      task.dueAt,
      task.attemptsBefore,
      JSON.stringify(task.attempts),
      task.elsewhere,
      taskExtra(task),
    )
  }

  return {
    commit(changes, { durable, ...orders }) {
      if (!durable) return writeAll.immediate(changes, orders)
      db.pragma('synchronous = full')
      try {
        writeAll.immediate(changes, orders)
      } finally {
        db.pragma('synchronous = normal')
      }
    },
    sync() {
      db.pragma('synchronous = full')
      try {
        touchSynced.run()
      } finally {
        db.pragma('synchronous = normal')
      }
    },
    unreleased: () => unreleased.all(),
    unfenced: () => unfenced.all(),
    recentStarts: () =>
      recentStarts
        .all()
        .flatMap(({ semaphore, at, starts }) =>
          Array.from({ length: starts }, () => ({ semaphore, at })),
        ),
    confirmReleases: (keys) => confirmAll.immediate(keys),
    unfinished: () => unfinishedRuns(db),
    load: (run) => loadRun(db, run),
    planOf: (run, version) => loadPlan(db, run, version),
    events: (run, after, limit) => loadEvents(db, run, after, limit),
  }
}

// `run`, `seq`, `at` and `kind` have columns of their own.
function eventBody(event: RunEvent): string {
  const { run: _run, seq: _seq, at: _at, kind: _kind, ...body } = event
  return JSON.stringify(body)
}
