// How a task run or a run looks at this moment: its state, and what people have said of it.
import type { RunRow } from '../../shared/api/views.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import {
  APPROVAL_LOOK,
  HELD_LOOK,
  PAUSED_LOOK,
  RUN_LOOK,
  TASK_LOOK,
  type Look,
} from '../ui/state-look.ts'

export function lookOfTask(task: TaskView | undefined): Look {
  if (task === undefined) return TASK_LOOK.waiting
  if (isAsking(task)) return APPROVAL_LOOK
  if (isHeldBack(task)) return HELD_LOOK
  return TASK_LOOK[task.state]
}

export function lookOfRun({ state, isPaused }: Pick<RunRow, 'state' | 'isPaused'>): Look {
  return isPaused === true && !isRunEnd(state) ? PAUSED_LOOK : RUN_LOOK[state]
}

/** A person is asked, and nobody has answered. */
export function isAsking(task: TaskView): boolean {
  return task.state === 'running' && task.approval?.decided === null
}

/** It would go on if nobody held it. */
export function isHeldBack(task: TaskView): boolean {
  return task.held !== undefined && canBeHeld(task)
}

/** It has not begun, or has more items to begin. The engine has the last word. */
export function canBeHeld({ state, fan }: TaskView): boolean {
  if (state === 'waiting' || state === 'queued' || state === 'retrying') return true
  return fan !== undefined && state === 'running'
}

/** Nothing of it lives. */
export function canBeMarked({ state }: TaskView, as: 'succeeded' | 'skipped'): boolean {
  if (state === 'running' || state === 'unknown') return false
  if (state === 'succeeded' || state === 'reused') return false
  return !(state === 'skipped' && as === 'skipped')
}
