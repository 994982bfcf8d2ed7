// What a recovery plan comes to, what a person has changed in it, and how two plans differ. Pure.
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { ForcedDecision } from '../../shared/run/recovery.ts'
import { countDecisions } from '../../shared/run/recovery-counts.ts'
import { taskKey, type RunView } from '../../shared/run/run-view.ts'

export type Decision = ResumeDecision['decision']
export type DecisionCounts = Partial<Record<Decision | 'left', number>>

/** What a person leaves out counts apart. */
export function countPlan(
  plan: readonly ResumeDecision[],
  tasks: RunView['tasks'],
  edits: readonly ForcedDecision[] = [],
): DecisionCounts {
  const counts: DecisionCounts = countDecisions(plan, tasks)
  for (const one of plan.filter((one) => isLeftOut(one, edits))) {
    counts[one.decision] = (counts[one.decision] ?? 0) - 1
    counts.left = (counts.left ?? 0) + 1
  }
  return counts
}

/** `3 run, 9 reused`. */
export function planWords(counts: DecisionCounts): string {
  const parts = (
    [
      ['run', 'run'],
      ['reuse', 'reused'],
      ['attach', 'attached to'],
      ['left', 'left out'],
      ['refuse', 'refused'],
    ] as const
  ).flatMap(([decision, word]) => {
    const count = counts[decision] ?? 0
    return count === 0 ? [] : [`${count.toLocaleString('en')} ${word}`]
  })
  return parts.length === 0 ? 'Nothing runs' : parts.join(', ')
}

/** The newest word about a task run counts; null takes it back. */
export function withEdit(
  edits: readonly ForcedDecision[],
  which: { task: string; item: number | null },
  edit: ForcedDecision | null,
): readonly ForcedDecision[] {
  const others = edits.filter((one) => one.task !== which.task || one.item !== which.item)
  return edit === null ? others : [...others, edit]
}

export function editOf(
  edits: readonly ForcedDecision[],
  which: { task: string; item: number | null },
): ForcedDecision | undefined {
  return edits.find((one) => one.task === which.task && one.item === which.item)
}

/** Nothing forbids it: a person wants it left as it is. */
export function isLeftOut(one: ResumeDecision, edits: readonly ForcedDecision[]): boolean {
  return one.decision === 'refuse' && editOf(edits, one)?.decision === 'leave'
}

/** `load: reuse before, run now`, one per row that is another. */
export function planChanges(
  before: readonly ResumeDecision[],
  after: readonly ResumeDecision[],
): string[] {
  const known = new Map(before.map((one) => [taskKey(one.task, one.item), one]))
  const changes = after.flatMap((one) => {
    const key = taskKey(one.task, one.item)
    const old = known.get(key)
    known.delete(key)
    if (old === undefined) return [`${key}: new, ${one.decision}`]
    if (old.decision !== one.decision)
      return [`${key}: ${old.decision} before, ${one.decision} now`]
    return old.reason === one.reason ? [] : [`${key}: ${one.decision}, because it ${one.reason}`]
  })
  return [...changes, ...[...known.keys()].map((key) => `${key}: no longer in the plan`)]
}
