// What a recovery plan comes to, what a person has changed in it, and how two plans differ. Pure.
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { ForcedDecision } from '../../shared/run/recovery.ts'
import { taskKey, type RunView } from '../../shared/run/run-view.ts'

export type Decision = ResumeDecision['decision']
export type DecisionCounts = Partial<Record<Decision | 'left', number>>

/** A fan-out counts by its items where they differ: those that are not in the plan stay as they are. */
export function countPlan(
  plan: readonly ResumeDecision[],
  tasks: RunView['tasks'],
  edits: readonly ForcedDecision[] = [],
): DecisionCounts {
  const counts: DecisionCounts = {}
  const add = (decision: keyof DecisionCounts, count: number): void => {
    if (count > 0) counts[decision] = (counts[decision] ?? 0) + count
  }
  for (const [index, one] of plan.entries()) {
    const hasItems = one.item === null && plan[index + 1]?.item != null
    if (!hasItems) add(isLeftOut(one, edits) ? 'left' : one.decision, 1)
    else {
      const { succeeded = 0, reused = 0 } = tasks[one.task]?.fan?.counts ?? {}
      add('reuse', succeeded + reused - forcedGood(plan, index, tasks))
    }
  }
  return counts
}

// Items that had succeeded and run again all the same.
function forcedGood(
  plan: readonly ResumeDecision[],
  head: number,
  tasks: RunView['tasks'],
): number {
  let count = 0
  for (let index = head + 1; plan[index]?.item != null; index += 1) {
    const { task, item } = plan[index] as ResumeDecision
    const state = tasks[taskKey(task, item)]?.state
    if (state === 'succeeded' || state === 'reused') count += 1
  }
  return count
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
