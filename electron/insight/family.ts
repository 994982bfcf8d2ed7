// Who is up and down stream of a task run, in a plan and a view.
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isTaskGood } from '../../shared/run/states.ts'

export function needsOf(plan: RunPlan): ReadonlyMap<string, readonly string[]> {
  return new Map(plan.tasks.map((task) => [task.name, task.needs]))
}

/** Task names upstream of `task`, nearest first. */
export function upstreamOf(plan: RunPlan, task: string): string[] {
  return walk(needsOf(plan), task)
}

/** Task names downstream of `task`, nearest first. */
export function downstreamOf(plan: RunPlan, task: string): string[] {
  const next = new Map<string, string[]>()
  for (const { name, needs } of plan.tasks) {
    for (const need of needs) {
      const list = next.get(need)
      if (list === undefined) next.set(need, [name])
      else list.push(name)
    }
  }
  return walk(next, task)
}

function walk(next: ReadonlyMap<string, readonly string[]>, from: string): string[] {
  const found = new Set<string>()
  const queue = [...(next.get(from) ?? [])]
  for (let i = 0; i < queue.length; i += 1) {
    const name = queue[i]
    if (name === undefined || found.has(name) || name === from) continue
    found.add(name)
    queue.push(...(next.get(name) ?? []))
  }
  return [...found]
}

/** Task runs of a view by task name. */
export function runsByTask(view: RunView): ReadonlyMap<string, TaskView[]> {
  const map = new Map<string, TaskView[]>()
  for (const task of Object.values(view.tasks)) {
    const list = map.get(task.task)
    if (list === undefined) map.set(task.task, [task])
    else list.push(task)
  }
  return map
}

/** Task runs downstream of `root` that did not do their work, for its failure or not yet. */
export function waitingOf(
  { view, plan }: { view: RunView; plan: RunPlan },
  root: string,
): string[] {
  const runs = runsByTask(view)
  return downstreamOf(plan, root).flatMap((name) =>
    (runs.get(name) ?? [])
      .filter((task) => !isTaskGood(task.state) && task.state !== 'failed')
      .map(keyOf),
  )
}

export function keyOf(task: TaskView): string {
  return taskKey(task.task, task.item)
}
