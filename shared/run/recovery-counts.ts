// What a recovery plan comes to, in task runs. As in a run, a fan-out counts by its items where they differ.
import type { ResumeDecision } from './events.ts'
import { taskKey } from './run-view.ts'
import type { RunView, TaskView } from './run-view.ts'

/** Decisions with none are absent. */
export type DecisionCounts = Partial<Record<ResumeDecision['decision'], number>>

/** `tasks`: of the run as it is. */
export function countDecisions(
  plan: readonly ResumeDecision[],
  tasks: RunView['tasks'],
): DecisionCounts {
  const counts: DecisionCounts = {}
  const add = (decision: ResumeDecision['decision'], count: number): void => {
    if (count > 0) counts[decision] = (counts[decision] ?? 0) + count
  }
  const namedOf = Map.groupBy(
    plan.filter(({ item }) => item !== null),
    ({ task }) => task,
  )
  for (const { task, item, decision } of plan) {
    const named = item === null ? namedOf.get(task) : undefined
    if (named === undefined) {
      add(decision, 1)
      continue
    }
    // The plan names those that run again or are refused. Of the others, what is good stays, and the rest goes with the head.
    const { list = [], counts: items = {} } = tasks[task]?.fan ?? {}
    const { succeeded = 0, reused = 0, skipped = 0 } = items
    const again = named.filter((one) => isGood(tasks[taskKey(task, one.item)])).length
    const good = succeeded + reused + skipped - again
    add('reuse', good)
    add(decision, list.length - named.length - good)
  }
  return counts
}

function isGood(item: TaskView | undefined): boolean {
  return item !== undefined && ['succeeded', 'reused', 'skipped'].includes(item.state)
}
