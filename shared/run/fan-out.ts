// The part of the fold that knows items: a list becomes task runs, and the counts of run and head follow them.
import { isCheckpointSpent } from './run-view.ts'
import type { RunView, TaskView } from './run-view.ts'
import type { JsonValue } from './json.ts'
import type { TaskState } from './states.ts'

/**
 * One task run for each item. Where the list was known before, an item with the same index and value is as it was; one
 * that is in the list no more is skipped.
 */
export function expandFan(
  view: RunView,
  head: TaskView,
  items: readonly JsonValue[],
  newItem: (index: number) => TaskView,
): void {
  // From here on its items stand for it.
  if (head.fan === undefined) addCount(view.counts, head.state, -1)
  head.state = 'running'
  head.fan = { list: items, counts: {} }
  for (const [index, value] of items.entries()) {
    const key = `${head.task}[${index}]`
    const known = view.tasks[key]
    const item = known ?? { ...newItem(index), value }
    if (known === undefined) {
      view.tasks[key] = item
      addCount(view.counts, 'waiting', 1)
    } else if (!isSame(known.value, value)) {
      addCount(view.counts, known.state, -1)
      resetTask(known)
      known.value = value
      addCount(view.counts, 'waiting', 1)
    }
    addCount(head.fan.counts, item.state, 1)
  }
  for (let index = items.length; ; index += 1) {
    const gone = view.tasks[`${head.task}[${index}]`]
    if (gone === undefined) return
    addCount(view.counts, gone.state, -1)
    gone.state = 'skipped'
    gone.why = 'it is in the list no more'
    delete gone.value
    addCount(view.counts, 'skipped', 1)
  }
}

/** All of a list is to be done anew. */
export function resetItems(view: RunView, head: TaskView): void {
  for (const index of head.fan?.list.keys() ?? []) {
    const item = view.tasks[`${head.task}[${index}]`]
    if (item === undefined || item.state === 'waiting') continue
    const before = item.state
    resetTask(item)
    countMove(view, item, before)
  }
}

/** A task run has moved on from `before`. */
export function countMove(view: RunView, task: TaskView, before: TaskState): void {
  if (task.fan !== undefined) return
  addCount(view.counts, before, -1)
  addCount(view.counts, task.state, 1)
  const fan = task.item === null ? undefined : view.tasks[task.task]?.fan
  if (fan === undefined) return
  addCount(fan.counts, before, -1)
  addCount(fan.counts, task.state, 1)
}

export function resetTask(task: TaskView): void {
  task.state = 'waiting'
  task.why = ''
  task.queuedAt = null
  task.endedAt = null
  task.dueAt = null
  task.attemptsBefore = task.attempts.length
  task.elsewhere = 0
  delete task.approval
  delete task.marked
  // Who has it done again wants all of it done again.
  if (isCheckpointSpent(task)) delete task.checkpoint
}

export function addCount(counts: RunView['counts'], state: TaskState, change: 1 | -1): void {
  const count = (counts[state] ?? 0) + change
  if (count === 0) delete counts[state]
  else counts[state] = count
}

function isSame(a: JsonValue | undefined, b: JsonValue): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
