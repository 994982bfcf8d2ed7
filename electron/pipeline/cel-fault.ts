// What the language says of an expression, in our words.
import type { ExpressionFault } from './expression-scope.ts'

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
  'There are: re, addDays, json, string, int, double, size; text.contains, text.startsWith, text.endsWith.'
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

function leading(source: string): number {
  return source.length - source.trimStart().length
}
