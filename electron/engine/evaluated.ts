// What `${{ }}` of a task gives while its run goes on, in the shape that the engine needs.
import type { Evaluated } from '../ports/evaluator.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type { Draft } from './draft.ts'
import { runScope } from './run-scope.ts'
import type { Scoped } from './run-scope.ts'

export function evaluatedText(draft: Draft, template: string, task: Scoped): Evaluated<string> {
  return draft.evaluator.text(template, runScope(task))
}

export function evaluatedValue(draft: Draft, template: string, task: Scoped): Evaluated<JsonValue> {
  return draft.evaluator.value(template, runScope(task))
}

export function evaluatedBool(draft: Draft, template: string, task: Scoped): Evaluated<boolean> {
  const result = draft.evaluator.value(template, runScope(task))
  if (!result.ok) return result
  if (typeof result.value === 'boolean') return { ok: true, value: result.value }
  return { ok: false, why: `it gives ${kindOf(result.value)}, not true or false` }
}

export function evaluatedList(
  draft: Draft,
  over: readonly JsonValue[] | string,
  task: Scoped,
): Evaluated<readonly JsonValue[]> {
  if (typeof over !== 'string') return { ok: true, value: over }
  const result = draft.evaluator.value(over, runScope(task))
  if (!result.ok) return result
  if (Array.isArray(result.value)) return { ok: true, value: result.value as readonly JsonValue[] }
  return { ok: false, why: `it gives ${kindOf(result.value)}, not a list` }
}

export function kindOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'boolean' ? String(value) : `the ${typeof value} ${JSON.stringify(value)}`
}
