// What an item of a fan-out stands for, in one short line.
import type { JsonValue } from '../../shared/run/json.ts'

const lengthMax = 120

/** A text as it is; a map by its values, which tell items apart where its keys do not. */
export function itemWords(value: JsonValue): string {
  const words = plain(value)
  return words.length > lengthMax ? `${words.slice(0, lengthMax - 1)}…` : words
}

function plain(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return JSON.stringify(value)
  return Object.entries(value)
    .map(([key, part]) => `${key}=${typeof part === 'string' ? part : JSON.stringify(part)}`)
    .join(' ')
}
