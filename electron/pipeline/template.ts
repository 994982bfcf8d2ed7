// Splits a value into text and `${{ }}` expressions. Knows nothing about the language inside.

export type TemplatePart =
  | { kind: 'text'; text: string }
  /** `offset`: where `source` starts within the value. */
  | { kind: 'expression'; source: string; offset: number }

export type Template =
  | { ok: true; parts: TemplatePart[] }
  /** `offset`: where the expression that does not end starts. */
  | { ok: false; offset: number }

const open = '${{'

export function hasExpression(value: string): boolean {
  return value.includes(open)
}

export function splitTemplate(value: string): Template {
  const parts: TemplatePart[] = []
  let at = 0
  while (at < value.length) {
    const start = value.indexOf(open, at)
    if (start > at || start === -1) {
      parts.push({ kind: 'text', text: value.slice(at, start === -1 ? value.length : start) })
    }
    if (start === -1) break
    const end = endOfExpression(value, start + open.length)
    if (end === -1) return { ok: false, offset: start }
    const offset = start + open.length
    parts.push({ kind: 'expression', source: value.slice(offset, end), offset })
    at = end + 2
  }
  return { ok: true, parts }
}

// A quoted text inside may hold "}}".
function endOfExpression(value: string, from: number): number {
  let quote = ''
  for (let at = from; at < value.length; at += 1) {
    const character = value[at] as string
    if (quote !== '') {
      if (character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '}' && value[at + 1] === '}') return at
  }
  return -1
}
