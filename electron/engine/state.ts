// What the engine holds in memory: live runs, slots and due times. All of it is derived from views and plans, so a
// restart builds it again. Counters make each decision cost what changed, not what the graph holds (E6).
import type { RunView, TaskView } from '../../shared/run/fold.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { isRunEnd, isTaskEnd, isTaskGood } from '../../shared/run/states.ts'
import { DueQueue } from './due-queue.ts'
import { WorkQueue } from './work-queue.ts'

export interface LiveTask {
  readonly run: LiveRun
  readonly planned: PlannedTask
  view: TaskView
  readonly downstream: LiveTask[]
  /** Needs that have not ended well. */
  unmet: number
}

export interface LiveRun {
  readonly view: RunView
  plan: RunPlan
  taskByName: Map<string, LiveTask>
  /** Task runs that have not ended. */
  open: number
  /** Attempts whose log is not closed. */
  openLogs: number
}

/** One machine's share of the work. */
export interface HostWork {
  readonly name: string
  /** Attempts that hold a slot: from `attempt.starting` to `attempt.ended` (E5). */
  readonly live: Set<LiveTask>
  /** Ready task runs, first come first served. */
  readonly queue: WorkQueue<LiveTask>
  /** Null while the link is up or was never asked for. */
  downSince: number | null
  downWhy: string
}

export type Due =
  | { kind: 'retry'; run: RunId; task: string; number: number }
  | { kind: 'link_grace'; host: string; since: number }
  | { kind: 'unknown_wait'; run: RunId; task: string; number: number }
  | { kind: 'log_wait'; run: RunId; task: string; number: number }

export interface EngineState {
  readonly runs: Map<RunId, LiveRun>
  readonly hosts: Map<string, HostWork>
  readonly due: DueQueue<Due>
}

export function newEngineState(): EngineState {
  return { runs: new Map(), hosts: new Map(), due: new DueQueue() }
}

export function hostWork(state: EngineState, name: string): HostWork {
  let host = state.hosts.get(name)
  if (host === undefined) {
    host = { name, live: new Set(), queue: new WorkQueue(isReady), downSince: null, downWhy: '' }
    state.hosts.set(name, host)
  }
  return host
}

/** Derives the counters of a run from its view and plan. */
export function indexRun(view: RunView, plan: RunPlan): LiveRun {
  const run: LiveRun = { view, plan, taskByName: new Map(), open: 0, openLogs: 0 }
  for (const planned of plan.tasks) {
    const task = view.tasks[planned.name]
    if (task === undefined) throw new Error(`Run ${view.run} has no task ${planned.name}`)
    run.taskByName.set(planned.name, { run, planned, view: task, downstream: [], unmet: 0 })
  }
  for (const task of run.taskByName.values()) {
    if (!isTaskEnd(task.view.state)) run.open += 1
    for (const attempt of task.view.attempts) if (attempt.log === null) run.openLogs += 1
    for (const need of task.planned.needs) {
      const upstream = run.taskByName.get(need)
      if (upstream === undefined)
        throw new Error(`Task ${task.planned.name} needs ${need}, which is not there`)
      upstream.downstream.push(task)
      if (!isTaskGood(upstream.view.state)) task.unmet += 1
    }
  }
  return run
}

/** Puts a run that was read from the store, or is new, among the live ones. */
export function adoptRun(state: EngineState, run: LiveRun): void {
  if (isRunEnd(run.view.state)) return
  state.runs.set(run.view.run, run)
}

/** Where the task queues. */
export function firstHost(task: LiveTask): string {
  const host = task.planned.hosts[0]
  if (host === undefined) throw new Error(`Task ${task.planned.name} has no host`)
  return host
}

function isReady(task: LiveTask): boolean {
  return task.view.state === 'queued'
}
