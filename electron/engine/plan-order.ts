// The tasks of a plan by what they need.
import type { PlannedTask } from '../../shared/run/plan.ts'

/** Each task after all that it needs. */
export function inOrder(tasks: readonly PlannedTask[]): PlannedTask[] {
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const unmet = new Map(tasks.map((task) => [task.name, task.needs.length]))
  const downstream = downstreamOf(tasks)
  const order = tasks.filter((task) => task.needs.length === 0)
  for (const task of order) {
    for (const next of downstream.get(task.name) ?? []) {
      const left = (unmet.get(next) ?? 0) - 1
      unmet.set(next, left)
      const ready = byName.get(next)
      if (left === 0 && ready !== undefined) order.push(ready)
    }
  }
  return order
}

/** All that comes before them, without themselves. */
export function upstreamNames(
  tasks: readonly PlannedTask[],
  names: readonly string[],
): Set<string> {
  const needs = new Map(tasks.map((task) => [task.name, task.needs]))
  return reached(needs, names)
}

/** All that comes after it, without itself. */
export function downstreamNames(tasks: readonly PlannedTask[], name: string): Set<string> {
  return reached(downstreamOf(tasks), [name])
}

function downstreamOf(tasks: readonly PlannedTask[]): Map<string, string[]> {
  const downstream = new Map<string, string[]>()
  for (const task of tasks) {
    for (const need of task.needs) {
      const list = downstream.get(need)
      if (list === undefined) downstream.set(need, [task.name])
      else list.push(task.name)
    }
  }
  return downstream
}

function reached(
  next: ReadonlyMap<string, readonly string[]>,
  from: readonly string[],
): Set<string> {
  const found = new Set<string>()
  const stack = from.flatMap((name) => next.get(name) ?? [])
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    if (found.has(name)) continue
    found.add(name)
    stack.push(...(next.get(name) ?? []))
  }
  return found
}
