// What a person may do to a live run short of cancelling it: hold a task back, let it stop after a task. Pausing: `pause.ts`.
import { AppError } from '../../shared/api/app-error.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { dropUnbegun } from './decide.ts'
import { leaveLane } from './books.ts'
import { emit, emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { revisitItem } from './fan-out.ts'
import { liftPause } from './pause.ts'
import { letGo } from './recover.ts'
import { isStopping } from './said.ts'
import type { LiveRun, LiveTask } from './state.ts'

export interface Said {
  by: string
  reason: string
}

/** Throws AppError('conflict') where it has begun or ended already. */
export function decideHold(draft: Draft, task: LiveTask, { by, reason }: Said): void {
  if (task.view.held !== undefined) return
  const { state } = task.view
  const isOpenFan = task.fan !== null && state === 'running'
  if (state !== 'waiting' && state !== 'queued' && state !== 'retrying' && !isOpenFan) {
    const name = taskKey(task.planned.name, task.view.item)
    throw new AppError('conflict', `Task ${name} cannot be held: it is ${state}.`, {
      hint: 'What runs can be cancelled; what comes after it can be held.',
    })
  }
  emitTask(draft, task, { kind: 'task.held', ...nameOf(task), by, reason })
  for (const one of [task, ...(task.fan?.items ?? [])]) leaveLane(draft, one)
}

export function decideUnhold(draft: Draft, task: LiveTask, by: string): void {
  if (task.view.held === undefined) return
  emitTask(draft, task, { kind: 'task.unheld', ...nameOf(task), by })
  for (const one of [task, ...(task.fan?.items ?? [])]) letGo(draft, one)
  revisitItem(draft, task)
  draft.agenda.runs.push(task.run)
}

/** What runs goes on to its end, then the run ends. `after`: a task to wait for first; null: none. */
export function decideStop(
  draft: Draft,
  run: LiveRun,
  { by, reason, after }: Said & { after: string | null },
): void {
  if (after !== null && !run.taskByName.has(after))
    throw new AppError('bad-input', `There is no task "${after}" in run ${run.view.run}.`)
  emit(draft, run, { kind: 'run.stop_asked', by, reason, after })
  // One that is paused with a run above it stops when that goes on.
  if (run.view.paused?.through === undefined) liftPause(draft, run, by)
  stopIfDue(draft, run)
}

/** The task that a run was to stop after has ended. */
export function stopIfDue(draft: Draft, run: LiveRun): void {
  const { stopAsked } = run.view
  if (stopAsked === undefined || !isStopping(run)) return
  const after = stopAsked.after === null ? '' : ` after ${stopAsked.after}`
  dropUnbegun(draft, run, `the run was stopped${after} by ${stopAsked.by}`, false)
}
