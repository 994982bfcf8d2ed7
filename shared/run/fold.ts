// Turns events into the state of one run. The engine, the store's tables and every screen use this one function.
// It changes the view in place: a run of 100,000 tasks costs per event what a run of ten does.
import type { AttemptEnd, HostChoice, LogGap, LossCause, RunCause, RunEvent } from './events.ts'
import type { HostSnapshot } from './host-snapshot.ts'
import type { RunId, VersionId } from './ids.ts'
import type { AttemptState, RunState, TaskState } from './states.ts'
import { assertNever } from './states.ts'
import type { ParamValue } from '../pipeline/spec.ts'

export interface AttemptView {
  number: number
  host: string
  state: AttemptState
  /** Engine clock: when the start was decided. */
  startingAt: number
  /** Host clock; null until the host has answered. */
  hostStartedAt: number | null
  end: AttemptEnd | null
  /** Why the outcome is unknown; null otherwise. */
  unknownWhy: string | null
  /** Engine clock: since when, or since a person said to wait on. */
  unknownAt?: number
  /** Null while the log is open. */
  log: { bytes: number; sha256: string | null; gaps: readonly LogGap[] } | null
  /** Why this host of its pool. */
  chosen?: HostChoice
  /** H10. */
  snapshot?: HostSnapshot
  /** Given up or failed over: how its copy had fared when the host was back and it was proved gone; null until then. */
  fenced?: AttemptEnd | null
}

export interface TaskView {
  task: string
  item: number | null
  state: TaskState
  /** Why it ended so; empty while it has not. */
  why: string
  queuedAt: number | null
  endedAt: number | null
  /** When a retry is due; null unless `retrying`. */
  dueAt: number | null
  /** Attempts made before the last reset: they no longer count against `retries.max`. */
  attemptsBefore: number
  /** How often another host of the pool took over since the last reset; those attempts count in `attemptsBefore` too. */
  elsewhere: number
  attempts: AttemptView[]
}

export interface RunView {
  run: RunId
  pipeline: string
  environment: string
  version: VersionId
  params: Record<string, ParamValue>
  logicalDate: string | null
  cause: RunCause
  state: RunState
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  cancelAsked: { by: string; reason: string; at: number } | null
  /** How often it was resumed. */
  resumes: number
  /** seq of the last event folded in. */
  seq: number
  /** Task runs per state; states with none are absent. */
  counts: Partial<Record<TaskState, number>>
  /** By `taskKey`. JSON carries it as a plain object. */
  tasks: Record<string, TaskView>
}

/** `load`, or `load[3]` for an item. */
export function taskKey(task: string, item: number | null): string {
  return item === null ? task : `${task}[${item}]`
}

export function newTaskView(task: string, item: number | null): TaskView {
  return {
    task,
    item,
    state: 'waiting',
    why: '',
    queuedAt: null,
    endedAt: null,
    dueAt: null,
    attemptsBefore: 0,
    elsewhere: 0,
    attempts: [],
  }
}

/** The first event of a run; `taskNames` in the order of the plan. */
export function newRunView(
  event: Extract<RunEvent, { kind: 'run.created' }>,
  taskNames: readonly string[],
): RunView {
  const tasks: Record<string, TaskView> = Object.create(null) as Record<string, TaskView>
  for (const name of taskNames) tasks[name] = newTaskView(name, null)
  return {
    run: event.run,
    pipeline: event.pipeline,
    environment: event.environment,
    version: event.version,
    params: event.params,
    logicalDate: event.logicalDate,
    cause: event.cause,
    state: 'queued',
    createdAt: event.at,
    startedAt: null,
    endedAt: null,
    cancelAsked: null,
    resumes: 0,
    seq: event.seq,
    counts: taskNames.length === 0 ? {} : { waiting: taskNames.length },
    tasks,
  }
}

/** Folds one event in and gives the task it touched. Events must come in order; one already seen changes nothing. */
export function foldEvent(view: RunView, event: RunEvent): TaskView | null {
  if (event.seq <= view.seq) return null
  if (event.seq !== view.seq + 1) {
    throw new Error(`Run ${view.run}: event ${event.seq} came after ${view.seq}`)
  }
  view.seq = event.seq
  switch (event.kind) {
    case 'run.created':
      return null
    case 'run.started':
      view.state = 'running'
      view.startedAt ??= event.at
      return null
    case 'run.cancel_asked':
      view.cancelAsked = { by: event.by, reason: event.reason, at: event.at }
      return null
    case 'run.resumed':
      view.state = 'running'
      view.version = event.version
      view.resumes += 1
      view.endedAt = null
      view.cancelAsked = null
      return null
    case 'run.ended':
      view.state = event.state
      view.endedAt = event.at
      return null
    case 'remedy.ran':
      return null
    default:
      return foldTaskEvent(view, event)
  }
}

