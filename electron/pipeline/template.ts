// Splits a value into text and `${{ }}` expressions. Knows nothing about the language inside.

export type TemplatePart =
  | { kind: 'text'; text: string }
  /** `offset`: where `source` starts within the value. */
  | { kind: 'expression'; source: string; offset: number }

export type Template =
  | { ok: true; parts: TemplatePart[] }
  /** `offset`: where the expression starts that does not end, or that is one too many. */
  | { ok: false; offset: number; why: 'open' | 'many' }

const open = '${{'
export const expressionsMax = 50

export function splitTemplate(value: string): Template {
  const parts: TemplatePart[] = []
  let at = 0
  let expressions = 0
  while (at < value.length) {
    const start = value.indexOf(open, at)
    if (start > at || start === -1) {
      parts.push({ kind: 'text', text: value.slice(at, start === -1 ? value.length : start) })
    }
    if (start === -1) break
    const end = endOfExpression(value, start + open.length)
    if (end === -1) return { ok: false, offset: start, why: 'open' }
    if ((expressions += 1) > expressionsMax) return { ok: false, offset: start, why: 'many' }
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
