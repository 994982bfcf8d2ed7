// What a person sees while a run goes on: a live table on a terminal, one line per change elsewhere.
import type { CliContext } from './context.ts'
import type { FollowedRun } from './follow-run.ts'
import { columns, oneLine, paintFor, stateWord, widthOf } from './paint.ts'
import type { Paint } from './paint.ts'
import { transferText } from './transfer-lines.ts'
import type { HostTransfer } from './transfer-lines.ts'
import { durationWords, localTime, plural } from './words.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isRunEnd, isTaskEnd } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'

export interface Progress {
  show: (run: FollowedRun, events: readonly RunEvent[]) => void
  /** Files on their way, below the table; null: there is no place for them. */
  showTransfers: ((transfers: readonly HostTransfer[]) => void) | null
  /** A line above what is live. */
  note: (text: string) => void
  /** Stands still, with room below for a question, until it is undone. */
  hold: () => () => void
  /** Leaves the last picture on the screen. Again changes nothing. */
  close: () => void
}

const repaintMs = 100
/** Lines; the tasks matter more. */
const transfersMax = 3
/** A host that has not answered by then deserves a word. */
const reachSlowMs = 3000

export function openProgress(context: CliContext): Progress {
  return context.out.isTTY && context.env['TERM'] !== 'dumb'
    ? liveTable(context)
    : plainLines(context)
}

function plainLines(context: CliContext): Progress {
  const { out } = context
  const paint = paintFor(out)
  const shown = new Map<string, TaskState>()
  return {
    show({ view }, events) {
      for (const key of shown.size === 0 ? Object.keys(view.tasks) : keysOf(events)) {
        const task = view.tasks[key]
        if (task === undefined || shown.get(key) === task.state) continue
        const isFirst = !shown.has(key)
        shown.set(key, task.state)
        // What was so before we looked is no news.
        if (isFirst && (task.state === 'waiting' || isTaskEnd(task.state))) continue
        const now = context.clock.now()
        const cells = rowOf(paint, task, now)
        if (task.state === 'running') cells[3] = ''
        out.write(
          `${localTime(now).slice(11)}  ${cells.filter((cell) => cell !== '').join('  ')}\n`,
        )
      }
    },
    showTransfers: null,
    note: (text) => out.write(`${text}\n`),
    hold: () => () => {},
    close: () => {},
  }
}

/** Of the tasks that the events are about: a large run must not cost its size per event. */
function keysOf(events: readonly RunEvent[]): Set<string> {
  const keys = new Set<string>()
  for (const event of events) {
    if ('item' in event) keys.add(taskKey(event.task, event.item))
  }
  return keys
}

