// The tasks of a pipeline file as one flat list: inline groups opened, names and needs made whole. Reads the values as
// they stand, right or wrong, so that checks and the plan see the same tasks.
//   G1  A task of a group is called `group.task`. A name inside a group means a sibling first, then what is around it.
//   G2  Who needs a group needs its leaves: tasks that no other of the group comes after; teardowns do not count, nor do
//       they hide the tasks that they come after.
//   G3  What a group needs, its roots need: tasks that need nothing of the group.
import { keysOf, listOf, mapOf, textOf } from './lenient.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

export const groupDepthMax = 5

export interface Outline {
  /** In the order of the file, final tasks last. */
  tasks: readonly OutlineTask[]
  taskByName: ReadonlyMap<string, OutlineTask>
  groups: readonly OutlineGroup[]
  groupByName: ReadonlyMap<string, OutlineGroup>
}

interface Entry {
  /** Whole. */
  name: string
  /** In the file. */
  path: Path
  value: Readonly<Record<string, unknown>>
  /** The innermost group that it stands in. */
  group: OutlineGroup | null
  isFinal: boolean
  needs: readonly WrittenNeed[]
}

export interface OutlineTask extends Entry {
  kind: 'task'
  /** Tasks, whole names, each once: its own needs with groups opened, and those of its groups where it is a root. */
  upstream: readonly string[]
}

export interface OutlineGroup extends Entry {
  kind: 'group'
  depth: number
  /** All tasks in it, near and deep. */
  tasks: readonly string[]
}

export interface WrittenNeed {
  written: string
  /** Its place in the list. */
  at: number
  /** null: there is no such thing. */
  means: OutlineTask | OutlineGroup | null
}

type Draft<Kind extends Entry> = { -readonly [Key in keyof Kind]: Kind[Key] }

export function outlineOf(tree: YamlTree): Outline {
  const tasks: Draft<OutlineTask>[] = []
  const groups: (Draft<OutlineGroup> & { tasks: string[] })[] = []
  const open = (path: Path, group: OutlineGroup | null, isFinal: boolean): void => {
    for (const [own, given] of Object.entries(mapOf(valueAt(tree, path)))) {
      const value = mapOf(given)
      const name = group === null ? own : `${group.name}.${own}`
      const entry = { name, path: [...path, own], value, group, isFinal, needs: [] }
      const depth = (group?.depth ?? 0) + 1
      if (!('tasks' in value) || depth > groupDepthMax) {
        tasks.push({ ...entry, kind: 'task', upstream: [] })
        for (let around = group; around !== null; around = around.group) {
          ;(around.tasks as string[]).push(name)
        }
      } else {
        const opened = { ...entry, kind: 'group', depth, tasks: [] as string[] } as const
        groups.push(opened)
        open([...entry.path, 'tasks'], opened, isFinal)
      }
    }
  }
  open(['tasks'], null, false)
  open(['finally'], null, true)
  const taskByName = new Map(tasks.map((task) => [task.name, task]))
  const groupByName = new Map(groups.map((group) => [group.name, group]))
  const outline = { tasks, taskByName, groups, groupByName }
  for (const entry of [...tasks, ...groups]) entry.needs = needsOf(outline, entry)
  linkTasks(outline, tasks)
  return outline
}

/** What a name means to a task or group: what stands beside it, then what stands around it, then a whole name. */
export function resolveName(
  { taskByName, groupByName }: Pick<Outline, 'taskByName' | 'groupByName'>,
  from: { group: OutlineGroup | null },
  written: string,
): OutlineTask | OutlineGroup | null {
  for (let around = from.group; ; around = around.group) {
    const name = around === null ? written : `${around.name}.${written}`
    const found = taskByName.get(name) ?? groupByName.get(name)
    if (found !== undefined) return found
    if (around === null) return null
  }
}

function needsOf(outline: Outline, entry: Entry): WrittenNeed[] {
  return listOf(entry.value['needs']).flatMap((need, at) => {
    const written = textOf(need)
    return written === null ? [] : [{ written, at, means: resolveName(outline, entry, written) }]
  })
}

function linkTasks(outline: Outline, tasks: readonly Draft<OutlineTask>[]): void {
  const leavesOf = leavesByGroup(outline)
  const opened = (means: OutlineTask | OutlineGroup): readonly string[] =>
    means.kind === 'task' ? [means.name] : (leavesOf.get(means.name) ?? [])
  for (const task of tasks) {
    const upstream = new Set<string>()
    const needed: (OutlineTask | OutlineGroup)[] = []
    for (let entry: Entry | null = task; entry !== null; entry = entry.group) {
      for (const { means } of entry.needs) {
        // What needs the group that it stands in is told of, and is no cycle too.
        if (means === null || (means.kind === 'group' && isInside(task, means))) continue
        needed.push(means)
      }
      // G3. What comes after something inside a group is no root of it.
      const around: OutlineGroup | null = entry.group
      if (around !== null && needed.some((means) => isInside(means, around))) break
    }
    for (const means of needed) {
      for (const name of opened(means)) if (name !== task.name) upstream.add(name)
    }
    task.upstream = [...upstream]
  }
}

// G2.
function leavesByGroup({ tasks, groups }: Outline): Map<string, readonly string[]> {
  const neededIn = new Map<string, Set<string>>(groups.map(({ name }) => [name, new Set()]))
  for (const owner of [...tasks, ...groups]) {
    if (isTeardown(owner)) continue
    for (const { means } of owner.needs) {
      if (means === null || means === owner) continue
      const needed = means.kind === 'task' ? [means.name] : means.tasks
      for (let around = owner.group; around !== null; around = around.group) {
        if (!isInside(means, around)) continue
        for (const name of needed) neededIn.get(around.name)?.add(name)
      }
    }
  }
  const teardowns = new Set(tasks.filter(isTeardown).map(({ name }) => name))
  return new Map(
    groups.map((group) => {
      const last = group.tasks.filter((name) => neededIn.get(group.name)?.has(name) !== true)
      const work = last.filter((name) => !teardowns.has(name))
      return [group.name, work.length > 0 ? work : last]
    }),
  )
}

export function isTeardown({ value }: { value: Readonly<Record<string, unknown>> }): boolean {
  return 'teardown' in value
}

/** Whether a task or group stands in a group, near or deep. */
export function isInside(entry: OutlineTask | OutlineGroup, group: OutlineGroup): boolean {
  for (let around = entry.group; around !== null; around = around.group) {
    if (around === group) return true
  }
  return false
}

/** What is known of a name before it is resolved, for suggestions: siblings first. */
export function namesAround(outline: Outline, from: { group: OutlineGroup | null }): string[] {
  const around = from.group === null ? [] : keysOf(from.group.value['tasks'])
  const names = [...outline.taskByName.keys(), ...outline.groupByName.keys()]
  return [...new Set([...around, ...names])]
}
