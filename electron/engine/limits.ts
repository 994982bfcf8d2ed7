// What attempts hold besides a slot of their host: of their pool, of their environment and pipeline, of named semaphores.
//   S1  An attempt takes the weights of all of them at `attempt.starting`, together, and gives them back when it ends (E5).
//   S2  A copy that was given up keeps them until it is proved gone, as it keeps its host's slot, or until its host leaves the
//       workspace. One that was failed over gives them back: its lease has run out, or a person vouches for its death, and
//       who takes over needs them.
//   S3  All of it follows from views and plans, so that a restart builds it again (E7). Only when attempts started is kept in
//       a table, as runs that have ended count in a rate too.
//   S4  What cannot start waits at the first limit that stands in its way. Only those that wait there are looked at when it
//       frees, best first, and none goes past one that waits there before it: what needs much is not starved by what needs little.
//   S5  What waits for one thing leaves the others to those that can use them. But when it has waited long, its share of them
//       is kept for it: otherwise each could be taken whenever the other is free, for ever.
import type { Placement } from '../ports/placement.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { KeyedHeap } from './keyed-heap.ts'

export type LimitKind = 'pool' | 'environment' | 'pipeline' | 'semaphore'

export interface Limit<Lane> {
  readonly kind: LimitKind
  readonly name: string
  /** The sum of what is held. */
  used: number
  readonly holders: Map<AttemptKey, number>
  /** Lanes that may want it. */
  readonly lanes: Set<Lane>
  /** Those that wait for it, best first. */
  readonly parked: KeyedHeap<Lane>
  /** Those that wait for something else, and long: what they need of it is kept for the best of them (S5). */
  readonly claims: KeyedHeap<Lane>
  /** When the latest attempts started, oldest first; only of a semaphore with a rate, and no more than the rate looks at. */
  starts: number[]
  /** When its rate lets the next one start, where somebody waits for that. */
  opensAt: number | null
}

export interface Need<Lane> {
  limit: Limit<Lane>
  /** 1 or more. */
  weight: number
  /** Where the plan says how much there is, not the workspace. */
  slots?: number
}

export interface Limits<Lane> {
  /** By kind and name. */
  readonly byName: Map<string, Limit<Lane>>
  /** What each attempt holds. */
  readonly heldBy: Map<AttemptKey, readonly Need<Lane>[]>
  readonly goesBefore: (left: Lane, right: Lane) => boolean
}

/** Why an attempt cannot start: `never` however long it waits. */
export type Block<Lane> =
  | { kind: 'never' | 'full'; need: Need<Lane>; slots: number }
  | { kind: 'behind'; need: Need<Lane>; first: Lane }
  | { kind: 'rate'; need: Need<Lane>; opensAt: number }

export function newLimits<Lane>(goesBefore: (left: Lane, right: Lane) => boolean): Limits<Lane> {
  return { byName: new Map(), heldBy: new Map(), goesBefore }
}

export function limitOf<Lane>(limits: Limits<Lane>, kind: LimitKind, name: string): Limit<Lane> {
  const key = `${kind} ${name}`
  let limit = limits.byName.get(key)
  if (limit === undefined) {
    limit = {
      kind,
      name,
      used: 0,
      holders: new Map(),
      lanes: new Set(),
      parked: new KeyedHeap(limits.goesBefore),
      claims: new KeyedHeap(limits.goesBefore),
      starts: [],
      opensAt: null,
    }
    limits.byName.set(key, limit)
  }
  return limit
}

/** S1. */
export function hold<Lane>(
  limits: Limits<Lane>,
  key: AttemptKey,
  needs: readonly Need<Lane>[],
): void {
  if (limits.heldBy.has(key)) return
  limits.heldBy.set(key, needs)
  for (const { limit, weight } of needs) {
    limit.used += weight
    limit.holders.set(key, weight)
  }
}

