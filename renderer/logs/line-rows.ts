// Where a line of the log stands among the rows of the terminal: long lines take several, and old ones have left it.
import type { IBuffer } from '@xterm/xterm'

interface Counted {
  /** 1-based, as logged. */
  line: number
  /** Lines taken in. */
  lineCount: number
  /** After how many lines each line of our own stands. */
  markLines: readonly number[]
}

/** Its first row; -1: it is not here. */
export function rowOfLine(buffer: IBuffer, { line, lineCount, markLines }: Counted): number {
  const marksBefore = markLines.filter((at) => at < line).length
  let ahead = line + marksBefore
  // Lines that scrolled out of the buffer are counted from the end.
  let held = 0
  for (let row = 0; row < buffer.length; row += 1)
    if (buffer.getLine(row)?.isWrapped === false) held += 1
  const emptyRows = buffer.length - (buffer.baseY + buffer.cursorY + 1)
  held -= emptyRows
  const written = lineCount + markLines.length + 1
  ahead -= Math.max(0, written - held)
  for (let row = 0; row < buffer.length; row += 1) {
    if (buffer.getLine(row)?.isWrapped === false) ahead -= 1
    if (ahead === 0) return row
  }
  return -1
}

const nearRows = 50

/** The row nearest to `row` that shows the text, if one does. */
export function rowNear(buffer: IBuffer, row: number, text: string): number {
  const wanted = text.trim().slice(0, 60)
  if (wanted === '') return row
  for (let off = 0; off <= nearRows; off += 1)
    for (const at of [row - off, row + off])
      if (buffer.getLine(at)?.translateToString(true).includes(wanted)) return at
  return row
}
