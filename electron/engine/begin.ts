// A task run's needs are met: it begins as what it is, or ends without having begun.
import { askPerson } from './approvals.ts'
import { startChild } from './children.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { endUnbegun } from './end-task.ts'
import { evaluatedBool } from './evaluated.ts'
import { lateEnvOf } from './late-env.ts'
import type { LiveTask } from './state.ts'

/** A command, an item of a fan-out, a run of another pipeline, a question. */
export function begin(draft: Draft, task: LiveTask): void {
  const { approval, child } = task.planned
  if (approval !== undefined) askPerson(draft, task, approval)
  else if (child !== undefined) startChild(draft, task, child)
  else queueCommand(draft, task)
}

// A variable that cannot be had is told before a host is bothered.
function queueCommand(draft: Draft, task: LiveTask): void {
  const env = lateEnvOf(task, draft.evaluator)
  if (env.ok) queueTask(draft, task)
  else endUnbegun(draft, task, 'failed', env.why)
}

/** It is ready for a host. */
export function queueTask(draft: Draft, task: LiveTask): void {
  emitTask(draft, task, { kind: 'task.queued', ...nameOf(task) })
}

/** Its condition is asked for each item, not for the whole. */
export function isPerItem({ evaluator }: Draft, { planned }: LiveTask): boolean {
  const { fanOut, when } = planned
  return fanOut !== undefined && when !== undefined && evaluator.readsItem(when)
}

/** Evaluates `when`; true when that has ended the task run. */
export function skippedByWhen(draft: Draft, task: LiveTask): boolean {
  const { when } = task.planned
  if (when === undefined) return false
  const result = evaluatedBool(draft, when, task)
  if (result.ok && result.value) return false
  if (result.ok) endUnbegun(draft, task, 'skipped', `its condition is false: ${when}`)
  else endUnbegun(draft, task, 'failed', `its condition cannot be evaluated: ${result.why}`)
  return true
}
