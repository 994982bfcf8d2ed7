// What a task has saved of its progress, in words: `offset 48,000 of 96,000`, or its lines as they are.
import type { Checkpoint } from '../../shared/run/events.ts'
import { byteWords } from '../ui/time-words.ts'

export interface Progressed {
  name: string
  at: number
  total: number
}

/** Names of a place in something, as scripts call it; the first that has a total beside it counts. */
const places = [
  'offset',
  'position',
  'pos',
  'row',
  'rows',
  'line',
  'lines',
  'page',
  'part',
  'chunk',
  'batch',
  'file',
  'record',
  'records',
  'step',
  'done',
  'processed',
  'loaded',
  'completed',
  'count',
]
const totals = ['total', 'of', 'size', 'end', 'max', 'count', 'length']

export function progressOf(values: Checkpoint['values']): Progressed | null {
  const plain = new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), value]))
  for (const name of places) {
    const at = whole(plain.get(name))
    if (at === null) continue
    const keys = totals.flatMap((each) => [`${name}_${each}`, `${each}_${name}`, each])
    const total = keys
      .filter((key) => key !== name)
      .map((key) => whole(plain.get(key)))
      .find((value) => value !== null && value >= at && value > 0)
    if (total != null) return { name, at, total }
  }
  return null
}

export function checkpointWords({ values, folder }: Pick<Checkpoint, 'values' | 'folder'>): string {
  const progress = progressOf(values)
  const parts =
    progress === null
      ? Object.entries(values).map(([key, value]) => `${key}=${value}`)
      : [`${progress.name} ${number(progress.at)} of ${number(progress.total)}`]
  if (folder !== null) parts.push(`a folder of ${byteWords(folder.bytes)}`)
  return parts.join(', ')
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null
}

const number = (value: number): string => value.toLocaleString('en')
