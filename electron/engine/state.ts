// What the engine holds in memory: live runs, slots, lanes and due times. All of it is derived from views and plans, so a
// restart builds it again. Counters make each decision cost what changed, not what the graph holds (E6).
import type { PoolPick } from '../../shared/pipeline/spec.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { isRunEnd, isTaskEnd, isTaskGood } from '../../shared/run/states.ts'
import { DueQueue } from './due-queue.ts'
import { newTrouble } from './health.ts'
import type { Trouble } from './health.ts'
import type { WorkQueue } from './work-queue.ts'

export interface LiveTask {
  readonly run: LiveRun
  readonly planned: PlannedTask
  view: TaskView
  readonly downstream: LiveTask[]
  /** Needs that have not ended well. */
  unmet: number
  /** Where it queues; null until it has. */
  lane: Lane | null
}

export interface LiveRun {
  readonly view: RunView
  plan: RunPlan
  taskByName: Map<string, LiveTask>
  /** Task runs that have not ended. */
  open: number
  /** Attempts whose log is not closed. */
  openLogs: number
  /** Attempts that hold a slot, by host. */
  readonly liveByHost: Map<string, number>
}

/** One machine's share of the work. */
export interface HostWork {
  readonly name: string
  /** Attempts that hold a slot: from `attempt.starting` to `attempt.ended` (E5). */
  readonly live: Set<LiveTask>
  /** Copies that were given up or failed over and may live on: each keeps its slot until it is proved gone. */
  readonly fences: Set<AttemptKey>
  /** Those that may put work here. */
  readonly lanes: Lane[]
  /** Null while the link is up or was never asked for. */
  downSince: number | null
  downWhy: string
  trouble: Trouble
}

/** Ready task runs that may go to the same hosts, chosen the same way. */
export interface Lane {
  readonly hosts: readonly HostWork[]
  readonly pick: PoolPick
  /** Null for a host by its own name. */
  readonly pool: PoolWork | null
  readonly queue: WorkQueue<LiveTask>
}

/** One pool's share of the work; tasks of older versions may know it with other hosts. */
export interface PoolWork {
  readonly name: string
  /** Attempts of its tasks that hold a slot (E5). */
  readonly live: Set<LiveTask>
  readonly lanes: Lane[]
}

export type Due =
  | { kind: 'retry'; run: RunId; task: string; number: number }
  | { kind: 'link_grace'; host: string; since: number }
  | { kind: 'unknown_wait'; run: RunId; task: string; number: number }
  | { kind: 'log_wait'; run: RunId; task: string; number: number }

export interface EngineState {
  readonly runs: Map<RunId, LiveRun>
  readonly hosts: Map<string, HostWork>
  readonly pools: Map<string, PoolWork>
  /** By the list of hosts and the way to choose among them. */
  readonly lanes: Map<string, Lane>
  readonly due: DueQueue<Due>
  /** Counts entries into lanes, so that lanes which share a host can be served in order. */
  tickets: number
}

export function newEngineState(): EngineState {
  return {
    runs: new Map(),
    hosts: new Map(),
    pools: new Map(),
    lanes: new Map(),
    due: new DueQueue(),
    tickets: 0,
  }
}

export function hostWork(state: EngineState, name: string): HostWork {
  let host = state.hosts.get(name)
  if (host === undefined) {
    host = {
      name,
      live: new Set(),
      fences: new Set(),
      lanes: [],
      downSince: null,
      downWhy: '',
      trouble: newTrouble(),
    }
    state.hosts.set(name, host)
  }
  return host
}

export function usedSlots(host: HostWork): number {
  return host.live.size + host.fences.size
}

export function newLiveRun(view: RunView, plan: RunPlan): LiveRun {
  return { view, plan, taskByName: new Map(), open: 0, openLogs: 0, liveByHost: new Map() }
}

/** Derives the counters of a run from its view and plan. */
export function indexRun(view: RunView, plan: RunPlan): LiveRun {
  const run = newLiveRun(view, plan)
  for (const planned of plan.tasks) {
    const task = view.tasks[planned.name]
    if (task === undefined) throw new Error(`Run ${view.run} has no task ${planned.name}`)
    const live = { run, planned, view: task, downstream: [], unmet: 0, lane: null }
    run.taskByName.set(planned.name, live)
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

/** The task's attempt holds a slot of the host, and of its pool (E5). */
export function occupy(task: LiveTask, host: HostWork): void {
  if (host.live.has(task)) return
  host.live.add(task)
  task.lane?.pool?.live.add(task)
  const { liveByHost } = task.run
  liveByHost.set(host.name, (liveByHost.get(host.name) ?? 0) + 1)
}

export function vacate(task: LiveTask, host: HostWork): void {
  if (!host.live.delete(task)) return
  task.lane?.pool?.live.delete(task)
  const { liveByHost } = task.run
  const left = (liveByHost.get(host.name) ?? 1) - 1
  if (left === 0) liveByHost.delete(host.name)
  else liveByHost.set(host.name, left)
}
