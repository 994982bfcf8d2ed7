// The params of a run: given values and defaults, each as its type wants it, or all that is wrong with them.
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { ParamSpec, ParamValue } from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'

const valueLengthMax = 10_000

export function planParams(
  specs: readonly ParamSpec[],
  given: Readonly<Record<string, ParamValue>>,
  pipeline: string,
): { params: Record<string, ParamValue>; problems: Problem[] } {
  const params: Record<string, ParamValue> = {}
  const problems: Problem[] = []
  const names = specs.map((spec) => spec.name)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const message = `The pipeline "${pipeline}" has no param "${name}".${didYouMean(name, names)}`
    const hint = names.length === 0 ? 'It takes none.' : `It takes: ${someOf(names)}.`
    problems.push(paramProblem(name, message, hint))
  }
  for (const spec of specs) {
    const value = Object.hasOwn(given, spec.name) ? given[spec.name] : undefined
    const result = value === undefined ? defaultOf(spec) : valueOf(spec, value)
    if ('problem' in result) problems.push(result.problem)
    else params[spec.name] = result.value
  }
  return { params, problems }
}

type Result = { value: ParamValue } | { problem: Problem }

function defaultOf(spec: ParamSpec): Result {
  if (spec.default !== null) return { value: spec.default }
  const what = spec.type === 'choice' ? `one of: ${someOf(spec.choices)}` : `a ${spec.type}`
  const message = `The param "${spec.name}" has no value and no default.`
  return {
    problem: paramProblem(spec.name, message, `Give it ${what}: --param ${spec.name}=VALUE`),
  }
}

function valueOf(spec: ParamSpec, given: ParamValue): Result {
  const text = String(given)
  if (text.length > valueLengthMax || text.includes('\0') || !text.isWellFormed()) {
    const message = `The value of "${spec.name}" is longer than ${valueLengthMax} characters or no text.`
    return { problem: paramProblem(spec.name, message, 'Put the data in a file.') }
  }
  const coerced = coerceParam(spec, given)
  if (coerced.ok) return coerced
  const message = `Param "${spec.name}": ${coerced.message}`
  return { problem: paramProblem(spec.name, message, coerced.hint) }
}

/** `file` is empty: the value came from no file. */
export function paramProblem(name: string, message: string, hint: string): Problem {
  return { file: '', line: 0, column: 0, path: `params.${name}`, message, hint, severity: 'error' }
}