/** Gives back what the attempt held: these have room again. */
export function giveBack<Lane>(limits: Limits<Lane>, key: AttemptKey): readonly Limit<Lane>[] {
  const needs = limits.heldBy.get(key) ?? []
  limits.heldBy.delete(key)
  for (const { limit, weight } of needs) {
    limit.used -= weight
    limit.holders.delete(key)
  }
  return needs.map(({ limit }) => limit)
}

/** The first of the lane's limits that stands in its way; null: none does. */
export function blockOf<Lane extends { needs: readonly Need<Lane>[] }>(
  lane: Lane,
  by: { placement: Placement; now: number; goesBefore: (left: Lane, right: Lane) => boolean },
): Block<Lane> | null {
  for (const need of lane.needs) {
    const { limit, weight } = need
    const slots = slotsOf(need, by.placement)
    if (weight > slots) return { kind: 'never', need, slots }
    if (limit.used + weight > slots) return { kind: 'full', need, slots }
    const opensAt = rateOpensAt(limit, by)
    if (opensAt !== null) return { kind: 'rate', need, opensAt }
    for (const first of [limit.parked.peek(), limit.claims.peek()]) {
      if (first === undefined || first === lane || !by.goesBefore(first, lane)) continue
      if (limit.used + weight + weightOf(first, limit) > slots)
        return { kind: 'behind', need, first }
    }
  }
  return null
}

function weightOf<Lane extends { needs: readonly Need<Lane>[] }>(
  lane: Lane,
  limit: Limit<Lane>,
): number {
  return lane.needs.find((need) => need.limit === limit)?.weight ?? 0
}

/** Whether anybody who waits for it may go on. */
export function hasRoom<Lane>(
  limit: Limit<Lane>,
  by: { placement: Placement; now: number },
): boolean {
  const { kind } = limit
  // How much of a pipeline there is depends on the version; whoever waits there knows.
  if (kind !== 'pipeline' && limit.used >= slotsOf({ limit, weight: 1 }, by.placement)) return false
  return rateOpensAt(limit, by) === null
}

export function slotsOf<Lane>({ limit, slots }: Need<Lane>, placement: Placement): number {
  const { kind, name } = limit
  const found =
    kind === 'pipeline'
      ? slots
      : kind === 'pool'
        ? placement.poolSlotsOf(name)
        : kind === 'environment'
          ? placement.environmentSlotsOf(name)
          : placement.semaphoreOf(name)?.slots
  return found ?? Number.POSITIVE_INFINITY
}

/** When a rate lets the next one start; null: at once. Any window of `perMs` holds `max` starts at most. */
export function rateOpensAt<Lane>(
  limit: Limit<Lane>,
  { placement, now }: { placement: Placement; now: number },
): number | null {
  const rate = rateOf(limit, placement)
  if (rate === null) return null
  // A clock that stepped back must not close it for longer than its window.
  if ((limit.starts.at(-1) ?? now) > now) limit.starts = limit.starts.map((at) => Math.min(at, now))
  // What fills the window: the one that is `max` starts back.
  const at = limit.starts[limit.starts.length - rate.max]
  return at === undefined || at + rate.perMs <= now ? null : at + rate.perMs
}

/** An attempt that needs it has started. Gives its rate, where it has one. */
export function noteStart<Lane>(
  limit: Limit<Lane>,
  at: number,
  placement: Placement,
): { max: number; perMs: number } | null {
  const rate = rateOf(limit, placement)
  if (rate === null) return null
  limit.starts.push(at)
  const tooMany = limit.starts.length - rate.max
  // Now and then, so that it costs nothing each time.
  if (tooMany > rate.max) limit.starts.splice(0, tooMany)
  return rate
}

function rateOf<Lane>(
  limit: Limit<Lane>,
  placement: Placement,
): { max: number; perMs: number } | null {
  return limit.kind === 'semaphore' ? (placement.semaphoreOf(limit.name)?.starts ?? null) : null
}
