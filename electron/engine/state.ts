// What the engine holds in memory: live runs, slots, lanes and due times. All of it is derived from views and plans, so a
// restart builds it again. Counters make each decision cost what changed, not what the graph holds (E6).
import type { PoolPick } from '../../shared/pipeline/spec.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { isRunEnd, isTaskEnd } from '../../shared/run/states.ts'
import { DueQueue } from './due-queue.ts'
import { newTrouble } from './health.ts'
import type { Trouble } from './health.ts'
import { KeyedHeap } from './keyed-heap.ts'
import { newLimits } from './limits.ts'
import type { Limit, Limits, Need } from './limits.ts'
import { countNeed, noNeeds } from './trigger-rule.ts'
import type { NeedCounts } from './trigger-rule.ts'
import type { WorkQueue } from './work-queue.ts'

/** One task run: a task, or one item of a fan-out. */
export interface LiveTask {
  readonly run: LiveRun
  readonly planned: PlannedTask
  view: TaskView
  /** How its needs have ended so far. */
  readonly needs: NeedCounts
  /** Tasks that need it; an item has none, its head has. */
  readonly downstream: LiveTask[]
  /** Set-up tasks without which it makes no sense: a failure there ends it at once. */
  readonly setups: LiveTask[]
  /** The other way round: of a set-up task, all that it matters to. */
  readonly guards: LiveTask[]
  /** Of an item: its fan-out. */
  readonly head: LiveTask | null
  /** Of a fan-out whose list is known. */
  fan: LiveFan | null
  /** Where it queues; null until it has. */
  lane: Lane | null
}

export interface LiveFan {
  /** By index. */
  readonly items: LiveTask[]
  /** No item before it waits. */
  next: number
}

export interface LiveRun {
  readonly view: RunView
  plan: RunPlan
  /** By `taskKey`: tasks, and items of fan-outs whose list is known. */
  taskByName: Map<string, LiveTask>
  /** Task runs that have not ended; a fan-out and each of its items count. */
  open: number
  /** Of these, tasks that are not final: those start when it reaches zero. */
  openBody: number
  /** The final tasks have been looked at since then. */
  isFinalizing: boolean
  /** Attempts whose log is not closed. */
  openLogs: number
  /** Attempts that hold a slot, by host. */
  readonly liveByHost: Map<string, number>
  /** Where its tasks have queued. */
  readonly lanes: Set<Lane>
}

/** One machine's share of the work. */
export interface HostWork {
  readonly name: string
  /** Attempts that hold a slot: from `attempt.starting` to `attempt.ended` (E5). */
  readonly live: Set<LiveTask>
  /** Copies that were given up or failed over and may live on: each keeps its slot until it is proved gone. */
  readonly fences: Set<AttemptKey>
  /** Copies that are gone and have left a rest of their log there. */
  readonly owed: Set<AttemptKey>
  /** Those that may put work here. */
  readonly lanes: Set<Lane>
  /** Those that wait for a slot here, best first. */
  readonly parked: KeyedHeap<Lane>
  /** Null while the link is up or was never asked for. */
  downSince: number | null
  downWhy: string
  /** Since when it has surely heard nothing from us, ms of this engine's life; a clock that steps does not touch it. */
  silentSinceMs: number
  /** Attempts on another machine with the same home -> since when that one has heard nothing from us, as above. */
  readonly elsewhere: Map<AttemptKey, number>
  trouble: Trouble
}

/** Ready task runs that may go to the same hosts, chosen the same way, and need the same of the same limits. */
export interface Lane {
  /** All that its tasks have in common. */
  readonly name: string
  /** Live runs that have queued there; without any it is gone. */
  readonly runs: Set<LiveRun>
  readonly hosts: readonly HostWork[]
  readonly pick: PoolPick
  /** Null for a host by its own name. */
  readonly pool: string | null
  readonly needs: readonly Need<Lane>[]
  readonly queue: WorkQueue<LiveTask, LiveRun>
  /** Where it waits for room. */
  readonly parkedAt: Place[]
  /** What else is kept for it. */
  readonly claims: Limit<Lane>[]
}

/** What may be full. */
export type Place = HostWork | Limit<Lane>

/** Between lanes that want the same. */
export function laneGoesBefore(left: Lane, right: Lane): boolean {
  return left.queue.goesBefore(right.queue)
}

/** `task`: its `taskKey`. */
export type Due =
  | { kind: 'retry'; run: RunId; task: string }
  | { kind: 'link_grace'; host: string; since: number }
  | { kind: 'unknown_wait'; run: RunId; task: string; number: number }
  | { kind: 'approval'; run: RunId; task: string }
  | { kind: 'log_wait'; run: RunId; task: string; number: number }
  | { kind: 'rate_opens'; semaphore: string }

export interface EngineState {
  readonly runs: Map<RunId, LiveRun>
  readonly hosts: Map<string, HostWork>
  readonly limits: Limits<Lane>
  /** By name. */
  readonly lanes: Map<string, Lane>
  readonly laneByPlanned: WeakMap<PlannedTask, Lane>
  readonly due: DueQueue<Due>
}

export function newEngineState(): EngineState {
  return {
    runs: new Map(),
    hosts: new Map(),
    limits: newLimits(laneGoesBefore),
    lanes: new Map(),
    laneByPlanned: new WeakMap(),
    due: new DueQueue(),
  }
}

