// `${{ }}` expressions: CEL with declared variables. Checked when a file is loaded, evaluated when a run is planned, or
// as the run goes on where they ask for what is known only then (late-expressions.ts).
//   X1  Every name and type is known before anything runs; what cannot be checked is refused.
import type { Environment } from '@marcbachmann/cel-js'
import type { ParamValue } from '../../shared/pipeline/spec.ts'
import { didYouMean } from '../../shared/pipeline/suggest.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { celFault } from './cel-fault.ts'
import { newCel } from './cel.ts'
import { fromCel } from './cel-values.ts'
import { runBounded } from './evaluation-cost.ts'
import { checkSource } from './expression-check.ts'
import type { Place } from './expression-check.ts'
import type { ExpressionFault, ExpressionScope } from './expression-scope.ts'
import { celTypes, registerLate } from './expression-types.ts'
import { loopVariables, withTicks } from './loops.ts'
import { lateTemplate } from './late-template.ts'
import type { LateParts, LateTemplate } from './late-template.ts'
import { rootsOf } from './task-references.ts'
import { expressionsMax, splitTemplate } from './template.ts'

export interface ExpressionValues {
  params: Readonly<Record<string, ParamValue>>
  vars: Readonly<Record<string, string>>
  environment: string
  pipeline: string
  /** ISO 8601; null where the run has none. */
  logicalDate: string | null
}

export type Faulty<Value> = Value | { faults: ExpressionFault[] }

export interface Expressions {
  /** Without a place: text, of what is known when a run is planned. */
  check(value: string, place?: Place): ExpressionFault[]
  evaluate(value: string, values: ExpressionValues): Faulty<{ text: string }>
  /** Of one expression and nothing else. */
  evaluateValue(value: string, values: ExpressionValues): Faulty<{ value: JsonValue }>
  /** As it stands in a plan. null: it holds no expression. Only for what has passed its check. */
  planned(value: string, parts: LateParts): LateTemplate | null
}

const textPlace: Place = { late: null, wanted: { kind: 'text' } }
const textBytesMax = 100_000

export function openExpressions(scope: ExpressionScope): Expressions {
  // Most pipelines of a workspace of thousands hold no expression, or are not looked into.
  let made: Environment | null = null
  const cel = (): Environment => (made ??= celFor(scope))
  const check = (value: string, place: Place = textPlace): ExpressionFault[] => {
    if (!value.includes('${{') && place.wanted.kind === 'text') return []
    const template = splitTemplate(value)
    if (!template.ok) return [badTemplate(template)]
    const [first] = template.parts
    if (place.wanted.kind !== 'text' && place.wanted.kind !== 'param') {
      const one = splitTemplate(value.trim())
      if (!one.ok || one.parts.length !== 1 || one.parts[0]?.kind !== 'expression') {
        return [notOne]
      }
    }
    // A text around it makes a text of it.
    const isWhole = template.parts.length === 1 && first?.kind === 'expression'
    const inside =
      isWhole || place.wanted.kind !== 'param' ? place : { ...textPlace, late: place.late }
    return template.parts.flatMap((part) =>
      part.kind === 'text' ? [] : checkSource(cel(), scope, part, inside),
    )
  }
  return {
    check,
    evaluate: (value, values) => {
      const faults = check(value)
      return faults.length > 0 ? { faults } : evaluateText({ cel: cel(), scope, values }, value)
    },
    evaluateValue: (value, values) => {
      const template = splitTemplate(value)
      const part = template.ok ? template.parts.find((each) => each.kind === 'expression') : null
      if (part?.kind !== 'expression') return { faults: [notOne] }
      const result = evaluateSource({ cel: cel(), scope, values }, part)
      if ('faults' in result) return result
      const json = fromCel(result.value)
      if (json.ok) return { value: json.value }
      const message = `The expression cannot be used: ${json.why}.`
      return { faults: [{ offset: part.offset, message, hint: '' }] }
    },
    planned: (value, parts) =>
      value.includes('${{') ? lateTemplate(cel(), scope, value, parts) : null,
  }
}

const notOne: ExpressionFault = {
  offset: 0,
  message: 'Expected one expression: ${{ ... }}.',
  hint: 'Nothing stands before or after it.',
}

/** By types of params: making one takes longer than all else that is done with most pipelines. */
const madeByTypes = new Map<string, Environment>()
const madeMax = 200

function celFor(scope: ExpressionScope): Environment {
  const types = JSON.stringify(scope.params)
  const known = madeByTypes.get(types)
  if (known !== undefined) return known
  if (madeByTypes.size >= madeMax) madeByTypes.clear()
  const made = makeCel(scope)
  madeByTypes.set(types, made)
  return made
}

function makeCel(scope: ExpressionScope): Environment {
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
  registerLate(cel)
  return cel
}

function badTemplate({ offset, why }: { offset: number; why: 'open' | 'many' }): ExpressionFault {
  if (why === 'many') {
    const message = `A value holds at most ${expressionsMax} expressions.`
    return { offset, message, hint: 'Put the data in a file.' }
  }
  return { offset, message: 'The expression "${{" is not closed.', hint: 'Close it with "}}".' }
}

interface Evaluation {
  cel: Environment
  scope: ExpressionScope
  values: ExpressionValues
}

function evaluateText(evaluation: Evaluation, value: string): Faulty<{ text: string }> {
  const template = splitTemplate(value)
  if (!template.ok) return { faults: [badTemplate(template)] }
  const faults: ExpressionFault[] = []
  let text = ''
  for (const part of template.parts) {
    if (part.kind === 'text') {
      text += part.text
      continue
    }
    const result = evaluateSource(evaluation, part)
    if ('faults' in result) faults.push(...result.faults)
    else text += String(result.value)
  }
  if (text.length > textBytesMax) {
    const message = `The value has ${text.length} characters; the limit is ${textBytesMax}.`
    faults.push({ offset: 0, message, hint: 'Put the data in a file.' })
  }
  return faults.length > 0 ? { faults } : { text }
}

function evaluateSource(
  { cel, scope, values }: Evaluation,
  part: { source: string; offset: number },
): Faulty<{ value: unknown }> {
  const { ast } = cel.parse(part.source)
  const asksDate = rootsOf(ast, loopVariables(ast)).get('logical_date')
  if (asksDate !== undefined && values.logicalDate === null) {
    const message = 'The expression asks for the logical date, and this run has none.'
    return {
      faults: [{ offset: part.offset + asksDate, message, hint: 'Start the run with a date.' }],
    }
  }
  const context = contextOf(scope, values)
  try {
    const program = cel.parse(withTicks(part.source, ast))
    return { value: runBounded(() => program(context) as unknown, sizeOf(values)) }
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

function sizeOf({ params, vars }: ExpressionValues): { values: number; longestText: number } {
  const all = [...Object.values(params), ...Object.values(vars)]
  const lengths = all.map((value) => String(value).length)
  return { values: all.length, longestText: Math.max(0, ...lengths) }
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
