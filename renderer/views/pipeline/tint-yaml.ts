// Splits one line of YAML into parts to colour. A reading aid, not a parser: a wrong tint does no harm.
export interface Tint {
  kind: 'plain' | 'key' | 'text' | 'note' | 'mark'
  text: string
}

const form =
  /(?<note>(?:^|(?<=\s))#.*$)|(?<mark>\$\{\{.*?\}\})|(?<text>"(?:[^"\\]|\\.)*"|'[^']*')|(?<key>(?<=^|[\s{,-])[\w.-]+(?=:(?:\s|$)))/g

export function tintYaml(line: string): Tint[] {
  const parts: Tint[] = []
  let from = 0
  for (const found of line.matchAll(form)) {
    if (found.index > from) parts.push({ kind: 'plain', text: line.slice(from, found.index) })
    const kind = (['note', 'mark', 'text', 'key'] as const).find(
      (each) => found.groups?.[each] !== undefined,
    )
    parts.push({ kind: kind ?? 'plain', text: found[0] })
    from = found.index + found[0].length
  }
  if (from < line.length) parts.push({ kind: 'plain', text: line.slice(from) })
  return parts
}
