// JSON values to what CEL computes with, and back: whole numbers are its integers, others its doubles, null its null.
// Mappings become `Map`s: a name like "constructor" is a key like any other.
import type { JsonValue } from '../../shared/run/json.ts'

/** Lists, mappings, texts and numbers of one evaluation, together. */
const valuesMax = 200_000
const charactersMax = 2_000_000
const depthMax = 64

export interface Tally {
  values: number
  characters: number
  longestText: number
}

export function newTally(): Tally {
  return { values: 0, characters: 0, longestText: 0 }
}

/** null: more than an evaluation may look at. */
export function toCel(value: JsonValue, tally: Tally, depth = 0): { value: unknown } | null {
  tally.values += 1
  if (tally.values > valuesMax || depth > depthMax) return null
  if (typeof value === 'string') {
    tally.characters += value.length
    tally.longestText = Math.max(tally.longestText, value.length)
    return tally.characters > charactersMax ? null : { value }
  }
  if (typeof value === 'number') {
    return { value: Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : value }
  }
  if (typeof value !== 'object' || value === null) return { value }
  if (Array.isArray(value)) return listToCel(value as readonly JsonValue[], tally, depth)
  const map = new Map<string, unknown>()
  for (const [key, each] of Object.entries(value)) {
    tally.characters += key.length
    const converted = toCel(each, tally, depth + 1)
    if (converted === null) return null
    map.set(key, converted.value)
  }
  return { value: map }
}

/** Lists of values of a run never change, and each item of a fan-out may read the same long one. */
const LONG_LIST = 100
const longLists = new WeakMap<readonly JsonValue[], { list: unknown[]; tally: Tally }>()

function listToCel(
  value: readonly JsonValue[],
  tally: Tally,
  depth: number,
): { value: unknown } | null {
  const known = longLists.get(value)
  const own = known?.tally ?? newTally()
  const list = known?.list ?? []
  if (known === undefined) {
    for (const each of value) {
      const converted = toCel(each, own, depth + 1)
      if (converted === null) return null
      list.push(converted.value)
    }
    if (value.length >= LONG_LIST) longLists.set(value, { list, tally: own })
  }
  tally.values += own.values
  tally.characters += own.characters
  tally.longestText = Math.max(tally.longestText, own.longestText)
  const isTooMuch = tally.values > valuesMax || tally.characters > charactersMax
  return isTooMuch ? null : { value: list }
}

export type FromCel = { ok: true; value: JsonValue } | { ok: false; why: string }

/** What has no place in JSON, or is more than it may be, is named. */
export function fromCel(value: unknown): FromCel {
  try {
    return { ok: true, value: jsonOf(value, newTally(), 0) }
  } catch (error) {
    if (error instanceof NoJson) return { ok: false, why: error.message }
    throw error
  }
}

class NoJson extends Error {}

function jsonOf(value: unknown, tally: Tally, depth: number): JsonValue {
  tally.values += 1
  if (tally.values > valuesMax || depth > depthMax) throw new NoJson('the value is too large')
  switch (typeof value) {
    case 'string':
      tally.characters += value.length
      if (tally.characters > charactersMax) throw new NoJson('the value is too large')
      return value
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new NoJson(`${value} is no number of JSON`)
      return value
    case 'bigint':
      if (!Number.isSafeInteger(Number(value))) {
        throw new NoJson(`the integer ${value} cannot be kept exactly`)
      }
      return Number(value)
    default:
      return structureOf(value, tally, depth)
  }
}

function structureOf(value: unknown, tally: Tally, depth: number): JsonValue {
  if (value === null) return null
  if (Array.isArray(value)) return value.map((each: unknown) => jsonOf(each, tally, depth + 1))
  const entries = entriesOf(value)
  if (entries === null) throw new NoJson(`${kindOf(value)} is no value of JSON`)
  return Object.fromEntries(
    entries.map(([key, each]) => {
      if (typeof key !== 'string') throw new NoJson('a key of a mapping is no text')
      tally.characters += key.length
      return [key, jsonOf(each, tally, depth + 1)]
    }),
  )
}

function entriesOf(value: unknown): [unknown, unknown][] | null {
  if (value instanceof Map) return [...value.entries()]
  if (typeof value !== 'object' || value === null) return null
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype ? Object.entries(value) : null
}

/** `the text "5"`, `a list of 3`: what a sentence says of a value. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > 40 ? `${value.slice(0, 37)}...` : value
    return `the text ${JSON.stringify(text)}`
  }
  if (typeof value === 'bigint' || typeof value === 'number') return `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return `a list of ${value.length}`
  return kindOf(value)
}

function kindOf(value: unknown): string {
  if (entriesOf(value) !== null) return 'a mapping'
  if (value instanceof Uint8Array) return 'a text of bytes'
  if (value instanceof Date) return 'a timestamp'
  return 'a value of this type'
}
