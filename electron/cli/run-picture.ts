// The table of a run's tasks and its line of counts. A fan-out is one row with its counts; of its items only those stand
// below it that are news: what failed, what runs.
import { oneLine, stateWord } from './paint.ts'
import type { Paint } from './paint.ts'
import { columns } from './paint.ts'
import { fanWords, noteOf } from './task-words.ts'
import { durationWords, plural } from './words.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isRunEnd, isTaskEnd } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'

export interface PictureOptions {
  paint: Paint
  now: number
  /** Of the terminal. */
  rows: number
  /** Each item of each fan-out has its row; else those that are news, so many of each at most. */
  items?: 'all' | number
}

const itemsShownMax = 20

/** With more tasks than rows, those that matter at the moment. Then one line of counts. */
export function pictureOf(view: RunView, options: PictureOptions): string[] {
  const { paint, now, items = itemsShownMax } = options
  const { tasks, unshown } = shownTasks(view, items)
  const room = Math.max(5, options.rows - 4)
  const shown = tasks.length <= room ? tasks : mostInteresting(tasks, room - 1)
  const lines = columns(shown.map((task) => rowOf(paint, task, now)))
  if (shown.length < tasks.length) {
    lines.push(paint('dim', `… and ${tasks.length - shown.length} more tasks`))
  } else if (unshown > 0) {
    lines.push(paint('dim', `… and ${plural(unshown, 'more item')} that failed or run`))
  }
  lines.push(summaryOf(view, paint, now))
  return lines
}

/** In the order of the file, items behind the task that they are of. */
function shownTasks(view: RunView, items: 'all' | number): { tasks: TaskView[]; unshown: number } {
  const tasks: TaskView[] = []
  let unshown = 0
  for (const task of Object.values(view.tasks)) {
    if (task.item !== null) continue
    tasks.push(task)
    let left = items === 'all' ? Number.POSITIVE_INFINITY : items
    for (const index of task.fan?.list.keys() ?? []) {
      const item = view.tasks[taskKey(task.task, index)]
      if (item === undefined || (items !== 'all' && !isNews(item))) continue
      if (left > 0) tasks.push(item)
      else unshown += 1
      left -= 1
    }
  }
  return { tasks, unshown }
}

function isNews({ state, held }: TaskView): boolean {
  if (held !== undefined && !isTaskEnd(state)) return true
  return state === 'failed' || state === 'unknown' || state === 'retrying' || state === 'running'
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

export function rowOf(paint: Paint, task: TaskView, now: number): string[] {
  const attempt = task.attempts.at(-1)
  const from = attempt?.startingAt ?? null
  const to = isTaskEnd(task.state) ? (attempt?.end?.endedAt ?? task.endedAt) : now
  const hasRun = from !== null && task.state !== 'reused' && task.state !== 'waiting'
  const name = oneLine(taskKey(task.task, task.item))
  return [
    stateWord(paint, task.state),
    task.item === null ? name : `  ${name}`,
    paint('dim', attempt?.host ?? ''),
    hasRun && to !== null ? durationWords(to - from) : '',
    task.fan === undefined ? paint('dim', oneLine(noteOf(task, now))) : fanNote(paint, task, now),
  ]
}

function fanNote(paint: Paint, task: TaskView, now: number): string {
  const note = oneLine(noteOf(task, now))
  return `${fanWords(task)}${note === '' ? '' : paint('dim', `  ${note}`)}`
}

function summaryOf(view: RunView, paint: Paint, now: number): string {
  // A fan-out counts by its items.
  const tasks = Object.values(view.tasks).filter(({ fan }) => fan === undefined)
  const time = durationWords((view.endedAt ?? now) - view.createdAt)
  const counts = isRunEnd(view.state)
    ? countWords(tasks)
    : `${tasks.filter((task) => isTaskEnd(task.state)).length} of ${plural(tasks.length, 'task')}`
  return `${runWord(view, paint)}  ${counts}  ${time}`
}

function runWord(view: RunView, paint: Paint): string {
  if (isRunEnd(view.state)) return stateWord(paint, view.state)
  if (view.cancelAsked !== null) return 'cancelling'
  if (view.paused !== undefined) return paint('yellow', '‖ paused')
  if (view.stopAsked !== undefined) return paint('yellow', '■ stopping')
  return stateWord(paint, view.state)
}

/** `3 succeeded, 1 failed`. */
function countWords(tasks: readonly TaskView[]): string {
  const counts = new Map<TaskState, number>()
  for (const { state } of tasks) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state.replace('_', ' ')}`).join(', ')
}
