// What stands in for the log of a task run that has none of its own: a fan-out, a question, a run of another pipeline, or one
// that has not begun. Says what it is, how it stands, and the commands that show more.
import { columns, oneLine, shellWord, stateWord } from './paint.ts'
import type { Paint } from './paint.ts'
import { askLines } from './person-notes.ts'
import { fanWords, itemWords } from './task-words.ts'
import { plural } from './words.ts'
import type { GraphNode } from '../../shared/api/views.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'

/** What a task run is, as `logs --json` says it. `none`: a command that has not begun. */
export type LogKind = 'log' | 'fan_out' | 'approval' | 'pipeline' | 'none'

export interface NoLogOptions {
  paint: Paint
  now: number
  graph: readonly GraphNode[]
}

/** Items that are named; the rest are counted. */
const itemsMax = 10

export function logKindOf(task: TaskView, node: GraphNode | undefined): LogKind {
  if (task.attempts.length > 0) return 'log'
  if (task.item === null && (task.fan !== undefined || node?.fanOut !== undefined)) return 'fan_out'
  if (task.approval !== undefined || node?.approval !== undefined) return 'approval'
  if (task.child !== undefined || node?.pipeline !== undefined) return 'pipeline'
  return 'none'
}

/** One sentence that says why there is no log; then what there is instead. */
export function noLogLines(view: RunView, task: TaskView, options: NoLogOptions): string[] {
  const node = options.graph.find(({ name }) => name === task.task)
  const name = oneLine(taskKey(task.task, task.item))
  const ref = view.run.slice(-8)
  const why = `sluice why ${ref} ${shellWord(taskKey(task.task, task.item))}`
  const begun = (lines: string[]): string[] =>
    isTaskEnd(task.state) ? lines : [...lines, ...columns([[`    ${why}`, 'what it waits for']])]
  switch (logKindOf(task, node)) {
    case 'fan_out':
      if (task.fan === undefined)
        return begun([`${name} is a fan-out whose list is not known${endWords(task)}.`])
      return [
        `${name} is a fan-out: each of its items has a log of its own. ${fanWords(task)}.`,
        ...itemLines(view, task, options.paint),
      ]
    case 'approval':
      return [
        `${name} is a question to a person, so it has no log.`,
        ...askedLines(view, task, options),
      ]
    case 'pipeline': {
      const what = `${name} is a run of pipeline ${oneLine(node?.pipeline ?? '')}, so it has no log of its own`
      if (task.child === undefined)
        return begun([`${what}; that run has not begun${endWords(task)}.`])
      const child = task.child.slice(-8)
      return [
        `${what}. Its run is ${task.child}, and it is ${task.state.replace('_', ' ')}${becauseOf(task)}.`,
        ...columns([
          [`    sluice show ${child}`, 'its tasks'],
          [`    sluice logs ${child} TASK`, 'the log of one of them'],
        ]),
      ]
    }
    default:
      return begun([
        `${name} has not run, so it has no log: it is ${task.state.replace('_', ' ')}${becauseOf(task)}.`,
      ])
  }
}

function endWords(task: TaskView): string {
  return isTaskEnd(task.state)
    ? `: it is ${task.state.replace('_', ' ')}${becauseOf(task)}`
    : ' yet'
}

function becauseOf({ why }: TaskView): string {
  return why === '' ? '' : ` (${oneLine(why)})`
}

const firstStates: readonly TaskState[] = ['failed', 'unknown', 'retrying', 'running']

/** Those that failed or run first, and the command for one. */
function itemLines(view: RunView, head: TaskView, paint: Paint): string[] {
  const items = itemsOf(view, head)
  const rank = ({ state }: TaskView): number => {
    const at = firstStates.indexOf(state)
    return at === -1 ? firstStates.length : at
  }
  const [first, ...rest] = items.toSorted((a, b) => rank(a) - rank(b)).slice(0, itemsMax)
  if (first === undefined) return []
  const rows = [first, ...rest].map((item) => [
    `  ${stateWord(paint, item.state)}`,
    oneLine(taskKey(item.task, item.item)),
    item.value === undefined ? '' : oneLine(itemWords(item.value)),
    paint('dim', oneLine(item.why)),
  ])
  const ref = view.run.slice(-8)
  const more = items.length - rows.length
  return [
    ...columns(rows),
    ...(more > 0 ? [`  … and ${plural(more, 'more item')}`] : []),
    ...columns([
      [`    sluice logs ${ref} ${shellWord(taskKey(first.task, first.item))}`, 'the log of one'],
      [`    sluice show ${ref} --items`, 'all of them'],
    ]),
  ]
}

function itemsOf(view: Pick<RunView, 'tasks'>, { task, fan }: TaskView): TaskView[] {
  return [...(fan?.list.keys() ?? [])].flatMap((index) => view.tasks[taskKey(task, index)] ?? [])
}

function askedLines(view: RunView, task: TaskView, options: NoLogOptions): string[] {
  const { approval } = task
  const key = taskKey(task.task, task.item)
  if (approval === undefined) return [`Nobody was asked${endWords(task)}.`]
  const open = isTaskEnd(task.state) ? [] : askLines(view, key, options)
  if (open.length > 0) return open
  const { decided, message } = approval
  const answer = Object.entries(decided?.values ?? {}).map(
    ([name, value]) => `${name}=${String(value)}`,
  )
  const values = answer.length === 0 ? '' : ` (${oneLine(answer.join(' '))})`
  return [`"${oneLine(message)}": ${oneLine(task.why === '' ? task.state : task.why)}${values}`]
}

/** For `logs --json`. */
export function itemsJson(
  view: Pick<RunView, 'tasks'>,
  task: TaskView,
): { item: number | null; state: TaskState; value: JsonValue }[] {
  return itemsOf(view, task).map(({ item, state, value }) => ({
    item,
    state,
    value: value ?? null,
  }))
}
