// Where a character of a text stands in the file, for texts in quotes, plain, and in blocks.
import type { YamlPlace } from './yaml-tree.ts'

/** Offset from the start of the scalar. In a text with escapes or folded lines, that of the nearest "${{". */
export function offsetInText(place: YamlPlace, value: string, offset: number): number {
  const { written } = place
  if (written === null) return 0
  const quoted = written.startsWith('"') || written.startsWith("'") ? 1 : 0
  if (written.startsWith(value, quoted)) return quoted + offset
  return blockOffset(written, value, offset) ?? markOffset(written, value, offset)
}

// A literal block: each line of the value is a line of the file behind its indentation.
function blockOffset(written: string, value: string, offset: number): number | null {
  if (!written.startsWith('|')) return null
  const lineNumber = value.slice(0, offset).split('\n').length
  const column = offset - (value.lastIndexOf('\n', offset - 1) + 1)
  const wanted = value.split('\n', lineNumber)[lineNumber - 1] ?? ''
  let at = written.indexOf('\n') + 1
  for (let line = 1; line < lineNumber; line += 1) at = written.indexOf('\n', at) + 1
  const indent = written.indexOf(wanted, at) - at
  return indent < 0 || at === 0 ? null : at + indent + column
}

function markOffset(written: string, value: string, offset: number): number {
  const marks = value.slice(0, offset + 3).split('${{').length - 1
  let at = -1
  for (let mark = 0; mark < marks; mark += 1) at = written.indexOf('${{', at + 1)
  if (at === -1) return 0
  const valueMark = value.lastIndexOf('${{', offset)
  return Math.min(at + Math.max(0, offset - valueMark), Math.max(0, written.length - 1))
}
