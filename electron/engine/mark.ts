// A person says how a task run counts, without it having run.
import { AppError } from '../../shared/api/app-error.ts'
import type { MarkedState } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isTaskEnd, TASK_MOVES } from '../../shared/run/states.ts'
import { emit, emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { endItems } from './end-task.ts'
import { downstreamOf } from './state.ts'
import type { LiveTask } from './state.ts'

export interface Mark {
  state: MarkedState
  by: string
  reason: string
}

/**
 * Throws AppError('conflict') where it lives, or counts so already. Gives the names of the task runs that were taken back for
 * it, be they none; null: the run's graph need not be made anew.
 */
export function decideMark(
  draft: Draft,
  task: LiveTask,
  mark: Mark,
  isLive: boolean,
): ReadonlySet<string> | null {
  const { state } = task.view
  const name = taskKey(task.planned.name, task.view.item)
  if (state === 'running' || state === 'unknown') {
    throw new AppError('conflict', `Task ${name} is ${state}: its own end counts.`, {
      hint: state === 'unknown' ? 'Settle it first.' : 'Cancel the run, or wait for its end.',
    })
  }
  if (!TASK_MOVES[state].includes(mark.state))
    throw new AppError('conflict', `Task ${name} cannot be marked: it is ${state}.`)
  emitTask(draft, task, { kind: 'task.marked', ...nameOf(task), ...mark })
  if (!isTaskEnd(state)) endItems(draft, task, 'skipped', task.view.why)
  return isTaskEnd(state) && isLive ? reopen(draft, task) : null
}

// What did not begin because of it is decided again, whatever attempts it had before a resume.
function reopen(draft: Draft, task: LiveTask): ReadonlySet<string> {
  const { head } = task
  const back = new Set<string>()
  // Its join is asked again.
  if (head !== null && isTaskEnd(head.view.state))
    emit(draft, head.run, { kind: 'task.reset', ...nameOf(head) })
  for (const { view, run, planned } of downstreamOf(task.head ?? task)) {
    if (view.marked !== undefined) continue
    if (view.state !== 'upstream_failed' && view.state !== 'skipped') continue
    emit(draft, run, { kind: 'task.reset', task: planned.name, item: null })
    back.add(planned.name)
  }
  return back
}
