// What --force and --leave change in a recovery plan.
import type { ForcedDecision } from '../../shared/run/recovery.ts'
import { parseTaskKey } from '../../shared/run/run-view.ts'

export interface ForceFlags {
  /** Tasks or items, as `load` or `load[3]`. */
  force?: readonly string[]
  leave?: readonly string[]
  reason: string
}

export function forcedOf({ force = [], leave = [], reason }: ForceFlags): ForcedDecision[] {
  const decide = (decision: ForcedDecision['decision']) => (name: string) => ({
    ...parseTaskKey(name),
    decision,
    reason,
  })
  return [...force.map(decide('run')), ...leave.map(decide('leave'))]
}
