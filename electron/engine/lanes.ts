// Where ready task runs wait. Those that may go to the same hosts, chosen the same way, and need the same of the same limits
// share a lane: all of a lane can start or none. Who is next within a lane: work-queue.ts. Between lanes that want the same:
// the priority of their first, then whose first has waited longest (for its run's turn, or since it came).
import type { PlannedTask } from '../../shared/run/plan.ts'
import { triedHosts } from './choose-host.ts'
import { limitOf } from './limits.ts'
import type { Limit, Need } from './limits.ts'
import type { EngineState, Lane, LiveRun, LiveTask, Place } from './state.ts'
import { hostWork } from './state.ts'
import { WorkQueue } from './work-queue.ts'
import type { Standing } from './work-queue.ts'

export function laneOf(state: EngineState, task: LiveTask): Lane {
  if (task.lane === null) {
    task.lane = findLane(state, task)
    task.lane.runs.add(task.run)
    task.run.lanes.add(task.lane)
  }
  return task.lane
}

/** The run leaves its lanes; one that nobody uses any more goes. */
export function leaveLanes(state: EngineState, run: LiveRun): void {
  for (const lane of run.lanes) {
    lane.runs.delete(run)
    if (lane.runs.size > 0) continue
    state.lanes.delete(lane.name)
    for (const host of lane.hosts) host.lanes.delete(lane)
    for (const { limit } of lane.needs) limit.lanes.delete(lane)
  }
  run.lanes.clear()
}

function findLane(state: EngineState, task: LiveTask): Lane {
  // A task that could not start on some hosts waits for others; it must not hold up those behind it that can.
  const tried = task.view.elsewhere === 0 ? noHosts : [...triedHosts(task)]
  const known = tried.length === 0 ? state.laneByPlanned.get(task.planned) : undefined
  if (known !== undefined && state.lanes.get(known.name) === known) return known
  const lane = laneNamed(state, task, tried)
  if (tried.length === 0) state.laneByPlanned.set(task.planned, lane)
  return lane
}

const noHosts: readonly string[] = []

function laneNamed(state: EngineState, task: LiveTask, tried: readonly string[]): Lane {
  const { planned, run } = task
  const { hosts, pool = null, semaphores = {} } = planned
  if (hosts.length === 0) throw new Error(`Task ${planned.name} has no host`)
  const { pipeline, environment, slots } = run.plan
  const weights = Object.entries(semaphores).toSorted(([left], [right]) => (left < right ? -1 : 1))
  const ofPipeline = slots === undefined ? null : [pipeline, slots]
  const name = JSON.stringify([
    hosts,
    pool?.name,
    pool?.pick,
    environment,
    ofPipeline,
    weights,
    tried,
  ])
  const known = state.lanes.get(name)
  if (known !== undefined) return known
  const needs: Need<Lane>[] = weights.map(([semaphore, weight]) => ({
    limit: limitOf(state.limits, 'semaphore', semaphore),
    weight,
  }))
  if (slots !== undefined)
    needs.push({ limit: limitOf(state.limits, 'pipeline', pipeline), weight: 1, slots })
  needs.push({ limit: limitOf(state.limits, 'environment', environment), weight: 1 })
  if (pool !== null) needs.push({ limit: limitOf(state.limits, 'pool', pool.name), weight: 1 })
  const lane: Lane = {
    name,
    runs: new Set(),
    hosts: hosts.map((host) => hostWork(state, host)),
    pick: pool?.pick ?? 'in_order',
    pool: pool?.name ?? null,
    needs,
    queue: new WorkQueue(placeOf),
    parkedAt: [],
    claims: [],
  }
  state.lanes.set(name, lane)
  for (const host of lane.hosts) host.lanes.add(lane)
  for (const { limit } of needs) limit.lanes.add(lane)
  return lane
}

/** What an attempt of the task holds, its pipeline too where this version has no slots: another one may. */
export function needsOf(state: EngineState, task: LiveTask): readonly Need<Lane>[] {
  const { needs } = laneOf(state, task)
  if (task.run.plan.slots !== undefined) return needs
  const limit = limitOf(state.limits, 'pipeline', task.run.plan.pipeline)
  return [...needs, { limit, weight: 1 }]
}

/** What an attempt of whatever task of the run holds. */
export function needsOfAny(state: EngineState, { plan }: LiveRun): readonly Need<Lane>[] {
  return [
    { limit: limitOf(state.limits, 'pipeline', plan.pipeline), weight: 1 },
    { limit: limitOf(state.limits, 'environment', plan.environment), weight: 1 },
  ]
}

function placeOf({ run, planned, view }: LiveTask): Standing<LiveRun> {
  return {
    run,
    runName: run.view.run,
    priority: planned.priority ?? 0,
    since: view.queuedAt ?? 0,
    order: orderOf(run, planned) * ITEMS_MAX + (view.item ?? -1) + 1,
  }
}

/** More than a list may have. */
const ITEMS_MAX = 1e7
const orders = new WeakMap<LiveRun, Map<PlannedTask, number>>()

function orderOf(run: LiveRun, planned: PlannedTask): number {
  let known = orders.get(run)
  if (known === undefined) {
    known = new Map(run.plan.tasks.map((task, index) => [task, index]))
    orders.set(run, known)
  }
  return known.get(planned) ?? 0
}

export function enqueue(state: EngineState, task: LiveTask): Lane {
  // Its way may be another than last time.
  if (task.view.elsewhere > 0) task.lane = null
  const lane = laneOf(state, task)
  lane.queue.push(task)
  reseat(lane)
  return lane
}

export function leaveQueue(task: LiveTask): void {
  const { lane } = task
  if (lane === null) return
  lane.queue.remove(task)
  reseat(lane)
}

/** Its first may be another now, or wait since another time. */
export function reseat(lane: Lane): void {
  if (lane.queue.size === 0) return unpark(lane)
  for (const { parked } of lane.parkedAt) parked.moved(lane)
  for (const { claims } of lane.claims) claims.moved(lane)
}

/** Where it may hold up others (S4, S5). */
export function heldBack(lane: Lane): Limit<Lane>[] {
  return [...lane.parkedAt.filter((place) => 'kind' in place), ...lane.claims]
}

/** It waits there until one of these has room; it waits nowhere else. */
export function park(lane: Lane, places: readonly Place[]): void {
  for (const place of places) {
    place.parked.push(lane)
    lane.parkedAt.push(place)
  }
}

/** S5. */
export function claim(lane: Lane, limits: readonly Limit<Lane>[]): void {
  for (const limit of limits) {
    limit.claims.push(lane)
    lane.claims.push(limit)
  }
}

export function unpark(lane: Lane): void {
  for (const { parked } of lane.parkedAt.splice(0)) parked.remove(lane)
  for (const { claims } of lane.claims.splice(0)) claims.remove(lane)
}
