// Turns events into the state of one run. The engine, the store's tables and every screen use this one function.
// It changes the view in place: a run of 100,000 tasks costs per event what a run of ten does.
import type { RunEvent } from './events.ts'
import { countMove, expandFan, resetItems, resetTask } from './fan-out.ts'
import { isFenceDue, newTaskView, taskKey } from './run-view.ts'
import type { RunView, TaskView } from './run-view.ts'
import { assertNever } from './states.ts'

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
      view.cancelAsked = {
        by: event.by,
        reason: event.reason,
        at: event.at,
        ...(event.all === true ? { all: true as const } : {}),
      }
      return null
    case 'run.paused':
      view.paused = {
        by: event.by,
        reason: event.reason,
        at: event.at,
        ...(event.through === undefined ? {} : { through: event.through }),
      }
      return null
    case 'run.unpaused':
      delete view.paused
      return null
    case 'run.stop_asked': {
      const { by, reason, after, at } = event
      view.stopAsked = { by, reason, after, at }
      return null
    }
    case 'run.resumed':
      // One that goes on stays paused: only some of its tasks were taken back.
      if (view.state !== 'running') delete view.paused
      view.state = 'running'
      view.version = event.version
      view.resumes += 1
      if (event.params !== undefined) view.params = event.params
      view.endedAt = null
      view.cancelAsked = null
      delete view.retries
      delete view.stopAsked
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
  if (event.kind === 'task.expanded') {
    expandFan(view, task, event.items, (index) => newTaskView(event.task, index))
    return task
  }
  const before = task.state
  foldTask(task, event)
  if (event.kind === 'task.reset' && event.anew === true) resetItems(view, task)
  if (event.kind === 'task.retrying') view.retries = (view.retries ?? 0) + 1
  if (event.kind === 'approval.asked') (view.asks ??= {})[key] = event.message
  else if (task.state !== 'running' || task.approval?.decided !== null) dropAsk(view, key)
  if (task.state !== before) countMove(view, task, before)
  return task
}

function dropAsk(view: RunView, key: string): void {
  if (view.asks === undefined) return
  delete view.asks[key]
  for (const _other in view.asks) return
  delete view.asks
}

type FoldedHere = Exclude<TaskEvent, { kind: 'task.expanded' }>

function foldTask(task: TaskView, event: FoldedHere): void {
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
      if (event.anew === true) delete task.child
      return resetTask(task)
    case 'task.child':
      task.state = 'running'
      if (task.child !== event.child) task.children = (task.children ?? 0) + 1
      task.child = event.child
      return
    case 'task.held':
      task.held = { by: event.by, reason: event.reason, at: event.at }
      return
    case 'task.unheld':
      delete task.held
      return
    case 'task.marked':
      task.state = event.state
      task.marked = { state: event.state, by: event.by, reason: event.reason, at: event.at }
      task.why = `marked as ${event.state} by ${event.by}${event.reason === '' ? '' : `: ${event.reason}`}`
      task.endedAt = event.at
      task.dueAt = null
      return
    case 'approval.asked':
      task.state = 'running'
      task.approval = {
        message: event.message,
        askedAt: event.at,
        dueAt: event.dueAt,
        decided: null,
      }
      return
    case 'approval.decided':
      if (task.approval !== undefined) {
        const { decision, by, reason, values, at } = event
        task.approval.decided = { decision, by, reason, values, at }
      }
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

type AttemptEvent = Exclude<
  TaskEvent,
  { kind: `task.${string}` | `approval.${string}` | 'attempt.starting' }
>

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
      // What its end means for the task run may have to wait for the log.
      if (task.state === 'unknown') task.state = 'running'
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
    case 'attempt.checkpoint':
      task.checkpoint = { ...event.checkpoint, attempt: event.number }
      delete task.unsaved
      return
    case 'attempt.checkpoint_refused':
      task.unsaved = { attempt: event.number, why: event.why, at: event.at }
      return
    case 'attempt.log_closed':
      attempt.log = {
        bytes: event.bytes,
        sha256: event.sha256,
        ...(event.verified === undefined ? {} : { verified: event.verified }),
        gaps: event.gaps,
      }
      return
    default:
      assertNever(event)
  }
}
