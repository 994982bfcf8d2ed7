// The rows of a run's task list: groups with what is in them, fan-outs with their items. Pure.
//   A key tells what a row is: `[group]`, `task`, `task[3]`. Names hold no brackets.
import type { GraphNode } from '../../shared/api/views.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isTaskEnd, type TaskState } from '../../shared/run/states.ts'

export type Counts = Readonly<Partial<Record<TaskState, number>>>

export interface TaskRow {
  key: string
  /** How deep it stands: in groups, or below its fan-out. */
  depth: number
}

export const groupKey = (group: string): string => `[${group}]`

/** Null: the key is of a task run. */
export function groupOfKey(key: string): string | null {
  return key.startsWith('[') ? key.slice(1, -1) : null
}

/** `a.b.c`: `a`, `a.b` and `a.b.c`, from the outside in. */
export function groupsAround(group: string | undefined): string[] {
  if (group === undefined) return []
  const parts = group.split('.')
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'))
}

/** Groups are open and fan-outs closed, but for what is in `turned`. */
export function rowsOf(
  graph: readonly GraphNode[],
  tasks: RunView['tasks'],
  turned: ReadonlySet<string>,
): TaskRow[] {
  const rows: TaskRow[] = []
  const begun = new Set<string>()
  for (const node of gathered(graph)) {
    const around = groupsAround(node.group)
    let isShown = true
    for (const [depth, group] of around.entries()) {
      const key = groupKey(group)
      if (isShown && !begun.has(group)) rows.push({ key, depth })
      begun.add(group)
      isShown &&= !turned.has(key)
    }
    const head = tasks[node.name]
    if (!isShown || head === undefined) continue
    rows.push({ key: node.name, depth: around.length })
    if (!turned.has(node.name)) continue
    for (const index of head.fan?.list.keys() ?? [])
      rows.push({ key: taskKey(node.name, index), depth: around.length + 1 })
  }
  return rows
}

/** What fits a filter, without groups: each stands with its whole name. */
export function rowsThatFit(
  keys: readonly string[],
  tasks: RunView['tasks'],
  filter: { text: string; state: TaskState | '' },
): TaskRow[] {
  const part = filter.text.trim().toLowerCase()
  return keys
    .filter((key) => {
      const task = tasks[key]
      if (task === undefined) return false
      // Its items stand for a fan-out, as they do in the counts.
      if (filter.state !== '' && (task.state !== filter.state || task.fan !== undefined))
        return false
      return part === '' || key.toLowerCase().includes(part) || valueText(task).includes(part)
    })
    .map((key) => ({ key, depth: 0 }))
}

const valueText = (task: TaskView): string =>
  task.value === undefined ? '' : JSON.stringify(task.value).toLowerCase()

// A file may name a task of a group after others; on the screen a group is in one place.
function gathered(graph: readonly GraphNode[]): readonly GraphNode[] {
  if (graph.every((node) => node.group === undefined)) return graph
  const places = new Map<string, number>()
  graph.forEach(({ group, name }, index) => {
    for (const each of [...groupsAround(group).map(groupKey), name])
      if (!places.has(each)) places.set(each, index)
  })
  const pathOf = ({ group, name }: GraphNode): number[] =>
    [...groupsAround(group).map(groupKey), name].map((each) => places.get(each) as number)
  return graph
    .map((node) => ({ node, path: pathOf(node) }))
    .sort((a, b) => comparePaths(a.path, b.path))
    .map(({ node }) => node)
}

function comparePaths(a: readonly number[], b: readonly number[]): number {
  for (const [index, place] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (place !== other) return place - other
  }
  return a.length - b.length
}

/** Of the task runs in a group; a fan-out counts by its items. */
export function countsOfGroup(
  graph: readonly GraphNode[],
  tasks: RunView['tasks'],
  group: string,
): Counts {
  const counts: Partial<Record<TaskState, number>> = {}
  const add = (state: TaskState, count: number): void => {
    counts[state] = (counts[state] ?? 0) + count
  }
  for (const node of graph) {
    if (!isInGroup(node, group)) continue
    const task = tasks[node.name]
    if (task?.fan === undefined) add(task?.state ?? 'waiting', 1)
    else
      for (const [state, count] of Object.entries(task.fan.counts)) add(state as TaskState, count)
  }
  return counts
}

/** Of its tasks as they stand themselves: a fan-out with failed items may succeed yet. */
export function stateOfGroup(
  graph: readonly GraphNode[],
  tasks: RunView['tasks'],
  group: string,
): TaskState {
  const counts: Partial<Record<TaskState, number>> = {}
  for (const node of graph)
    if (isInGroup(node, group)) counts[tasks[node.name]?.state ?? 'waiting'] = 1
  return stateOfMany(counts)
}

function isInGroup(node: GraphNode, group: string): boolean {
  return node.group === group || node.group?.startsWith(`${group}.`) === true
}

/** One state for many: what a person must see first, else that it goes on, else how all ended. */
export function stateOfMany(counts: Counts): TaskState {
  const states = (Object.keys(counts) as TaskState[]).filter((state) => (counts[state] ?? 0) > 0)
  const has = (state: TaskState): boolean => states.includes(state)
  if (has('failed')) return 'failed'
  if (has('unknown')) return 'unknown'
  if (states.some((state) => state === 'running' || state === 'retrying')) return 'running'
  const open = states.filter((state) => !isTaskEnd(state))
  if (open.length > 0) {
    if (open.length < states.length) return 'running'
    return has('queued') ? 'queued' : 'waiting'
  }
  const order = ['upstream_failed', 'cancelled', 'succeeded', 'reused', 'skipped'] as const
  return order.find(has) ?? 'waiting'
}

/** `47 of 100, 2 failed`. */
export function countsWords(counts: Counts): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const done = (counts.succeeded ?? 0) + (counts.reused ?? 0) + (counts.skipped ?? 0)
  const failed = counts.failed ?? 0
  const words = `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
  return failed === 0 ? words : `${words}, ${failed.toLocaleString('en')} failed`
}
