// A task that chooses which of those after it go on. The others are skipped, but for what the chosen ones lead to as well.
import { endTask, endUnbegun } from './end-task.ts'
import type { Draft } from './draft.ts'
import { evaluatedValue, kindOf } from './evaluated.ts'
import { downstreamOf } from './state.ts'
import type { LiveRun, LiveTask } from './state.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { isTaskGood } from '../../shared/run/states.ts'

/** The branch that a task run which has just succeeded takes; or why none can be told: names of direct downstream tasks. */
export function chosenBranch(
  draft: Draft,
  task: LiveTask,
): { ok: true; names: ReadonlySet<string> } | { ok: false; why: string } {
  const { branch } = task.planned
  const all = task.downstream.map(({ planned }) => planned.name)
  if (branch === undefined) return { ok: true, names: new Set(all) }
  const result = evaluatedValue(draft, branch.choose, task)
  if (!result.ok) return result
  const asked = asNames(result.value)
  if (asked === null) return { ok: false, why: `it gives ${kindOf(result.value)}, not names` }
  if (typeof asked === 'boolean') return { ok: true, names: new Set(asked ? all : []) }
  const names = new Set<string>()
  for (const name of asked) {
    const meant = meanings(name, task.planned.group)
      .map((whole) => task.downstream.filter(({ planned }) => isNamed(planned, whole)))
      .find(({ length }) => length > 0)
    const found = meant ?? []
    if (found.length === 0)
      return { ok: false, why: `"${name}" is no task that needs ${task.planned.name}` }
    for (const { planned } of found) names.add(planned.name)
  }
  return { ok: true, names }
}

/** In a group, a name means a sibling first, then what is around it, as in `needs`. */
function meanings(name: string, group: string | undefined): string[] {
  const parts = group?.split('.') ?? []
  return [...parts.map((_, at) => [...parts.slice(0, parts.length - at), name].join('.')), name]
}

// A group stands for all of its tasks.
function isNamed(planned: LiveTask['planned'], name: string): boolean {
  return (
    planned.name === name ||
    planned.group === name ||
    planned.group?.startsWith(`${name}.`) === true
  )
}

/** An empty list, or null, chooses none. */
function asNames(value: JsonValue): readonly string[] | boolean | null {
  if (typeof value === 'boolean') return value
  if (value === null || value === '') return []
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return null
  return value.every((one) => typeof one === 'string') ? value : null
}

/** Ends those that were not chosen, as far as they are `among` those named. One that was marked was chosen by a person. */
export function leaveBranches(
  draft: Draft,
  task: LiveTask,
  names: ReadonlySet<string>,
  among?: ReadonlySet<string>,
): void {
  const left = task.downstream.filter(
    ({ planned, view }) => !names.has(planned.name) && view.marked === undefined,
  )
  if (left.length === 0) return
  const isAll = task.planned.branch?.skips === 'all'
  const kept = isAll || left.some(({ planned }) => planned.needs.length > 1)
  const goOn = new Set<LiveTask>()
  if (kept) {
    for (const next of task.downstream) {
      if (!names.has(next.planned.name)) continue
      goOn.add(next)
      for (const later of downstreamOf(next)) goOn.add(later)
    }
  }
  const why = `${task.planned.name} chose ${names.size === 0 ? 'none' : [...names].join(', ')}`
  for (const next of left) {
    for (const one of isAll ? [next, ...downstreamOf(next)] : [next]) {
      if (one.view.state !== 'waiting' || goOn.has(one) || one.planned.isFinal === true) continue
      if (among?.has(one.planned.name) !== false) endUnbegun(draft, one, 'skipped', why)
    }
  }
}

/**
 * Of the task runs that were taken back some may be what a task that stays as it is did not choose: its choice stands. A
 * person who marked it has chosen nothing.
 */
export function keepChoices(draft: Draft, run: LiveRun, back: ReadonlySet<string>): void {
  for (const task of run.taskByName.values()) {
    const { view, planned, head } = task
    if (planned.branch === undefined || head !== null || view.marked !== undefined) continue
    if (!isTaskGood(view.state)) continue
    const chosen = chosenBranch(draft, task)
    if (chosen.ok) leaveBranches(draft, task, chosen.names, back)
  }
}

/** Ends a task run whose work has succeeded; one that cannot tell its branch has failed all the same. */
export function endSucceeded(draft: Draft, task: LiveTask, why = ''): void {
  if (task.planned.branch === undefined || task.head !== null)
    return endTask(draft, task, 'succeeded', why)
  const chosen = chosenBranch(draft, task)
  if (!chosen.ok) return endTask(draft, task, 'failed', `its branch cannot be told: ${chosen.why}`)
  endTask(draft, task, 'succeeded', why)
  leaveBranches(draft, task, chosen.names)
}
