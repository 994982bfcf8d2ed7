// A problem as a person reads it: one line, and the line of the file with a caret below it.
import type { Problem } from './problem.ts'
import { printable } from './printable.ts'

const lineWidthMax = 120

/** `sales.yaml:14:12  tasks.load.needs[0]  There is no task "extrct". Did you mean "extract"?` */
export function problemLine(problem: Problem): string {
  // The name of a file is somebody's text too.
  const file = printable(problem.file)
  const place = problem.line === 0 ? file : `${file}:${problem.line}:${problem.column}`
  const word = problem.severity === 'warning' ? 'warning: ' : ''
  return [place, problem.path, `${word}${problem.message}`].filter((part) => part !== '').join('  ')
}

/** `text`: the file's content; null where it could not be read. */
export function renderProblem(problem: Problem, text: string | null): string {
  const lines = [problemLine(problem)]
  const excerpt = text === null ? null : excerptOf(problem, text)
  if (excerpt !== null) lines.push(...excerpt)
  if (problem.hint !== '') lines.push(`  hint: ${problem.hint}`)
  return lines.join('\n')
}

function excerptOf(problem: Problem, text: string): string[] | null {
  if (problem.line === 0) return null
  const line = text.split(/\r\n|\n|\r/, problem.line)[problem.line - 1]
  if (line === undefined) return null
  const from = Math.max(0, problem.column - 1 - Math.floor(lineWidthMax / 2))
  const cut = printable(line.slice(from, from + lineWidthMax))
  const caret = ' '.repeat(Math.max(0, problem.column - 1 - from))
  const gutter = String(problem.line)
  return [`  ${gutter} | ${cut}`, `  ${' '.repeat(gutter.length)} | ${caret}^`]
}
