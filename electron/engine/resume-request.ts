// What a resume would do, or why it makes no sense. Pure.
import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../shared/api/app-error.ts'
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import type { ResumeRequest } from './engine.ts'
import { changesAnything, planRecovery } from './recovery-plan.ts'

/** Throws AppError('conflict') or AppError('bad-input'). `isLive`: the run has not ended. */
export function planResume(
  stored: { view: RunView; plan: RunPlan },
  isLive: boolean,
  { plan, options }: ResumeRequest,
): ResumeDecision[] {
  const { view, plan: before } = stored
  if (isLive) {
    assertSame(view, plan)
    if (view.cancelAsked !== null || view.stopAsked !== undefined)
      throw new AppError(
        'conflict',
        `Run ${view.run} is being ended: it can be resumed after that.`,
      )
  }
  const names = new Set(plan.tasks.map(({ name }) => name))
  for (const key of [
    ...options.from,
    ...options.forced.map((one) => taskKey(one.task, one.item)),
  ]) {
    if (!names.has(key) && !names.has(key.replace(/\[\d+\]$/, ''))) throw noTask(key, view.run)
    if (!names.has(key) && view.tasks[key] === undefined) throw noTask(key, view.run)
  }
  const question = { view, before, after: plan, options }
  const decisions = planRecovery(question)
  for (const { task, item } of options.forced) {
    const { state } = view.tasks[taskKey(task, item)] ?? { state: 'waiting' }
    if (state === 'running' || state === 'unknown') {
      throw new AppError('conflict', `${taskKey(task, item)} cannot be forced: it is ${state}.`, {
        hint: 'What lives is attached to, never started beside itself.',
      })
    }
  }
  if (!changesAnything(question, decisions)) throw nothingToResume(view, decisions)
  return decisions
}

function assertSame(view: RunView, plan: RunPlan): void {
  const what =
    plan.version !== view.version
      ? 'another version'
      : isDeepStrictEqual(plan.params, view.params)
        ? null
        : 'other params'
  if (what === null) return
  throw new AppError('conflict', `Run ${view.run} still runs, so it cannot change to ${what}.`, {
    hint: `Wait for its end or cancel it: sluice cancel ${view.run}`,
  })
}

function nothingToResume(view: RunView, decisions: readonly ResumeDecision[]): AppError {
  const refused = decisions.find((one) => one.decision === 'refuse')
  if (refused !== undefined) {
    const name = taskKey(refused.task, refused.item)
    return new AppError(
      'conflict',
      `Nothing of run ${view.run} may run again. ${name}: ${refused.reason}.`,
    )
  }
  const { run, state, paused } = view
  const hint =
    paused !== undefined
      ? `To let it go on: sluice unpause ${run}`
      : isRunEnd(state)
        ? `To run a task and all after it again: sluice resume ${run} --from TASK`
        : `To watch it to its end: sluice follow ${run}. To end it: sluice cancel ${run}`
  const now = paused === undefined ? state : 'paused'
  return new AppError('conflict', `There is nothing to resume in run ${run}: it is ${now}.`, {
    hint,
  })
}

/** `key`: as its `taskKey`. */
export function noTask(key: string, run: string): AppError {
  return new AppError('bad-input', `There is no task "${key}" in run ${run}.`)
}
