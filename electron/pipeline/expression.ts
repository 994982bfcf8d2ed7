// `${{ }}` expressions: CEL with declared variables. Checked when a file is loaded, evaluated when a run is planned.
//   X1  Every name and type is known before anything runs; what cannot be checked is refused.
//   X2  The cost is bounded by the text: no macros that loop, no backtracking patterns, a limit on nodes.
import type { Environment } from '@marcbachmann/cel-js'
import type { ParamType, ParamValue } from '../../shared/pipeline/spec.ts'
import { didYouMean } from '../../shared/pipeline/suggest.ts'
import { newCel } from './cel.ts'
import { runBounded, walk } from './evaluation-cost.ts'
import { celFault, checkSource } from './expression-check.ts'
import type { ExpressionFault, ExpressionScope } from './expression-check.ts'
import { withTicks } from './loops.ts'
import { expressionsMax, splitTemplate } from './template.ts'

export interface ExpressionValues {
  params: Readonly<Record<string, ParamValue>>
  vars: Readonly<Record<string, string>>
  environment: string
  pipeline: string
  /** ISO 8601; null where the run has none. */
  logicalDate: string | null
}

export interface Expressions {
  check(value: string): ExpressionFault[]
  evaluate(
    value: string,
    values: ExpressionValues,
  ): { text: string } | { faults: ExpressionFault[] }
}

const celTypes: Record<ParamType, string> = {
  string: 'string',
  date: 'string',
  choice: 'string',
  integer: 'int',
  number: 'double',
  boolean: 'bool',
}
const textBytesMax = 100_000

export function openExpressions(scope: ExpressionScope): Expressions {
  const cel = celFor(scope)
  return {
    check: (value) => {
      const template = splitTemplate(value)
      if (!template.ok) return [badTemplate(template)]
      return template.parts.flatMap((part) =>
        part.kind === 'text' ? [] : checkSource(cel, scope, part.source, part.offset),
      )
    },
    evaluate: (value, values) => evaluateTemplate(cel, scope, value, values),
  }
}

function celFor(scope: ExpressionScope): Environment {
  const schema: Record<string, string> = {}
  for (const [name, type] of Object.entries(scope.params)) schema[name] = celTypes[type]
  const cel = newCel()
  // An empty schema is a map of anything to cel-js; the check of names comes before it and finds nothing there.
  if (Object.keys(schema).length > 0) cel.registerVariable({ name: 'params', schema })
  else cel.registerVariable('params', 'map<string, string>')
  cel.registerVariable('vars', 'map<string, string>')
  cel.registerVariable({ name: 'env', schema: { name: 'string' } })
  cel.registerVariable('environment', 'string')
  cel.registerVariable('pipeline', 'string')
  cel.registerVariable('logical_date', 'string')
  return cel
}

function badTemplate({ offset, why }: { offset: number; why: 'open' | 'many' }): ExpressionFault {
  if (why === 'many') {
    const message = `A value holds at most ${expressionsMax} expressions.`
    return { offset, message, hint: 'Put the data in a file.' }
  }
  return { offset, message: 'The expression "${{" is not closed.', hint: 'Close it with "}}".' }
}

function evaluateTemplate(
  cel: Environment,
  scope: ExpressionScope,
  value: string,
  values: ExpressionValues,
): { text: string } | { faults: ExpressionFault[] } {
  const template = splitTemplate(value)
  if (!template.ok) return { faults: [badTemplate(template)] }
  const faults: ExpressionFault[] = []
  let text = ''
  for (const part of template.parts) {
    if (part.kind === 'text') {
      text += part.text
      continue
    }
    const broken = checkSource(cel, scope, part.source, part.offset)
    const result = broken.length > 0 ? { faults: broken } : evaluateSource(cel, scope, part, values)
    if ('faults' in result) faults.push(...result.faults)
    else text += result.text
  }
  if (text.length > textBytesMax) {
    const message = `The value has ${text.length} characters; the limit is ${textBytesMax}.`
    faults.push({ offset: 0, message, hint: 'Put the data in a file.' })
  }
  return faults.length > 0 ? { faults } : { text }
}

function evaluateSource(
  cel: Environment,
  scope: ExpressionScope,
  part: { source: string; offset: number },
  values: ExpressionValues,
): { text: string } | { faults: ExpressionFault[] } {
  let asksDate = -1
  walk(cel.parse(part.source).ast, (node) => {
    if (node.op === 'id' && node.args === 'logical_date' && asksDate === -1) asksDate = node.start
  })
  if (asksDate !== -1 && values.logicalDate === null) {
    const message = 'The expression asks for the logical date, and this run has none.'
    return {
      faults: [{ offset: part.offset + asksDate, message, hint: 'Start the run with a date.' }],
    }
  }
  try {
    const program = cel.parse(withTicks(part.source, cel.parse(part.source).ast))
    const context = contextOf(scope, values)
    return {
      text: String(runBounded(() => program(context) as unknown, { values: 0, longestText: 0 })),
    }
  } catch (error) {
    const fault = celFault(error, part.source, part.offset)
    const key = /^No such key: (.*)\.$/.exec(fault.message)?.[1]
    if (key === undefined) return { faults: [fault] }
    const message = `The environment "${values.environment}" has no var "${key}".${didYouMean(key, Object.keys(values.vars))}`
    return {
      faults: [{ ...fault, message, hint: `Add it to environments.${values.environment}.vars.` }],
    }
  }
}

function contextOf(scope: ExpressionScope, values: ExpressionValues): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values.params)) {
    params[name] = scope.params[name] === 'integer' ? BigInt(value) : value
  }
  return {
    params,
    vars: { ...values.vars },
    env: { name: values.environment },
    environment: values.environment,
    pipeline: values.pipeline,
    logical_date: values.logicalDate ?? '',
  }
}
