// A task run ends, by whatever decided so; what waited for it is followed up from the draft's agenda.
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import type { LiveTask } from './state.ts'

export type TaskEndState = 'succeeded' | 'failed' | 'upstream_failed' | 'skipped' | 'cancelled'

export function endTask(draft: Draft, task: LiveTask, state: TaskEndState, why: string): void {
  emitTask(draft, task, { kind: 'task.ended', ...nameOf(task), state, why })
}

/** It had a list before it was resumed, and does not get to it this time. */
export function endItems(draft: Draft, task: LiveTask, state: TaskEndState, why: string): void {
  for (const item of task.fan?.items ?? [])
    if (item.view.state === 'waiting') endTask(draft, item, state, why)
}

/** In a cancelled run nothing is held up by a failure: it is part of the cancel. */
export function endUnbegun(draft: Draft, task: LiveTask, state: TaskEndState, why: string): void {
  const isCancel = state === 'upstream_failed' && task.run.view.cancelAsked !== null
  const told = isCancel ? 'cancelled' : state
  endTask(draft, task, told, why)
  endItems(draft, task, told, why)
}
