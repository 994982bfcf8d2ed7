// What Sluice will do about an attempt whose outcome is not known, in words. The rule comes from the engine.
import type { GraphNode, UnknownRule } from '../../shared/api/views.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import { assertNever } from '../../shared/run/states.ts'
import { dateWords, distanceWords } from '../ui/time-words.ts'

/** One sentence for the policy. `nowMs`: for "in 4 min". */
export function policyWords(
  node: GraphNode | undefined,
  attempt: AttemptView,
  nowMs: number,
): string {
  const rule = node?.unknown
  if (rule === undefined) return ''
  const dueAt = actsAt(rule, attempt)
  if (dueAt === null) return 'It waits for you without end: its policy is to ask.'
  const when =
    dueAt <= nowMs ? 'At any moment' : `At ${dateWords(dueAt)}, ${distanceWords(dueAt, nowMs)},`
  switch (rule.then) {
    case 'fail':
      return `${when} it counts as lost, and fails or is tried again as its retries say.`
    case 'failover':
      return `${when} another host of ${node?.pool?.name ?? 'its pool'} takes it over. ${attempt.host} has stopped its copy by then.`
    case 'ask':
      return 'It waits for you.'
    default:
      return assertNever(rule.then)
  }
}

/** null: never by itself, or not known. */
export function actsAt(rule: UnknownRule, attempt: AttemptView): number | null {
  if (rule.actsAfterMs === null || attempt.unknownAt === undefined) return null
  return attempt.unknownAt + rule.actsAfterMs
}

/** Why a person may not fail it over; null: they may. */
export function failoverNo(node: GraphNode | undefined): string | null {
  if (node?.unknown === undefined) return 'this run is of an older version of Sluice'
  return node.unknown.failoverNo
}
