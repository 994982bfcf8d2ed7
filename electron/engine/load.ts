// How busy hosts and pools are, and how they have fared: for their rows.
import { healthScore } from './health.ts'
import { usedSlots } from './state.ts'
import type { EngineState, Lane } from './state.ts'

export interface Load {
  /** Slots that are held. */
  used: number
  /** Task runs that wait for one. */
  queued: number
}

export function hostLoad(state: EngineState, name: string): Load {
  const host = state.hosts.get(name)
  return {
    used: host === undefined ? 0 : usedSlots(host),
    queued: queuedIn(host?.lanes ?? new Set()),
  }
}

export function poolLoad(state: EngineState, name: string): Load {
  const pool = state.limits.byName.get(`pool ${name}`)
  return { used: pool?.used ?? 0, queued: queuedIn(pool?.lanes ?? new Set()) }
}

export function allUsed({ hosts }: EngineState): number {
  return [...hosts.values()].reduce((sum, host) => sum + usedSlots(host), 0)
}

/** 1: nothing went wrong of late. */
export function healthOf(
  state: EngineState,
  name: string,
  now: number,
): { score: number; why: string } {
  const trouble = state.hosts.get(name)?.trouble
  if (trouble === undefined) return { score: 1, why: '' }
  const score = healthScore(trouble, now)
  return { score, why: score > 0.95 ? '' : trouble.why }
}

function queuedIn(lanes: ReadonlySet<Lane>): number {
  return [...lanes].reduce((sum, lane) => sum + lane.queue.size, 0)
}
