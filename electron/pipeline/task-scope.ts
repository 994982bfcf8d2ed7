// What the expressions of one task may say of others: those that have ended by then.
import { mapOf } from './lenient.ts'
import { paramTypes } from './check-context.ts'
import type { LateScope, NamedTask, TaskNames } from './expression-scope.ts'
import { namesAround, resolveName } from './outline.ts'
import type { Outline, OutlineGroup, OutlineTask } from './outline.ts'

export interface Surroundings {
  outline: Outline
  upstreamOf(task: string): ReadonlySet<string>
}

/** `item`: whether it is evaluated for each item of a fan-out. */
export function lateScopeOf(
  around: Surroundings,
  entry: OutlineTask | OutlineGroup,
  has: { item?: boolean; outputs?: boolean } = {},
): LateScope {
  return {
    tasks: taskNamesOf(around, entry),
    hasItem: has.item === true,
    hasOutputs: has.outputs === true,
    hasRunState: entry.isFinal,
  }
}

export function taskNamesOf(around: Surroundings, entry: OutlineTask | OutlineGroup): TaskNames {
  const { outline } = around
  let upstream: ReadonlySet<string> | null = null
  return {
    find: (written) => {
      const means = resolveName(outline, entry, written)
      if (means?.kind !== 'task') return null
      upstream ??= upstreamFor(around, entry)
      return {
        name: means.name,
        refused: refusedFor(means, entry, upstream),
        gives: givenBy(means),
      }
    },
    names: () => namesAround(outline, entry).filter((name) => outline.taskByName.has(name)),
  }
}

/** Of a group: what has ended before any task of it may start. */
function upstreamFor(around: Surroundings, entry: OutlineTask | OutlineGroup): ReadonlySet<string> {
  if (entry.kind === 'task') return around.upstreamOf(entry.name)
  const inside = new Set(entry.tasks)
  const roots = entry.tasks.filter((name) => {
    const task = around.outline.taskByName.get(name)
    return task?.upstream.some((need) => inside.has(need)) !== true
  })
  const [first = '', ...others] = roots
  const common = new Set(around.upstreamOf(first))
  for (const other of others) {
    const upstream = around.upstreamOf(other)
    for (const name of common) if (!upstream.has(name)) common.delete(name)
  }
  return common
}

function refusedFor(
  named: OutlineTask,
  entry: OutlineTask | OutlineGroup,
  upstream: ReadonlySet<string>,
): NamedTask['refused'] {
  if (named === entry) {
    return {
      message: `The task "${entry.name}" cannot ask about itself: it has not ended yet.`,
      hint: 'In branch, outputs are its own output values.',
    }
  }
  if (upstream.has(named.name)) return null
  return {
    message: `"${named.name}" is not upstream of "${entry.name}": it may not have ended yet.`,
    hint: `Add "${named.name}" to the needs of "${entry.name}".`,
  }
}

function givenBy({ value }: OutlineTask): NamedTask['gives'] {
  if ('pipeline' in value) return 'none'
  if ('fan_out' in value) return 'lists'
  if ('approval' in value) return { answers: paramTypes(mapOf(value['approval'])['form']) }
  return 'values'
}
