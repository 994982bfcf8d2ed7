// What a task's policy says about an unknown outcome. Pure.
//   Two live copies of one task must never be: a task that may fail over starts with a lease, its host stops it when it has
//   heard nothing from us for so long, and another host gets it only once that has surely happened.
import type { UnknownPolicy } from '../../shared/pipeline/spec.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'

export const UNKNOWN_DEFAULT: UnknownPolicy = { waitMs: 24 * 3_600_000, then: 'fail' }
/** A shorter cut of the network must never cost work. */
const LEASE_MS_MIN = 60_000
/** The host's own wait after KILL, and how late we may have noticed the cut. */
const FENCE_MARGIN_MS = 30_000
/** The supervisor looks at its lease so often that it may overrun it by this share. */
const LEASE_OVERRUN = 1 / 8

export function unknownPolicy(task: PlannedTask): UnknownPolicy {
  const policy = task.onUnknown ?? UNKNOWN_DEFAULT
  // Where nothing may take over, a person is asked.
  return policy.then === 'failover' && whyNoFailover(task) !== null
    ? { waitMs: policy.waitMs, then: 'ask' }
    : policy
}

/** Why the task may not be started on another host while the first one's outcome is unknown; null: it may. */
export function whyNoFailover(task: PlannedTask): string | null {
  if (task.effect !== 'pure' && task.effect !== 'idempotent')
    return `its effect is ${task.effect}, so it may not run twice`
  if (task.hosts.length < 2) return `it has no other host than ${task.hosts[0] ?? 'none'}`
  return null
}

/** How long the host lets it run without hearing from us; null: for ever. */
export function leaseMsOf(task: PlannedTask): number | null {
  const policy = unknownPolicy(task)
  return policy.then === 'failover' ? Math.max(LEASE_MS_MIN, policy.waitMs) : null
}

/** When the policy acts on an attempt that is unknown; null: a person must. Engine clock. */
export function unknownDueAt(
  task: PlannedTask,
  attempt: Pick<AttemptView, 'unknownAt'>,
  now: number,
): number | null {
  const { waitMs, then } = unknownPolicy(task)
  const since = attempt.unknownAt ?? now
  if (then === 'ask') return null
  if (then === 'fail') return since + waitMs
  // A lease is never shorter than the wait.
  return since + leaseEndsAfterMs(task)
}

/** After so long without a word from us its host has surely stopped it. */
export function leaseEndsAfterMs(task: PlannedTask): number {
  const leaseMs = Math.ceil((leaseMsOf(task) ?? 0) * (1 + LEASE_OVERRUN))
  return leaseMs + task.graceMs + FENCE_MARGIN_MS
}
