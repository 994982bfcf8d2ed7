// What people are asked and what they have said, as it bears on a run: how to answer, and how to take it back.
import { columns, oneLine, shellWord } from './paint.ts'
import type { Paint } from './paint.ts'
import { durationWords } from './words.ts'
import type { GraphNode } from '../../shared/api/views.ts'
import type { ParamSpec } from '../../shared/pipeline/spec.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView, Said } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'

export interface PersonNotesOptions {
  paint: Paint
  now: number
  graph: readonly GraphNode[]
}

/** Questions that are shown whole; the rest are counted. */
const asksMax = 5

/** Empty of a run that has ended, and where nobody is asked and nobody said anything. */
export function personNotes(view: RunView, options: PersonNotesOptions): string[] {
  if (isRunEnd(view.state)) return []
  const { paint, now } = options
  const { paused, stopAsked, asks = {} } = view
  const ref = view.run.slice(-8)
  const lines: string[] = []
  if (paused !== undefined) {
    lines.push(
      `${paint('yellow', '‖')} Paused ${withWords(paused.through)}${saidWords(paused, now)}`,
      `    sluice unpause ${paused.through?.slice(-8) ?? ref}`,
    )
  }
  if (stopAsked !== undefined) {
    const after = stopAsked.after === null ? '' : ` after ${oneLine(stopAsked.after)}`
    lines.push(`${paint('yellow', '■')} To stop${after}, said ${saidWords(stopAsked, now)}`)
  }
  const open = Object.keys(asks)
  for (const key of open.slice(0, asksMax)) lines.push(...askLines(view, key, options))
  if (open.length > asksMax) lines.push(paint('dim', `… and ${open.length - asksMax} more ask`))
  return lines
}

/** Of a run that is paused with the one that it is a part of. */
function withWords(through: string | undefined): string {
  return through === undefined ? '' : `with run ${through} `
}

/** `by ana 2 min 03 s ago: the window is closed`. */
function saidWords({ by, reason, at }: Said, now: number): string {
  const why = reason === '' ? '' : `: ${oneLine(reason)}`
  return `by ${oneLine(by)} ${durationWords(now - at)} ago${why}`
}

/** One question: its words, its form, the time left, and the commands that answer. `key`: of the task that asks. */
export function askLines(view: RunView, key: string, options: PersonNotesOptions): string[] {
  const { paint, now, graph } = options
  const task = view.tasks[key]
  const open = task?.approval
  if (task === undefined || open === undefined || open.decided !== null) return []
  const approval = graph.find(({ name }) => name === task.task)?.approval
  const form = approval?.form ?? []
  const name = oneLine(key)
  const ref = `${view.run.slice(-8)} ${shellWord(key)}`
  const lines = [
    `${paint('cyan', '?')} ${paint('bold', name)} waits for an answer: ${paint('bold', oneLine(open.message))}`,
    ...columns(form.map(fieldCells)).map((row) => `    ${row}`),
  ]
  if (open.dueAt !== null) {
    const what = approval?.onTimeout === 'approve' ? 'approved' : 'rejected'
    lines.push(`  Without an answer it is ${what} in ${durationWords(open.dueAt - now)}.`)
  }
  const sets = form.filter((field) => field.default === null).map(setWord)
  return [
    ...lines,
    `    sluice approve ${[ref, ...sets].join(' ')}`,
    `    sluice reject ${ref} --reason TEXT`,
  ]
}

function setWord({ name, type }: ParamSpec): string {
  return `--set ${name}=${type.toUpperCase()}`
}

function fieldCells(field: ParamSpec): string[] {
  const { name, type, choices, description } = field
  const values = type === 'choice' ? choices.join(' or ') : type
  const otherwise = field.default === null ? '' : `, else ${String(field.default)}`
  return [oneLine(name), oneLine(values + otherwise), oneLine(description)]
}

/** A word of a person, as one line of a log; null: the event is none, or is told elsewhere. */
export function saidLine(paint: Paint, event: RunEvent): string | null {
  switch (event.kind) {
    case 'run.paused':
      return `${paint('yellow', '‖ paused')}  ${withWords(event.through)}${byWords(event)}`
    case 'run.unpaused':
      return `${paint('yellow', '▶ goes on')}  by ${oneLine(event.by)}`
    case 'run.stop_asked': {
      const after = event.after === null ? '' : ` after ${oneLine(event.after)}`
      return `${paint('yellow', '■ to stop')}${after}  ${byWords(event)}`
    }
    case 'task.held':
    case 'task.unheld': {
      const name = oneLine(taskKey(event.task, event.item))
      const word = event.kind === 'task.held' ? '‖ held' : '▶ let go'
      return `${paint('yellow', word)}  ${name}  ${byWords({ reason: '', ...event })}`
    }
    default:
      return null
  }
}

function byWords({ by, reason }: Pick<Said, 'by' | 'reason'>): string {
  return `by ${oneLine(by)}${reason === '' ? '' : `: ${oneLine(reason)}`}`
}
