// What an expression may name, depending on where it stands and on when it is evaluated.
import type { ParamType } from '../../shared/pipeline/spec.ts'

/** Known when a run is planned. */
export interface ExpressionScope {
  params: Readonly<Record<string, ParamType>>
  /** Names of all environments together; null where the workspace is not known. */
  vars: readonly string[] | null
}

/** Known only while a run goes on. */
export interface LateScope {
  tasks: TaskNames
  /** `item` and `item_index`. */
  hasItem: boolean
  /** `outputs`: the task's own output values. */
  hasOutputs: boolean
  /** `run.state`: how the tasks fared. */
  hasRunState: boolean
}

export interface TaskNames {
  /** By a name as it is written there; null: there is no such task. */
  find(written: string): NamedTask | null
  /** For suggestions. */
  names(): readonly string[]
}

export interface NamedTask {
  /** Whole. */
  name: string
  /** Why the expression may not ask for it; null: it may. */
  refused: { message: string; hint: string } | null
  /** `values`: any, known when it has ended. `lists`: of a fan-out, a list of each. `none`: it has no output values. */
  gives: 'values' | 'lists' | 'none' | { answers: Readonly<Record<string, ParamType>> }
}

export interface ExpressionFault {
  /** Within the value that holds the expression. */
  offset: number
  message: string
  hint: string
}

/** What a value has to be. */
export type Wanted =
  | { kind: 'text' }
  | { kind: 'bool' }
  | { kind: 'list' }
  /** Names, true or false. */
  | { kind: 'choice' }
  | { kind: 'param'; type: ParamType }

export const planRoots: readonly string[] =
  'params vars env environment pipeline logical_date'.split(' ')

export function lateRoots(late: LateScope): string[] {
  const roots = ['tasks', 'run']
  if (late.hasItem) roots.push('item', 'item_index')
  if (late.hasOutputs) roots.push('outputs')
  return roots
}

/** Where they would be known, for who uses them elsewhere. */
export const rootsElsewhere: Readonly<Record<string, string>> = {
  tasks: 'What tasks gave is known in the fields of a task, not in the env of the whole pipeline.',
  item: 'It is known in tasks with fan_out.',
  item_index: 'It is known in tasks with fan_out.',
  outputs: 'It is known in branch. Of other tasks, write tasks.NAME.outputs.KEY.',
  run: 'It is known in the fields of a task.',
}
