// What people have said about a run, as it bears on one task run.
import type { LiveRun, LiveTask } from './state.ts'

/** Paused, or held: it may end without having begun, but it does not begin. */
export function isHeldBack(task: LiveTask): boolean {
  const { run, view, head } = task
  return run.view.paused !== undefined || view.held !== undefined || head?.view.held !== undefined
}

/** Clean-up runs also when its run was cancelled or stopped. */
export function isCleanUp(task: LiveTask): boolean {
  return task.planned.isFinal === true || task.planned.teardown !== undefined
}

/** Nothing of it may begin or go on. */
export function isCancelled(task: LiveTask): boolean {
  const { cancelAsked } = task.run.view
  return cancelAsked !== null && (cancelAsked.all === true || !isCleanUp(task))
}

/** What has not begun never will. */
export function isStopping(run: LiveRun): boolean {
  const { stopAsked } = run.view
  if (stopAsked === undefined) return false
  if (stopAsked.after === null) return true
  const after = run.taskByName.get(stopAsked.after)
  return after === undefined || after.view.endedAt !== null
}
