// Colour and safe text for a terminal. Colour is never the only sign of anything.
import type { Terminal } from './context.ts'
import type { RunState, TaskState } from '../../shared/run/states.ts'

export type Ink = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'dim' | 'bold'

const codes: Readonly<Record<Ink, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
}

export type Paint = (ink: Ink, text: string) => string

export function paintFor(terminal: Pick<Terminal, 'color'>): Paint {
  if (!terminal.color) return (_ink, text) => text
  return (ink, text) =>
    text === '' ? '' : `\u001b[${codes[ink][0]}m${text}\u001b[${codes[ink][1]}m`
}

/** Text from logs, hosts and files: nothing in it may act on the terminal. */
export function printable(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex
      .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
      .replaceAll('\t', '    ')
      // eslint-disable-next-line no-control-regex
      .replace(acting, '\ufffd')
  )
}

/** The same on one line: nobody's text can pretend to be a line of ours. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', ' ')
}

// Control characters, less the line end, and those that turn the direction of text.
const acting =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// The way back over a live picture, only where a write begins; colours; what else acts.
const ownOrActing =
  // eslint-disable-next-line no-control-regex
  /^\u001b\[\d+A\u001b\[J|\u001b\[[0-9;]*m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/**
 * The last gate before a terminal: of what acts there, only our own colours and the redrawing of a live picture pass.
 * Whoever forgets `printable` shows odd characters and does no harm.
 */
export function tame(text: string): string {
  return text.replace(ownOrActing, (found) => (found.length > 1 ? found : '\ufffd'))
}

/** JSON with every character that a terminal could act on written as its number: the same value, safe to show. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    acting,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** As it is typed: a shell takes `load[3]` for a pattern. */
export function shellWord(name: string): string {
  const text = oneLine(name)
  return /^[\w.:@%+/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

const looks: Readonly<Record<TaskState, readonly [string, Ink]>> = {
  waiting: ['·', 'dim'],
  queued: ['◦', 'cyan'],
  running: ['▶', 'blue'],
  retrying: ['↻', 'yellow'],
  unknown: ['?', 'magenta'],
  succeeded: ['✓', 'green'],
  reused: ['=', 'green'],
  failed: ['✗', 'red'],
  upstream_failed: ['⊘', 'yellow'],
  skipped: ['−', 'dim'],
  cancelled: ['■', 'yellow'],
}

export function stateWord(paint: Paint, state: TaskState | RunState): string {
  const [icon, ink] = looks[state]
  return paint(ink, `${icon} ${state.replace('_', ' ')}`)
}

/** Columns padded to the widest cell; colours do not count. The last column is left as it is. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, widthOf(cell))))
  return rows.map((row) =>
    row
      .map((cell, i) =>
        i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell) + gap),
      )
      .join('')
      .trimEnd(),
  )
}

/** Of text that is drawn one cell per character, without its colours. */
export function widthOf(text: string): number {
  // eslint-disable-next-line no-control-regex
  return Array.from(text.replace(/\u001b\[[0-9;]*m/g, '')).length
}
