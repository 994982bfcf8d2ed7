// What a task has saved of its progress, in words, for every face: `resumes from offset 48,000 of 96,000`; lines that are no
// progress stand as they are.
import { byteWords } from './byte-words.ts'
import type { Checkpoint } from './events.ts'
import type { TaskView } from './run-view.ts'
import { isTaskEnd, isTaskGood } from './states.ts'

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

/** Lines that are shown; the rest are counted. */
const linesMax = 4
const valueLengthMax = 40

/** `offset 48,000 of 96,000`, `epoch=3 loss=0.2`, `a folder of 4.1 MB`. */
export function checkpointWords({ values, folder }: Pick<Checkpoint, 'values' | 'folder'>): string {
  const progress = progressOf(values)
  const lines = Object.entries(values).map(([key, value]) => `${key}=${cut(value)}`)
  const more = lines.length - linesMax
  const shown = [...lines.slice(0, linesMax), ...(more > 0 ? [`${more} more`] : [])]
  const parts =
    progress === null
      ? shown
      : [`${progress.name} ${number(progress.at)} of ${number(progress.total)}`]
  if (folder !== null) parts.push(`a folder of ${byteWords(folder.bytes)}`)
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

/**
 * `has saved ...` of the attempt that did; `resumes from ...`, `resumed from ...` of one after it, or where one is to come;
 * `a resume goes on from ...` where none is. `number`: of the attempt that it is told of; null: of the task as it stands. Empty where
 * nothing is saved.
 */
export function savedWords(task: TaskView, number: number | null): string {
  const { checkpoint, attempts, state } = task
  if (checkpoint === undefined) return ''
  const words = checkpointWords(checkpoint)
  const isOver = isTaskEnd(state)
  const wants = isOver ? `a resume goes on from ${words}` : `resumes from ${words}`
  if (number === null && isOver && !isTaskGood(state)) return wants
  const last = attempts.at(-1)?.number ?? 0
  const of = number ?? last
  if (of > checkpoint.attempt) return `${of < last || isOver ? 'resumed' : 'resumes'} from ${words}`
  const isDone = isTaskGood(state) || state === 'running' || state === 'unknown'
  return isDone ? `has saved ${words}` : wants
}

/** What a task made its checkpoint and could not be saved, in one sentence; empty where there is nothing of the kind. */
export function unsavedWords({ unsaved, checkpoint, state }: TaskView): string {
  if (unsaved === undefined) return ''
  const words = `The checkpoint of attempt ${unsaved.attempt} cannot be saved: ${unsaved.why}`
  // Nobody needs it any more.
  if (isTaskGood(state)) return words
  return `${words} ${checkpoint === undefined ? 'Another attempt begins anew.' : 'The checkpoint before it stays.'}`
}

function cut(value: string): string {
  return value.length > valueLengthMax ? `${value.slice(0, valueLengthMax - 1)}…` : value
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text.trim()) ? Number(text) : null
}

const number = (value: number): string => value.toLocaleString('en')
