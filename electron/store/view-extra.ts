// The fields of views that most runs lack: they share one column.
import type { RunView, TaskView } from '../../shared/run/run-view.ts'

export type RunExtra = Pick<RunView, 'paused' | 'stopAsked' | 'retries' | 'asks'>
export type TaskExtra = Pick<
  TaskView,
  'fan' | 'child' | 'children' | 'approval' | 'held' | 'marked' | 'checkpoint' | 'unsaved'
>

export function runExtra({ paused, stopAsked, retries, asks }: RunView): string | null {
  return extra({ paused, stopAsked, retries, asks })
}

/** Counts of items are a fold of the items; what an item stands for is in its head's list. */
export function taskExtra(task: TaskView): string | null {
  const { child, children, approval, held, marked, checkpoint, unsaved } = task
  const fan = task.fan === undefined ? undefined : { list: task.fan.list, counts: {} }
  return extra({ fan, child, children, approval, held, marked, checkpoint, unsaved })
}

function extra(fields: Record<string, unknown>): string | null {
  const text = JSON.stringify(fields)
  return text === '{}' ? null : text
}
