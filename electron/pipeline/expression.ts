// `${{ }}` expressions: CEL with declared variables. Checked when a file is loaded, evaluated when a run is planned.
//   X1  Every name and type is known before anything runs; what cannot be checked is refused.
//   X2  The cost is bounded by the text: no macros that loop, no backtracking patterns, a limit on nodes.
import { Environment } from '@marcbachmann/cel-js'
import type { ASTNode } from '@marcbachmann/cel-js'
import { RE2JS } from '@bufbuild/re2'
import type { ParamType, ParamValue } from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { expressionsMax, splitTemplate } from './template.ts'

export interface ExpressionScope {
  params: Readonly<Record<string, ParamType>>
  /** Names of all environments together; null where the workspace is not known. */
  vars: readonly string[] | null
}

export interface ExpressionValues {
  params: Readonly<Record<string, ParamValue>>
  vars: Readonly<Record<string, string>>
  environment: string
  pipeline: string
  /** ISO 8601; null where the run has none. */
  logicalDate: string | null
}

export interface ExpressionFault {
  /** Within the value that holds the expression. */
  offset: number
  message: string
  hint: string
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
const textTypes = new Set(['string', 'int', 'double', 'bool'])
const roots = ['params', 'vars', 'env', 'environment', 'pipeline', 'logical_date']
const loops = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind'])
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
  const cel = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 200, maxDepth: 30, maxListElements: 50, maxMapEntries: 50 },
  })
  // An empty schema is a map of anything to cel-js; the check of names comes before it and finds nothing there.
  if (Object.keys(schema).length > 0) cel.registerVariable({ name: 'params', schema })
  else cel.registerVariable('params', 'map<string, string>')
  cel.registerVariable('vars', 'map<string, string>')
  cel.registerVariable({ name: 'env', schema: { name: 'string' } })
  cel.registerVariable('environment', 'string')
  cel.registerVariable('pipeline', 'string')
  cel.registerVariable('logical_date', 'string')
  cel.registerFunction('re(string, string): bool', searchPattern)
  cel.registerFunction('addDays(string, int): string', addDays)
  return cel
}

// RE2 takes time in proportion to the text, whatever the pattern.
function searchPattern(text: string, pattern: string): boolean {
  return new RE2JS(pattern).test(text)
}

function addDays(date: string, days: bigint): string {
  const day = /^(\d{4}-\d{2}-\d{2})/.exec(date)?.[1]
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  const moved = new Date(at + Number(days) * 86_400_000)
  if (Number.isNaN(moved.getTime())) throw new Error(`addDays: "${date}" is no date`)
  return moved.toISOString().slice(0, 10)
}

function badTemplate({ offset, why }: { offset: number; why: 'open' | 'many' }): ExpressionFault {
  if (why === 'many') {
    const message = `A value holds at most ${expressionsMax} expressions.`
    return { offset, message, hint: 'Put the data in a file.' }
  }
  return { offset, message: 'The expression "${{" is not closed.', hint: 'Close it with "}}".' }
}

function checkSource(
  cel: Environment,
  scope: ExpressionScope,
  source: string,
  offset: number,
): ExpressionFault[] {
  if (source.trim() === '') {
    return [{ offset, message: 'The expression is empty.', hint: 'For example: ${{ params.day }}' }]
  }
  let ast: ASTNode
  try {
    ast = cel.parse(source).ast
  } catch (error) {
    return [celFault(error, source, offset)]
  }
  const faults: ExpressionFault[] = []
  const refused: ExpressionFault[] = []
  walk(ast, (node) => {
    const fault = refusedCall(node)
    if (fault !== null) refused.push({ ...fault, offset: offset + fault.offset })
    const unknown = unknownName(node, scope)
    if (unknown !== null) faults.push({ ...unknown, offset: offset + unknown.offset })
  })
  // A loop declares names of its own: they are not unknown, they are not offered.
  if (refused.length > 0) return refused
  if (faults.length > 0) return faults
  const checked = cel.check(source)
  if (!checked.valid) return [celFault(checked.error, source, offset)]
  if (textTypes.has(String(checked.type))) return []
  return [
    {
      offset: offset + leading(source),
      message: `The expression gives ${kindOf(String(checked.type))}; a variable holds text.`,
      hint: 'Take one element of it.',
    },
  ]
}

