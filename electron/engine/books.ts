// Keeps the books of hosts and limits while events are decided: what each attempt holds, who waits where, what has room again.
import type { Placement } from '../ports/placement.ts'
import type { SemaphoreStart } from '../ports/run-store.ts'
import type { RunEventBody } from '../../shared/run/events.ts'
import { isFenceOpen, taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView } from '../../shared/run/run-view.ts'
import { attemptKey, parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import {
  enqueue,
  heldBack,
  laneOf,
  leaveLanes,
  leaveQueue,
  needsOf,
  needsOfAny,
  reseat,
} from './lanes.ts'
import { giveBack, hold, limitOf, noteStart } from './limits.ts'
import { isHeldBack } from './said.ts'
import { hostWork, indexRun, occupy, vacate } from './state.ts'
import type { EngineState, Lane, LiveRun, LiveTask, Place } from './state.ts'

/** The part of a draft that says what is to be looked at again. */
export interface Stirring {
  readonly state: EngineState
  readonly now: number
  readonly placement: Placement
  /** Lanes where work came in. */
  readonly stirred: Set<Lane>
  /** They may have room again. */
  readonly freed: Set<Place>
  /** What rates have to remember. */
  readonly starts: SemaphoreStart[]
}

/** An event about the task run has just been folded in. */
export function keepBooks(draft: Stirring, task: LiveTask, kind: RunEventBody['kind']): void {
  if (kind === 'task.queued') {
    if (!isHeldBack(task)) draft.stirred.add(enqueue(draft.state, task))
  } else if (kind === 'task.ended' || kind === 'task.marked') {
    leaveLane(draft, task)
  } else if (kind === 'attempt.starting') {
    begin(draft, task)
  } else if (kind === 'attempt.ended') {
    end(draft, task)
  }
}

/** It waits no more, or a person holds it back. */
export function leaveLane(draft: Stirring, task: LiveTask): void {
  freeBehind(draft, task)
  leaveQueue(task)
}

// Its lane may stand elsewhere among those that wait for a limit: one that it held up may go on (S4).
function freeBehind(draft: Stirring, { lane }: LiveTask): void {
  if (lane !== null) for (const limit of heldBack(lane)) draft.freed.add(limit)
}

function begin(draft: Stirring, task: LiveTask): void {
  const attempt = task.view.attempts.at(-1)
  if (attempt === undefined) return
  const { state, now, placement } = draft
  const lane = laneOf(state, task)
  leaveQueue(task)
  lane.queue.started(task, attempt.startingAt)
  occupy(task, hostWork(state, attempt.host))
  hold(state.limits, keyOf(task, attempt), needsOf(state, task))
  for (const { limit } of lane.needs) {
    const rate = noteStart(limit, now, placement)
    if (rate === null) continue
    draft.starts.push({ semaphore: limit.name, at: now, forgetUntil: now - rate.perMs })
  }
  reseat(lane)
}

function end(draft: Stirring, task: LiveTask): void {
  const attempt = task.view.attempts.at(-1)
  if (attempt === undefined) return
  const host = hostWork(draft.state, attempt.host)
  vacate(task, host)
  if (task.lane !== null) reseat(task.lane)
  draft.freed.add(host)
  if (!keepsWeights(attempt)) freeLimits(draft, keyOf(task, attempt))
}

/** What the attempt held has room again. */
export function freeLimits(draft: Pick<Stirring, 'state' | 'freed'>, key: AttemptKey): void {
  for (const limit of giveBack(draft.state.limits, key)) draft.freed.add(limit)
}

/** Its copy may live on. One that was failed over is stopped by its lease, or a person has vouched for that. */
function keepsWeights(attempt: AttemptView): boolean {
  const { end } = attempt
  return isFenceOpen(attempt) && end?.outcome === 'lost' && end.cause !== 'failed_over'
}

/** E7: what the attempts of a run that was read from the store have had, and what they still hold. */
export function recoverBooks({ state, placement }: Stirring, run: LiveRun): void {
  for (const task of run.taskByName.values()) {
    if (task.view.attempts.length === 0) continue
    const { queue } = laneOf(state, task)
    for (const attempt of task.view.attempts) {
      queue.started(task, attempt.startingAt)
      if (attempt.state !== 'ended') occupy(task, hostWork(state, attempt.host))
      if (attempt.state !== 'ended' || (keepsWeights(attempt) && placement.hasHost(attempt.host)))
        hold(state.limits, keyOf(task, attempt), needsOf(state, task))
    }
  }
}

export interface StoredFence {
  host: string
  key: AttemptKey
  /** Its run; null: it is gone from the store. */
  stored: { view: RunView; plan: RunPlan } | null
}

/** E7: a copy under a fence may belong to a run that has ended. One that is proved gone owes the rest of its log at most. */
export function recoverFence(state: EngineState, { host, key, stored }: StoredFence): void {
  const { task: name, item, number } = parseAttemptKey(key)
  const attempt = stored?.view.tasks[taskKey(name, item)]?.attempts[number - 1]
  const work = hostWork(state, host)
  const isGone = attempt !== undefined && !isFenceOpen(attempt)
  ;(isGone ? work.owed : work.fences).add(key)
  if (stored === null || attempt === undefined || state.limits.heldBy.has(key)) return
  if (!keepsWeights(attempt)) return
  const run = indexRun(stored.view, stored.plan)
  const task = run.taskByName.get(taskKey(name, item))
  // Of one that the run's version has no more only what all of the run hold is known.
  hold(state.limits, key, task === undefined ? needsOfAny(state, run) : needsOf(state, task))
  leaveLanes(state, run)
}

/** What copies on hosts that have left the workspace kept is for others. */
export function freeGoneHosts(draft: Stirring): void {
  const { state, placement } = draft
  for (const { name, fences } of state.hosts.values()) {
    if (fences.size === 0 || placement.hasHost(name)) continue
    for (const key of fences) freeLimits(draft, key)
  }
}

/** E7: starts that rates have to remember. */
export function recoverStarts(
  state: EngineState,
  starts: readonly Pick<SemaphoreStart, 'semaphore' | 'at'>[],
  placement: Placement,
): void {
  for (const { semaphore, at } of starts)
    noteStart(limitOf(state.limits, 'semaphore', semaphore), at, placement)
}

/** A run that gets a new graph leaves the books; `recoverBooks` enters it again. */
export function forgetBooks(draft: Stirring, run: LiveRun): void {
  for (const task of run.taskByName.values()) leaveLane(draft, task)
  for (const task of run.taskByName.values()) {
    for (const attempt of task.view.attempts) {
      vacate(task, hostWork(draft.state, attempt.host))
      // The new graph may have no such task, and its copy lives on all the same.
      if (!keepsWeights(attempt)) freeLimits(draft, keyOf(task, attempt))
    }
  }
  leaveLanes(draft.state, run)
}

function keyOf(task: LiveTask, attempt: AttemptView): AttemptKey {
  return attemptKey(task.run.view.run, task.planned.name, task.view.item, attempt.number)
}
