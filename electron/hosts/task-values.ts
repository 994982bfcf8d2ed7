// Reads what a task wrote to `$SLUICE_OUTPUT`: a JSON object, or key=value lines. It's a host's word, so everything has a bound.
import type { JsonValue } from '../../shared/run/json.ts'

export const valuesBytesMax = 256 * 1024
const keyForm = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const keyRule =
  'names are letters, digits and _, begin with no digit and have at most 64 characters'
const depthMax = 32
/** Of values inside values: more would make every later look at them slow. */
const countMax = 50_000
const shownMax = 60

export type TaskValues =
  | { kind: 'values'; values: Record<string, JsonValue> }
  /** One sentence, which names the line where there is one. */
  | { kind: 'bad'; why: string }

/** `name`: of the file, in the sentences. */
export function parseTaskValues(bytes: Uint8Array, name = '$SLUICE_OUTPUT'): TaskValues {
  try {
    const text = textOf(bytes)
    const isJson = /^\s*[{[]/.test(text)
    return { kind: 'values', values: isJson ? fromJson(text) : fromLines(text, neither) }
  } catch (error) {
    if (error instanceof Unread) return { kind: 'bad', why: `${name}${error.message}` }
    throw error
  }
}

export type TaskLines =
  | { kind: 'values'; values: Record<string, string> }
  /** One sentence, which names the line. */
  | { kind: 'bad'; why: string }

/** The lines alone, as checkpoints have them. */
export function parseLines(bytes: Uint8Array, name: string): TaskLines {
  try {
    return { kind: 'values', values: fromLines(textOf(bytes), 'no key=value line') }
  } catch (error) {
    if (error instanceof Unread) return { kind: 'bad', why: `${name}${error.message}` }
    throw error
  }
}

class Unread extends Error {}

function textOf(bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Unread(`, line ${badUtf8Line(bytes)}: this is no UTF-8 text.`)
  }
  const nul = text.indexOf('\0')
  if (nul !== -1) throw new Unread(`, line ${lineAt(text, nul)}: a NUL byte cannot be in a value.`)
  return text
}

/** The first one that cannot be read alone: a line end is never a part of another character. */
function badUtf8Line(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let at = 0; at < bytes.length; line++) {
    const end = bytes.indexOf(10, at)
    const stop = end === -1 ? bytes.length : end + 1
    try {
      decoder.decode(bytes.subarray(at, stop))
    } catch {
      return line
    }
    at = stop
  }
  return line
}

const neither = 'neither a key=value line nor the beginning of a JSON object'

/** `other`: what a line that has no `=` is. */
function fromLines(text: string, other: string): Record<string, string> {
  const values = new Map<string, string>()
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.trim() === '') continue
    const at = line.indexOf('=')
    if (at === -1) throw new Unread(`, line ${index + 1}: ${shown(line)} is ${other}.`)
    const key = line.slice(0, at)
    if (!isKey(key)) throw new Unread(`, line ${index + 1}: ${shown(key)} is no name; ${keyRule}.`)
    values.set(key, line.slice(at + 1))
  }
  // Not by assignment, which some names would not survive.
  return Object.fromEntries(values)
}

function fromJson(text: string): Record<string, JsonValue> {
  const found = parsed(text)
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    throw new Unread(
      ': a JSON list was found where an object was expected; write {"items": [...]}.',
    )
  const tally = { count: 0 }
  for (const [key, value] of Object.entries(found)) {
    if (!isKey(key)) throw new Unread(`: the key ${shown(key)} is no name; ${keyRule}.`)
    check(value as JsonValue, key, 1, tally)
  }
  return found as Record<string, JsonValue>
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const where = whereOf(error.message, text)
    if (where === null) throw new Unread(': this is no JSON object: a value is missing in it.')
    const rest = text.slice(where).split('\n')[0] ?? ''
    const found = rest === '' ? 'it ends too soon' : `${shown(rest)} was not expected there`
    throw new Unread(`, line ${lineAt(text, where)}: this is no JSON object: ${found}.`)
  }
}

const token =
  /[\s{}[\]:,]+|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** V8 tells the place of some faults only; of the others, the first that is no word of JSON. */
function whereOf(message: string, text: string): number | null {
  const told = /at position (\d+)/.exec(message)?.[1]
  if (told !== undefined) return Number(told)
  if (message.startsWith('Unexpected end')) return text.length
  token.lastIndex = 0
  for (let at = 0; at < text.length; at = token.lastIndex) if (!token.test(text)) return at
  return null
}

function check(value: JsonValue, path: string, depth: number, tally: { count: number }): void {
  if (depth > depthMax)
    throw new Unread(`: ${shown(path)} is nested deeper than ${depthMax} levels.`)
  if (++tally.count > countMax) throw new Unread(`: there are more than ${countMax} values in it.`)
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
      throw new Unread(
        `: the number of ${shown(path)} is too large to be kept exactly; write it as a text.`,
      )
  } else if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) check(one, `${path}[${index}]`, depth + 1, tally)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      if (key === '__proto__') throw new Unread(`: "__proto__" in ${shown(path)} is no name.`)
      check(one, `${path}.${key}`, depth + 1, tally)
    }
  } else if (typeof value === 'string' && value.includes('\0')) {
    throw new Unread(`: a NUL cannot be in the value of ${shown(path)}.`)
  }
}

function isKey(key: string): boolean {
  return key !== '__proto__' && keyForm.test(key)
}

function lineAt(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

/** As JSON writes it, so that what cannot be seen is seen. */
function shown(text: string): string {
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}...` : text)
}
