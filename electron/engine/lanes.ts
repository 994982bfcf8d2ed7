// Where ready task runs wait. Tasks that may go to the same hosts, chosen the same way, share a lane: first come, first
// served. Lanes that share a host are served by who has waited longest, so that no pool starves a single host's tasks.
import type { EngineState, Lane, LiveTask, PoolWork } from './state.ts'
import { hostWork } from './state.ts'
import { WorkQueue } from './work-queue.ts'

export function laneOf(state: EngineState, task: LiveTask): Lane {
  return (task.lane ??= findLane(state, task))
}

function findLane(state: EngineState, task: LiveTask): Lane {
  const { hosts, pool = null } = task.planned
  if (hosts.length === 0) throw new Error(`Task ${task.planned.name} has no host`)
  const name = JSON.stringify([hosts, pool?.name, pool?.pick])
  const known = state.lanes.get(name)
  if (known !== undefined) return known
  const work = pool === null ? null : poolWork(state, pool.name)
  const lane: Lane = {
    hosts: hosts.map((host) => hostWork(state, host)),
    pick: pool?.pick ?? 'in_order',
    pool: work,
    queue: new WorkQueue(isReady),
  }
  state.lanes.set(name, lane)
  for (const host of lane.hosts) host.lanes.push(lane)
  work?.lanes.push(lane)
  return lane
}

export function poolWork(state: EngineState, name: string): PoolWork {
  let pool = state.pools.get(name)
  if (pool === undefined) {
    pool = { name, live: new Set(), lanes: [] }
    state.pools.set(name, pool)
  }
  return pool
}

export function enqueue(state: EngineState, task: LiveTask): Lane {
  const lane = laneOf(state, task)
  lane.queue.push(task, state.tickets)
  state.tickets += 1
  return lane
}

/** The lane whose first task has waited longest; lanes without work are taken out of the set. */
export function longestWaiting(lanes: Set<Lane>): { lane: Lane; task: LiveTask } | null {
  let best: { lane: Lane; task: LiveTask } | null = null
  let bestTicket = Number.POSITIVE_INFINITY
  for (const lane of lanes) {
    const head = lane.queue.peek()
    if (head === null) lanes.delete(lane)
    else if (head.ticket < bestTicket) {
      best = { lane, task: head.item }
      bestTicket = head.ticket
    }
  }
  return best
}

function isReady(task: LiveTask): boolean {
  return task.view.state === 'queued'
}
