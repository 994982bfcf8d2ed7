// Carries out a recovery plan: exactly what the preview said, nothing else.
import { isDeepStrictEqual } from 'node:util'
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import { parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import { isTaskEnd, isTaskGood } from '../../shared/run/states.ts'
import { keepChoices } from './branches.ts'
import { changeOf, emit } from './draft.ts'
import type { Draft } from './draft.ts'
import { decideRecover } from './recover.ts'
import { adoptRun, indexRun, newLiveRun } from './state.ts'
import type { LiveRun } from './state.ts'

export interface ResumeOrder {
  view: RunView
  plan: RunPlan
  by: string
  decisions: ResumeDecision[]
  options: RecoveryOptions
}

/** The run lives again under `plan`: what lives is attached to, and what is ready begins (E7). */
export function decideResume(draft: Draft, order: ResumeOrder): LiveRun {
  const { view, plan, by, decisions, options } = order
  // A draft needs a run to hang events on before the new graph can be indexed.
  const head = newLiveRun(view, plan)
  emit(draft, head, {
    kind: 'run.resumed',
    version: plan.version,
    by,
    decisions,
    ...(isDeepStrictEqual(plan.params, view.params) ? {} : { params: { ...plan.params } }),
  })
  const change = changeOf(draft, head)
  change.plan = plan
  retireRemoved(draft, head)
  const back = mayBeLeftOut(view, decisions, options)
  for (const one of decisions) carryOut(draft, head, one)
  return takeUp(draft, head, plan, back)
}

// What has begun was not left out by a branch before it, and what a person asks for is run, chosen or not.
function mayBeLeftOut(
  view: RunView,
  decisions: readonly ResumeDecision[],
  { from, forced }: RecoveryOptions,
): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { task, item, decision } of decisions) {
    const now = view.tasks[task]
    if (item === null && decision === 'run' && !hasBegun(now)) names.add(task)
  }
  for (const key of from) names.delete(parseTaskKey(key).task)
  for (const { task } of forced) names.delete(task)
  return names
}

function hasBegun(now: TaskView | undefined): boolean {
  if (now === undefined) return false
  const { attempts, attemptsBefore, approval, child, fan } = now
  return (
    attempts.length > attemptsBefore ||
    approval !== undefined ||
    child !== undefined ||
    fan !== undefined
  )
}

function carryOut(draft: Draft, head: LiveRun, order: ResumeDecision): void {
  const { task, item, decision, reason } = order
  const now = head.view.tasks[taskKey(task, item)]
  if (decision === 'run' && (now === undefined || isTaskEnd(now.state))) {
    if (order.anew === true) touchItems(draft, head, task)
    emit(draft, head, {
      kind: 'task.reset',
      task,
      item,
      ...(order.anew === true ? { anew: true } : {}),
    })
  } else if (now === undefined) {
    emit(draft, head, {
      kind: 'task.ended',
      task,
      item,
      state: 'upstream_failed',
      why: reason,
    })
  }
}

function touchItems(draft: Draft, head: LiveRun, task: string): void {
  const { touched } = changeOf(draft, head)
  const list = head.view.tasks[task]?.fan?.list ?? []
  for (const index of list.keys()) {
    const item = head.view.tasks[taskKey(task, index)]
    if (item !== undefined) touched.add(item)
  }
}

/** The same run with a graph made anew, after ended task runs were taken back. Its old graph must be off the hosts' books. */
export function reindex(draft: Draft, old: LiveRun, back: ReadonlySet<string>): LiveRun {
  return takeUp(draft, old, old.plan, back)
}

function takeUp(draft: Draft, old: LiveRun, plan: RunPlan, back: ReadonlySet<string>): LiveRun {
  const run = indexRun(old.view, plan)
  changeOf(draft, old).run = run
  adoptRun(draft.state, run)
  decideRecover(draft, run)
  keepChoices(draft, run, back)
  return run
}

// A task that the version has no more must not make the run fail, nor hold it open.
function retireRemoved(draft: Draft, head: LiveRun): void {
  const names = new Set(head.plan.tasks.map((task) => task.name))
  for (const task of Object.values(head.view.tasks)) {
    if (names.has(task.task) || isTaskGood(task.state) || task.state === 'skipped') continue
    const why = 'it is not in this version'
    emit(draft, head, {
      kind: 'task.ended',
      task: task.task,
      item: task.item,
      state: 'skipped',
      why,
    })
  }
}
