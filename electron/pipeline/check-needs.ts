// Names of tasks and groups, and what they need.
import { findCycles } from '../../shared/graph/graph.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Check } from './check-context.ts'
import { keysOf } from './lenient.ts'
import { groupDepthMax, isInside, namesAround } from './outline.ts'
import type { OutlineGroup, OutlineTask, WrittenNeed } from './outline.ts'
import type { Path } from './yaml-tree.ts'

const nameLengthMax = 64
/** Needs of all tasks together, groups opened. */
const edgesMax = 100_000

export function checkNames(check: Check): void {
  const { report, outline } = check
  const firstByName = new Map<string, { name: string; path: Path }>()
  for (const entry of [...outline.tasks, ...outline.groups]) {
    const { name, path } = entry
    if (report.isFull()) return
    const first = firstByName.get(name.toLowerCase())
    if (first === undefined) firstByName.set(name.toLowerCase(), entry)
    else if (first.name === name) {
      report.atKey(path, {
        message: `There is another task or group "${name}" in this pipeline.`,
        hint: 'Rename one of them. A task of a group is called group.task; tasks and finally share their names.',
      })
    } else {
      // A log is a file with the name of its task: on macOS and Windows `Load` and `load` would be one.
      report.atKey(path, {
        message: `The tasks "${first.name}" and "${name}" differ in capitals only.`,
        hint: 'Their logs would be one file on macOS and Windows. Rename one.',
      })
    }
    if (entry.group !== null && name.length > nameLengthMax) {
      report.atKey(path, {
        message: `The whole name "${name}" has ${name.length} characters; a name has ${nameLengthMax} at most.`,
        hint: 'Shorten the names of its groups.',
      })
    }
  }
  for (const { path, value, kind } of outline.tasks) {
    if (kind !== 'task' || !('tasks' in value)) continue
    const message = `Groups stand inside each other at most ${groupDepthMax} deep.`
    report.atKey(path, { message, hint: 'Move the tasks of this group one level up.' })
  }
  for (const { path, name, value } of outline.groups) {
    if (keysOf(value['tasks']).length > 0) continue
    report.atKey(path, { message: `The group "${name}" holds no tasks.`, hint: 'Delete it.' })
  }
}

export function checkNeeds(check: Check): void {
  const { report, outline, graph } = check
  for (const entry of [...outline.tasks, ...outline.groups]) {
    const seen = new Set<string>()
    for (const need of entry.needs) {
      if (report.isFull()) return
      checkNeed(check, entry, need, seen)
    }
  }
  const edges = outline.tasks.reduce((sum, { upstream }) => sum + upstream.length, 0)
  if (edges > edgesMax) {
    const message = `The tasks need each other ${edges.toLocaleString('en')} times, with groups opened; ${edgesMax.toLocaleString('en')} is the most.`
    report.at(['tasks'], {
      message,
      hint: 'Put a task in between that all of a group comes after.',
    })
  }
  for (const cycle of findCycles(graph)) reportCycle(check, cycle)
}

type Entry = OutlineTask | OutlineGroup

function checkNeed(
  { report, outline }: Check,
  entry: Entry,
  { written, at, means }: WrittenNeed,
  seen: Set<string>,
): void {
  const path = [...entry.path, 'needs', at]
  const what = `The ${entry.kind} "${entry.name}"`
  if (means === null) {
    const known = namesAround(outline, entry)
    const message = `There is no task "${written}".${didYouMean(written, known)}`
    return report.at(path, { message, hint: `Tasks of this pipeline: ${someOf(known)}.` })
  }
  if (means === entry) {
    return report.at(path, { message: `${what} needs itself.`, hint: 'Delete it.' })
  }
  if (means.kind === 'group' && isInside(entry, means)) {
    const message = `${what} stands in the group "${means.name}" and cannot come after it.`
    return report.at(path, { message, hint: 'Name a task of the group instead.' })
  }
  if (entry.kind === 'group' && isInside(means, entry)) {
    const message = `${what} cannot come after "${means.name}", which stands in it.`
    return report.at(path, { message, hint: 'Delete it.' })
  }
  if (entry.isFinal && !means.isFinal) {
    const message = `"${written}" is no task of finally: those start once all others have ended, and need only each other.`
    return report.at(path, { message, hint: 'Delete it.' })
  }
  if (!entry.isFinal && means.isFinal) {
    const message = `"${written}" is a task of finally: nothing else comes after it.`
    return report.at(path, { message, hint: `Move "${entry.name}" to finally.` })
  }
  if (seen.has(means.name)) {
    const message = `"${written}" is needed twice.`
    return report.at(path, { message, hint: 'Delete one of them.', severity: 'warning' })
  }
  seen.add(means.name)
}

function reportCycle({ report, outline }: Check, cycle: readonly string[]): void {
  const [first = '', second = ''] = cycle
  const words = {
    message: `These tasks wait for each other: ${[...cycle, first].join(' needs ')}.`,
    hint: 'Delete one of these needs.',
  }
  const task = outline.taskByName.get(first)
  for (let entry: Entry | null = task ?? null; entry !== null; entry = entry.group) {
    const need = entry.needs.find(
      ({ means }) =>
        means?.name === second || (means?.kind === 'group' && means.tasks.includes(second)),
    )
    if (need !== undefined) return report.at([...entry.path, 'needs', need.at], words)
  }
  report.atKey(task?.path ?? ['tasks'], words)
}