function liveTable(context: CliContext): Progress {
  const { out, clock } = context
  const paint = paintFor(out)
  let last: FollowedRun | null = null
  let drawn = 0
  let cancelTimer: (() => void) | null = null
  let isDirty = false
  let isHeld = false
  let transfers: readonly HostTransfer[] = []

  const erase = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`)
  const draw = (): void => {
    isDirty = false
    if (last === null || isHeld) return
    const under = isRunEnd(last.view.state) ? [] : transfers.slice(0, transfersMax)
    const rows = out.rows - under.length
    const lines = [
      ...pictureOf(last.view, { paint, now: clock.now(), rows }),
      ...under.map((one) => paint('dim', transferText(one))),
    ].map((line) => cut(line, out.columns - 1))
    // One write: a terminal that shows half a picture flickers.
    out.write(erase() + lines.map((line) => `${line}\n`).join(''))
    drawn = lines.length
  }
  // A tenth of the time at most goes into drawing, however many tasks there are.
  const arm = (drawMs: number): void => {
    cancelTimer = clock.after(Math.max(repaintMs, drawMs * 10), () => {
      const isAlive = last !== null && !isRunEnd(last.view.state)
      const from = clock.monotonic()
      // Durations of running tasks move on without events.
      if (isDirty || isAlive) draw()
      arm(clock.monotonic() - from)
    })
  }

  return {
    show(run) {
      last = run
      isDirty = true
      if (cancelTimer === null) {
        draw()
        arm(0)
      }
    },
    showTransfers(present) {
      transfers = present
      isDirty = true
    },
    note(text) {
      out.write(`${erase()}${text}\n`)
      drawn = 0
      draw()
    },
    hold() {
      isHeld = true
      return () => {
        isHeld = false
        // What was typed stands below the picture: the next one is drawn under it.
        drawn = 0
        draw()
      }
    },
    close() {
      if (cancelTimer === null) return
      cancelTimer()
      cancelTimer = null
      draw()
    },
  }
}

interface PictureOptions {
  paint: Paint
  now: number
  /** Of the terminal. */
  rows: number
}

/** The table of tasks; with more tasks than rows, those that matter now. Then one line of counts. */
export function pictureOf(view: RunView, options: PictureOptions): string[] {
  const { paint, now } = options
  const tasks = Object.values(view.tasks)
  const room = Math.max(5, options.rows - 4)
  const shown = tasks.length <= room ? tasks : mostInteresting(tasks, room - 1)
  const lines = columns(shown.map((task) => rowOf(paint, task, now)))
  if (shown.length < tasks.length) {
    lines.push(paint('dim', `… and ${tasks.length - shown.length} more tasks`))
  }
  lines.push(summaryOf(view, paint, now))
  return lines
}

const interest: Readonly<Record<TaskState, number>> = {
  failed: 0,
  unknown: 1,
  retrying: 2,
  running: 3,
  queued: 4,
  cancelled: 5,
  waiting: 6,
  upstream_failed: 7,
  succeeded: 8,
  reused: 9,
  skipped: 10,
}

function mostInteresting(tasks: TaskView[], count: number): TaskView[] {
  const ranked = tasks.map((task, index) => ({ task, index }))
  ranked.sort((a, b) => interest[a.task.state] - interest[b.task.state] || a.index - b.index)
  const kept = ranked.slice(0, count).sort((a, b) => a.index - b.index)
  return kept.map(({ task }) => task)
}

function rowOf(paint: Paint, task: TaskView, now: number): string[] {
  const attempt = task.attempts.at(-1)
  const from = attempt?.startingAt ?? null
  const to = isTaskEnd(task.state) ? (attempt?.end?.endedAt ?? task.endedAt) : now
  const hasRun = from !== null && task.state !== 'reused' && task.state !== 'waiting'
  return [
    stateWord(paint, task.state),
    oneLine(taskKey(task.task, task.item)),
    paint('dim', attempt?.host ?? ''),
    hasRun && to !== null ? durationWords(to - from) : '',
    paint('dim', oneLine(noteOf(task, now))),
  ]
}

function noteOf(task: TaskView, now: number): string {
  const attempt = task.attempts.at(-1)
  if (task.state === 'retrying' && task.dueAt !== null) {
    return `attempt ${task.attempts.length + 1} in ${durationWords(task.dueAt - now)}`
  }
  if (task.state === 'unknown') return attempt?.unknownWhy ?? ''
  if (task.state === 'failed' || task.state === 'reused') return task.why
  // The host may be out of reach, and is tried for a while.
  const isSlow = attempt?.hostStartedAt === null && now - attempt.startingAt > reachSlowMs
  if (task.state === 'running' && isSlow) return `not started yet: waits for ${attempt.host}`
  if (task.state === 'running' && task.attempts.length - task.attemptsBefore > 1) {
    return `attempt ${task.attempts.length}`
  }
  return ''
}

function summaryOf(view: RunView, paint: Paint, now: number): string {
  const tasks = Object.values(view.tasks)
  const time = durationWords((view.endedAt ?? now) - view.createdAt)
  const state = view.cancelAsked !== null && !isRunEnd(view.state) ? 'cancelling' : null
  const counts = isRunEnd(view.state)
    ? countWords(tasks)
    : `${tasks.filter((task) => isTaskEnd(task.state)).length} of ${plural(tasks.length, 'task')}`
  return `${state ?? stateWord(paint, view.state)}  ${counts}  ${time}`
}

/** `3 succeeded, 1 failed`. */
function countWords(tasks: readonly TaskView[]): string {
  const counts = new Map<TaskState, number>()
  for (const { state } of tasks) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state.replace('_', ' ')}`).join(', ')
}

/** Keeps colours whole and closes what a cut leaves open. */
function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line
  let rest = width - 1
  let text = ''
  // eslint-disable-next-line no-control-regex
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b')) text += part
    else {
      const kept = Array.from(part).slice(0, rest)
      rest -= kept.length
      text += kept.join('')
    }
  }
  return `${text}…`
}