type TaskEvent = Exclude<RunEvent, { kind: `run.${string}` } | { kind: 'remedy.ran' }>

function foldTaskEvent(view: RunView, event: TaskEvent): TaskView {
  const key = taskKey(event.task, event.item)
  let task = view.tasks[key]
  if (task === undefined) {
    task = newTaskView(event.task, event.item)
    view.tasks[key] = task
    view.counts.waiting = (view.counts.waiting ?? 0) + 1
  }
  const before = task.state
  foldTask(task, event)
  if (task.state !== before) moveCount(view.counts, before, task.state)
  return task
}

function moveCount(counts: RunView['counts'], from: TaskState, to: TaskState): void {
  const left = (counts[from] ?? 1) - 1
  if (left === 0) delete counts[from]
  else counts[from] = left
  counts[to] = (counts[to] ?? 0) + 1
}

function foldTask(task: TaskView, event: TaskEvent): void {
  switch (event.kind) {
    case 'task.queued':
      task.state = 'queued'
      task.queuedAt = event.at
      task.dueAt = null
      if (event.elsewhere === true) {
        task.attemptsBefore += 1
        task.elsewhere += 1
      }
      return
    case 'task.retrying':
      task.state = 'retrying'
      task.dueAt = event.dueAt
      return
    case 'task.ended':
      task.state = event.state
      task.why = event.why
      task.endedAt = event.at
      task.dueAt = null
      return
    case 'task.reset':
      task.state = 'waiting'
      task.why = ''
      task.queuedAt = null
      task.endedAt = null
      task.attemptsBefore = task.attempts.length
      task.elsewhere = 0
      return
    case 'attempt.starting':
      task.state = 'running'
      task.attempts.push({
        number: event.number,
        host: event.host,
        state: 'starting',
        startingAt: event.at,
        hostStartedAt: null,
        end: null,
        unknownWhy: null,
        log: null,
        ...(event.chosen === undefined ? {} : { chosen: event.chosen }),
      })
      return
    default:
      foldAttemptEvent(task, event)
      return
  }
}

/** The copy at the host may live on, so it must be proved gone when the host is back. */
export function isFenceDue(cause: LossCause): boolean {
  return cause === 'failed_over' || cause === 'given_up' || cause === 'unknown_too_long'
}

/** It must still be proved gone. */
export function isFenceOpen(attempt: AttemptView): boolean {
  return attempt.fenced === null
}

type AttemptEvent = Exclude<TaskEvent, { kind: `task.${string}` } | { kind: 'attempt.starting' }>

function foldAttemptEvent(task: TaskView, event: AttemptEvent): void {
  const attempt = task.attempts[event.number - 1]
  if (attempt === undefined) throw new Error(`No attempt ${event.number} of ${event.task}`)
  switch (event.kind) {
    case 'attempt.running':
      attempt.state = 'running'
      attempt.hostStartedAt = event.hostStartedAt
      attempt.unknownWhy = null
      task.state = 'running'
      return
    case 'attempt.unknown':
      attempt.state = 'unknown'
      attempt.unknownWhy = event.why
      attempt.unknownAt = event.at
      task.state = 'unknown'
      return
    case 'attempt.found':
      attempt.state = attempt.hostStartedAt === null ? 'starting' : 'running'
      attempt.unknownWhy = null
      task.state = 'running'
      return
    case 'attempt.ended':
      attempt.state = 'ended'
      attempt.end = event.end
      attempt.unknownWhy = null
      if (event.end.outcome === 'lost' && isFenceDue(event.end.cause)) attempt.fenced = null
      return
    case 'attempt.settled':
      attempt.unknownAt = event.at
      return
    case 'attempt.fenced':
      attempt.fenced = event.end
      return
    case 'attempt.snapshot':
      attempt.snapshot = event.snapshot
      return
    case 'attempt.log_closed':
      attempt.log = { bytes: event.bytes, sha256: event.sha256, gaps: event.gaps }
      return
    default:
      assertNever(event)
  }
}
