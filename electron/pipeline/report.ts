// Collects the problems of one file, each at its place.
import { printable } from '../../shared/pipeline/printable.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { Fault, Path, YamlTree } from './yaml-tree.ts'
import { placeAt } from './yaml-tree.ts'

/** A file with more says so and stops: nobody reads the 101st. */
const problemsMax = 100
/** Some of the problems found are one problem seen twice. */
const foundMax = problemsMax + 20
const wordsMax = 500

export interface Words {
  message: string
  hint?: string
  severity?: Problem['severity']
}

export interface Report {
  /** At the value of a path, `shift` characters into it. */
  at(path: Path, words: Words, shift?: number): void
  /** At the name before the ":". */
  atKey(path: Path, words: Words): void
  fault(fault: Fault): void
  /** More problems would not be shown: a check may stop. */
  isFull(): boolean
  /** In the order of the file. */
  problems(): Problem[]
}

export function openReport(file: string, text: string, tree: YamlTree | null): Report {
  const lineStarts = startsOfLines(text)
  const found: Problem[] = []
  const add = (offset: number | null, path: string, words: Words): void => {
    const { line, column } = offset === null ? { line: 0, column: 0 } : placeOf(lineStarts, offset)
    const { message, hint = '', severity = 'error' } = words
    found.push({
      file,
      line,
      column,
      path: printable(path),
      message: oneLine(message),
      hint: oneLine(hint),
      severity,
    })
  }
  return {
    at: (path, words, shift = 0) => {
      add(tree === null ? null : placeAt(tree, path).offset + shift, pathText(path), words)
    },
    atKey: (path, words) => {
      add(tree === null ? null : placeAt(tree, path).keyOffset, pathText(path), words)
    },
    fault: (fault) => add(fault.offset, '', fault),
    isFull: () => found.length > foundMax,
    problems: () => inOrder(file, found),
  }
}

// A message quotes what stands in the file, whatever that is.
function oneLine(text: string): string {
  return printable(text.length > wordsMax ? `${text.slice(0, wordsMax - 3)}...` : text)
}

/** `tasks.load.needs[0]`; a name that holds a dot or a slash is quoted. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[A-Za-z0-9_-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part.length > 64 ? `${part.slice(0, 61)}...` : part)}]`
  }
  return text
}

function inOrder(file: string, found: readonly Problem[]): Problem[] {
  const sorted = [...found].sort((a, b) => a.line - b.line || a.column - b.column)
  const seen = new Set<string>()
  // What does not read well as YAML needs no second problem at the same place.
  const unread = new Set(found.filter(isUnread).map(placeText))
  const once = sorted.filter((problem) => {
    if (unread.has(placeText(problem)) && !isUnread(problem)) return false
    const key = `${placeText(problem)} ${problem.message}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
  if (once.length <= problemsMax) return once
  const more = once.length - problemsMax
  const rest: Problem = {
    file,
    line: 0,
    column: 0,
    path: '',
    message: `There are more problems in this file, at least ${more}.`,
    hint: 'Fix the first ones: the others may follow from them.',
    severity: once.slice(problemsMax).some((p) => p.severity === 'error') ? 'error' : 'warning',
  }
  return [...once.slice(0, problemsMax), rest]
}

function isUnread({ path, line }: Problem): boolean {
  return path === '' && line > 0
}

function placeText({ line, column }: Problem): string {
  return `${line}:${column}`
}

function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function placeOf(lineStarts: readonly number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle] as number) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] as number) + 1 }
}
