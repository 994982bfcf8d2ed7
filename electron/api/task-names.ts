// What a person means by a name of a run's plan: a task, an item of one, or an inline group, which means all of its tasks.
import { AppError } from '../../shared/api/app-error.ts'
import { nearest, someOf } from '../../shared/pipeline/suggest.ts'
import type { ForcedDecision } from '../../shared/run/recovery.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'

type Tasks = Pick<RunPlan, 'tasks'>

/** The task itself, or those of the group, in the order of the file; empty where it is neither. */
export function tasksMeant({ tasks }: Tasks, name: string): string[] {
  if (tasks.some((task) => task.name === name)) return [name]
  return tasks.flatMap(({ name: task, group }) =>
    group === name || group?.startsWith(`${name}.`) === true ? [task] : [],
  )
}

/** `key`: a task or an item by its `taskKey`, or a group. */
export function keysMeant(plan: Tasks, key: string): string[] {
  const { item } = parseTaskKey(key)
  return item === null ? tasksMeant(plan, key) : [key]
}

/** What is said of a task by its own name outweighs what is said of its group, and an inner group the one around it. */
export function forcedMeant(plan: Tasks, forced: readonly ForcedDecision[]): ForcedDecision[] {
  return forced
    .map((one) =>
      (one.item === null ? tasksMeant(plan, one.task) : [one.task]).map((task) => ({
        ...one,
        task,
      })),
    )
    .toSorted((a, b) => b.length - a.length)
    .flat()
}

/** Throws AppError('bad-input') where there is no such task, or it is a group. */
export function assertTask(plan: RunPlan, task: string): void {
  if (plan.tasks.some(({ name }) => name === task)) return
  const inIt = tasksMeant(plan, task)
  if (inIt.length === 0) throw noTask(plan, task)
  throw new AppError('bad-input', `"${task}" is a group of tasks; this takes one task.`, {
    hint: `Name one of ${someOf(inIt)}.`,
  })
}

/** Throws AppError('bad-input') also where the task is there and has no such item. */
export function assertTaskRun({ plan, view }: { plan: RunPlan; view: RunView }, key: string): void {
  const { task, item } = parseTaskKey(key)
  assertTask(plan, task)
  if (item === null || view.tasks[taskKey(task, item)] !== undefined) return
  const count = view.tasks[task]?.fan?.list.length
  throw new AppError(
    'bad-input',
    `There is no item ${item} of task "${task}" in run ${view.run}.`,
    {
      hint:
        count === undefined
          ? 'Its list is not known, or it has none.'
          : `It has ${count}, counted from 0.`,
    },
  )
}

/** The same; a group will do as well. */
export function assertMeant(stored: { plan: RunPlan; view: RunView }, key: string): void {
  const isWhole = parseTaskKey(key).item === null
  if (!isWhole || keysMeant(stored.plan, key).length === 0) assertTaskRun(stored, key)
}

function noTask({ pipeline, tasks }: RunPlan, name: string): AppError {
  const names = tasks.map((task) => task.name)
  const groups = groupsOf(tasks)
  const near = nearest(name, [...groups, ...names])
  const known =
    groups.length === 0
      ? `It has ${someOf(names)}.`
      : `It has ${someOf(names)}; groups: ${someOf(groups)}.`
  const what = groups.length === 0 ? 'no task' : 'no task or group'
  return new AppError('bad-input', `Pipeline "${pipeline}" has ${what} "${name}".`, {
    hint: near === null ? known : `Did you mean "${near}"?`,
  })
}

/** Each group, and those around it. */
export function groupsOf(tasks: readonly { group?: string }[]): string[] {
  const groups = new Set<string>()
  for (const { group } of tasks) {
    const parts = group?.split('.') ?? []
    for (const at of parts.keys()) groups.add(parts.slice(0, at + 1).join('.'))
  }
  return [...groups]
}