function kindOf(type: string): string {
  if (type.startsWith('list')) return 'a list'
  return type.startsWith('map') || type.startsWith('$') ? 'a mapping' : `a ${type}`
}

function leading(source: string): number {
  return source.length - source.trimStart().length
}

function walk(node: ASTNode, visit: (node: ASTNode) => void): void {
  visit(node)
  const into = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) into(each)
    else if (isNode(value)) walk(value, visit)
  }
  into(node.args)
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

function unknownName(node: ASTNode, scope: ExpressionScope): ExpressionFault | null {
  if (node.op === 'id' && !roots.includes(node.args)) {
    return {
      offset: node.start,
      message: `There is no variable "${node.args}".${didYouMean(node.args, roots)}`,
      hint: `Known: ${roots.join(', ')}.`,
    }
  }
  if (node.op === '.' && node.args[0].op === 'id')
    return memberFault(node, node.args[0].args, scope)
  return null
}

function refusedCall(node: ASTNode): ExpressionFault | null {
  if (node.op === 'rcall' && node.args[0] === 'matches') {
    return {
      offset: node.start,
      message: '"matches" is not offered: a bad pattern may run for hours.',
      hint: 'Write re(text, pattern); it takes RE2 patterns.',
    }
  }
  if (node.op === 'rcall' && loops.has(node.args[0])) {
    const message = `"${node.args[0]}" is not offered: expressions do not loop.`
    return { offset: node.start, message, hint: 'Do it in the command of the task.' }
  }
  return null
}

function memberFault(
  node: ASTNode & { op: '.' },
  root: string,
  scope: ExpressionScope,
): ExpressionFault | null {
  const member = node.args[1]
  const known = membersOf(root, scope)
  if (known === null || known.includes(member)) return null
  const thing = root === 'params' ? 'param' : root === 'vars' ? 'var' : 'field'
  const where = root === 'vars' ? ' in any environment' : ''
  const declared = known.length === 0 ? 'None are declared.' : `Declared: ${someOf(known)}.`
  return {
    offset: node.end - member.length,
    message: `There is no ${thing} "${member}"${where}.${didYouMean(member, known)}`,
    hint: declared,
  }
}

function membersOf(root: string, scope: ExpressionScope): readonly string[] | null {
  if (root === 'params') return Object.keys(scope.params)
  if (root === 'vars') return scope.vars
  return root === 'env' ? ['name'] : null
}

interface CelError {
  code?: string
  summary?: string
  message?: string
  range?: { start: number; end: number }
}

function celFault(error: unknown, source: string, offset: number): ExpressionFault {
  const { code, summary, message, range } = error as CelError
  const text = summary ?? message?.split('\n', 1)[0] ?? 'The expression cannot be read'
  const start = Math.min(range?.start ?? 0, source.length)
  const at = offset + (start === 0 ? leading(source) : start)
  if (code === 'unexpected_token' && start >= source.trimEnd().length) {
    return { offset: at, message: 'The expression ends too early.', hint: '' }
  }
  if (code === 'no_such_overload') {
    const hint = 'Convert one of them: string(x), int(x), double(x).'
    return {
      offset: at,
      message: `These types do not go together: ${text.replace(/^no such overload: /, '')}.`,
      hint,
    }
  }
  if (code === 'no_matching_overload') {
    const call = /'(.*)'/.exec(text)?.[1] ?? text
    return { offset: at, message: `There is no function ${call}.`, hint: functionsHint }
  }
  const expected = /^Expected (\w+), got (\w+)$/.exec(text)
  if (expected !== null) {
    const [, wanted = '', got = ''] = expected
    return {
      offset: at,
      message: `Expected ${tokenWords(wanted)}, found ${tokenWords(got)}.`,
      hint: '',
    }
  }
  return { offset: at, message: `${text.replace(/\.$/, '')}.`, hint: '' }
}

const functionsHint =
  'There are: re, addDays, string, int, double, size; text.contains, text.startsWith, text.endsWith.'
const tokens: Readonly<Record<string, string>> = {
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  COLON: '":"',
  COMMA: '","',
  EOF: 'the end',
}

function tokenWords(token: string): string {
  return tokens[token] ?? token.toLowerCase()
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
    return { text: String(cel.evaluate(part.source, contextOf(scope, values))) }
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
