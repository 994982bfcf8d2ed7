// The signature of a failed run: two runs that failed for the same reason have the same one, whichever task, item and host
// they failed on. Pure.
//   S1  It is the cause class and the first line of evidence, masked as logs are compared, without the run's own names.
//   S2  Where no line tells, the class and the way it ended must do. `unknown` without a line is like nothing else.
//   S3  It outlives updates of Sluice only as far as classes and masks do: a failure is judged once and keeps what was found.
import { createHash } from 'node:crypto'
import type { RootCause } from '../../shared/api/views.ts'
import { maskLine } from './mask.ts'

/** The names that must not tell runs apart. */
export interface OwnNames {
  run: string
  pipeline: string
  /** Of the failing task run. */
  host: string
  /** All tasks: a line may name another one. */
  tasks: readonly string[]
  /** What the fan-out item stands for, where it is a text. */
  item: string | null
}

export interface Signature {
  signature: string
  words: string
}

/** What follows in a line is data. */
const lineCharsMax = 1024
const wordsCharsMax = 200

export function signatureOf(
  cause: Pick<RootCause, 'class' | 'evidence' | 'exitWords' | 'summary'>,
  names: OwnNames,
): Signature | null {
  const line = cause.evidence[0]?.text.trim() ?? ''
  if (line === '' && cause.class === 'unknown') return null
  const words = wordsOf(line || cause.exitWords || cause.summary, names)
  const hash = createHash('sha256')
    .update(JSON.stringify([cause.class, words]))
    .digest('hex')
  return { signature: `${cause.class}-${hash.slice(0, 10)}`, words: words.slice(0, wordsCharsMax) }
}

function wordsOf(line: string, names: OwnNames): string {
  // The longest first: a name may hold another.
  const own = [names.run, names.pipeline, names.host, names.item ?? '', ...names.tasks]
    .filter((name) => name !== '')
    .toSorted((a, b) => b.length - a.length)
  const text = own.reduce(withoutName, line.slice(0, lineCharsMax))
  const masked = maskLine(text.replace(temporary, shortPath))
  return masked.replace(/^# /, '').replace(/\s+/g, ' ').trim()
}

// A mask takes a temporary path whole, and with it which file it was about: a plain name in it is no chance name.
const temporary = /\/(?:var\/tmp|private\/tmp|tmp|scratch)\/(?:[\w.-]{1,80}\/){0,12}([\w.-]{1,80})/g
const plainName = /^(?!tmp)[A-Za-z][A-Za-z_-]*\.[a-z]{1,6}$/

function shortPath(path: string, base: string): string {
  return plainName.test(base) ? `<tmp>/${base}` : path
}

function withoutName(text: string, name: string): string {
  if (!text.includes(name)) return text
  const found = new RegExp(`(?<![\\w-])${escaped(name)}(?![\\w-])`, 'g')
  return text.replace(found, (word, at: number) =>
    isMeantAsName(text, word, at) ? '<name>' : word,
  )
}

// "cannot load the file" is no talk of a task that is called `load`: a plain word counts as a name only where it stands as
// one, in quotes, brackets or a path, before a colon or behind an equals sign.
function isMeantAsName(text: string, word: string, at: number): boolean {
  if (!/^[a-z]+$/i.test(word)) return true
  const before = text[at - 1] ?? ''
  const after = text[at + word.length] ?? ''
  return /['"`[(/=<@]/.test(before) || /['"`\])/:>]/.test(after)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
