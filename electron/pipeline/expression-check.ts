// Whether an expression says something that can be evaluated: names, types, and nothing that could run for long.
import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import type { ParamType } from '../../shared/pipeline/spec.ts'
import { costFaults, loopVariables } from './loops.ts'
import { walk } from './evaluation-cost.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'

export interface ExpressionScope {
  params: Readonly<Record<string, ParamType>>
  /** Names of all environments together; null where the workspace is not known. */
  vars: readonly string[] | null
}

export interface ExpressionFault {
  /** Within the value that holds the expression. */
  offset: number
  message: string
  hint: string
}

const textTypes = new Set(['string', 'int', 'double', 'bool'])
const roots = ['params', 'vars', 'env', 'environment', 'pipeline', 'logical_date']

export function checkSource(
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
  const refused = costFaults(ast).map((fault) => ({ ...fault, offset: offset + fault.offset }))
  const declared = loopVariables(ast)
  walk(ast, (node) => {
    const unknown = unknownName(node, scope, declared)
    if (unknown !== null) faults.push({ ...unknown, offset: offset + unknown.offset })
  })
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

function unknownName(
  node: ASTNode,
  scope: ExpressionScope,
  declared: ReadonlySet<string>,
): ExpressionFault | null {
  if (node.op === 'id' && !roots.includes(node.args) && !declared.has(node.args)) {
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

export function celFault(error: unknown, source: string, offset: number): ExpressionFault {
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