export function hostWork(state: EngineState, name: string): HostWork {
  let host = state.hosts.get(name)
  if (host === undefined) {
    host = {
      name,
      live: new Set(),
      fences: new Set(),
      owed: new Set(),
      lanes: new Set(),
      parked: new KeyedHeap(laneGoesBefore),
      downSince: null,
      // What an engine before this one said to it, nobody knows.
      silentSinceMs: 0,
      downWhy: '',
      elsewhere: new Map(),
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
  return {
    view,
    plan,
    taskByName: new Map(),
    open: 0,
    openBody: 0,
    isFinalizing: false,
    openLogs: 0,
    liveByHost: new Map(),
    lanes: new Set(),
  }
}

/** Derives the graph and the counters of a run from its view and plan. */
export function indexRun(view: RunView, plan: RunPlan): LiveRun {
  const run = newLiveRun(view, plan)
  for (const planned of plan.tasks) addTask(run, planned)
  for (const task of run.taskByName.values()) {
    if (task.view.fan !== undefined && task.head === null) addItems(run, task)
  }
  for (const planned of plan.tasks) {
    const task = liveTask(run, planned.name)
    for (const need of planned.needs) {
      const upstream = run.taskByName.get(need)
      if (upstream === undefined)
        throw new Error(`Task ${planned.name} needs ${need}, which is not there`)
      upstream.downstream.push(task)
      task.needs.total += 1
      countNeed(task.needs, upstream.view.state, 1)
    }
  }
  markSetups(run)
  return run
}

/** The task of this name; one that the plan has. */
export function liveTask(run: LiveRun, name: string): LiveTask {
  const task = run.taskByName.get(name)
  if (task === undefined) throw new Error(`Run ${run.view.run} has no task ${name}`)
  return task
}

function addTask(run: LiveRun, planned: PlannedTask): void {
  const view = run.view.tasks[planned.name]
  if (view === undefined) throw new Error(`Run ${run.view.run} has no task ${planned.name}`)
  enter(run, newLiveTask(run, planned, view, null))
}

/** The items of a fan-out that has its list. */
export function addItems(run: LiveRun, head: LiveTask): LiveFan {
  const fan: LiveFan = { items: [], next: 0 }
  for (const index of head.view.fan?.list.keys() ?? []) {
    const view = run.view.tasks[taskKey(head.planned.name, index)]
    if (view === undefined) throw new Error(`${head.planned.name} has no item ${index}`)
    const item = newLiveTask(run, head.planned, view, head)
    fan.items.push(item)
    enter(run, item)
  }
  head.fan = fan
  return fan
}

function newLiveTask(
  run: LiveRun,
  planned: PlannedTask,
  view: TaskView,
  head: LiveTask | null,
): LiveTask {
  const needs = noNeeds()
  return {
    run,
    planned,
    view,
    needs,
    downstream: [],
    setups: [],
    guards: [],
    head,
    fan: null,
    lane: null,
  }
}

function enter(run: LiveRun, task: LiveTask): void {
  const { view, planned } = task
  run.taskByName.set(taskKey(view.task, view.item), task)
  if (!isTaskEnd(view.state)) {
    run.open += 1
    if (task.head === null && planned.isFinal !== true) run.openBody += 1
  }
  for (const attempt of view.attempts) if (attempt.log === null) run.openLogs += 1
}

/**
 * As Airflow has it: a set-up task matters to all that comes after it, up to and without its tear-downs; where it has
 * none, to everything downstream.
 */
function markSetups(run: LiveRun): void {
  const teardowns = run.plan.tasks.filter((planned) => planned.teardown !== undefined)
  for (const { name } of run.plan.tasks.filter((planned) => planned.setup === true)) {
    const setup = liveTask(run, name)
    const closing = teardowns.filter(({ teardown }) => teardown?.of.includes(name))
    const after = closing.map((planned) => downstreamOf(liveTask(run, planned.name)))
    for (const task of downstreamOf(setup)) {
      const isClosing = closing.some((planned) => planned.name === task.planned.name)
      const isPast = after.length > 0 && after.every((tasks) => tasks.has(task))
      if (isClosing || isPast) continue
      task.setups.push(setup)
      setup.guards.push(task)
    }
  }
}

/** All that comes after a task, without itself. */
export function downstreamOf(task: LiveTask): Set<LiveTask> {
  const found = new Set<LiveTask>()
  const stack = [...task.downstream]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (found.has(next)) continue
    found.add(next)
    stack.push(...next.downstream)
  }
  return found
}

/** Puts a run that was read from the store, or is new, among the live ones. */
export function adoptRun(state: EngineState, run: LiveRun): void {
  if (isRunEnd(run.view.state)) return
  state.runs.set(run.view.run, run)
}

/** The task's attempt holds a slot of the host (E5). */
export function occupy(task: LiveTask, host: HostWork): void {
  if (host.live.has(task)) return
  host.live.add(task)
  task.lane?.queue.addLive(task, 1)
  const { liveByHost } = task.run
  liveByHost.set(host.name, (liveByHost.get(host.name) ?? 0) + 1)
}

export function vacate(task: LiveTask, host: HostWork): void {
  if (!host.live.delete(task)) return
  task.lane?.queue.addLive(task, -1)
  const { liveByHost } = task.run
  const left = (liveByHost.get(host.name) ?? 1) - 1
  if (left === 0) liveByHost.delete(host.name)
  else liveByHost.set(host.name, left)
}
