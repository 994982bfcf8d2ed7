// What stands in a log while a run goes on: a line per change. Long lists have one per tenth, and one per item that failed.
import type { CliContext } from './context.ts'
import { paintFor } from './paint.ts'
import { askLines, personNotes, saidLine } from './person-notes.ts'
import type { Progress } from './run-progress.ts'
import { rowOf } from './run-picture.ts'
import { localTime } from './words.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'

/** Items of a longer list have a line each only where they did not go well. */
const itemsToldMax = 20

/** What ended before `since` (ms) is no news. */
export function plainProgress(context: CliContext, since: number): Progress {
  const { out } = context
  const paint = paintFor(out)
  const shown = new Map<string, TaskState>()
  const tenths = new Map<string, number>()

  const tell = (task: TaskView): void => {
    const now = context.clock.now()
    const cells = rowOf(paint, task, now)
    if (task.state === 'running') cells[3] = ''
    const words = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
    out.write(`${localTime(now).slice(11)}  ${words.join('  ')}\n`)
  }
  const look = (view: RunView, key: string, isFirstLook: boolean): void => {
    const task = view.tasks[key]
    if (task === undefined) return
    const before = shown.get(key)
    shown.set(key, task.state)
    const head = task.item === null ? undefined : view.tasks[task.task]
    if (head !== undefined) tellTenth(head)
    if (before === task.state || task.state === 'waiting') return
    if (isFirstLook && isTaskEnd(task.state) && (task.endedAt ?? 0) < since) return
    // Its question says so itself.
    if (task.state === 'running' && task.approval?.decided === null) return
    const isLong = (head?.fan?.list.length ?? 0) > itemsToldMax
    if (!isLong || isTrouble(task.state)) tell(task)
  }
  const tellTenth = (head: TaskView): void => {
    const { list, counts } = head.fan ?? { list: [], counts: {} }
    if (list.length <= itemsToldMax) return
    const left = (['waiting', 'queued', 'running', 'retrying', 'unknown'] as const).reduce(
      (sum, state) => sum + (counts[state] ?? 0),
      0,
    )
    const tenth = Math.floor(((list.length - left) / list.length) * 10)
    if (tenth === (tenths.get(head.task) ?? 0)) return
    tenths.set(head.task, tenth)
    if (head.state === 'running' && left > 0) tell(head)
  }
  return {
    show({ view, graph }, events) {
      const isFirstLook = shown.size === 0
      // Without events it is a look at all of it: the first one, or the one after the engine has changed.
      for (const key of events.length === 0 ? Object.keys(view.tasks) : keysOf(events))
        look(view, key, isFirstLook)
      const options = { paint, now: context.clock.now(), graph }
      const lines = isFirstLook
        ? personNotes(view, options)
        : events.flatMap((event) =>
            event.kind === 'approval.asked'
              ? askLines(view, taskKey(event.task, event.item), options)
              : said(event, options.now),
          )
      for (const line of lines) out.write(`${line}\n`)
    },
    showTransfers: null,
    note: (text) => out.write(`${text}\n`),
    hold: () => () => {},
    close: () => {},
  }

  function said(event: RunEvent, now: number): string[] {
    const line = saidLine(paint, event)
    return line === null ? [] : [`${localTime(now).slice(11)}  ${line}`]
  }
}

function isTrouble(state: TaskState): boolean {
  return state === 'failed' || state === 'unknown' || state === 'retrying'
}

/** Of the tasks that the events are about: a large run must not cost its size per event. */
function keysOf(events: readonly RunEvent[]): Set<string> {
  const keys = new Set<string>()
  for (const event of events) {
    if ('item' in event) keys.add(taskKey(event.task, event.item))
  }
  return keys
}
