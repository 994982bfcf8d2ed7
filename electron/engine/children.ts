// A task that is a run of another pipeline. That run is a run of its own: it can be watched, resumed and cancelled alone,
// and the task ends as it ends. Both are decided in one commit, so neither can be without the other.
import { derivedTail } from '../system/derived-tail.ts'
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { ParamValue } from '../../shared/pipeline/spec.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type { PlannedChild, RunPlan } from '../../shared/run/plan.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { endSucceeded } from './branches.ts'
import { decideCreate } from './create-run.ts'
import { decideResume } from './decide-resume.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { endTask } from './end-task.ts'
import { evaluatedValue, kindOf } from './evaluated.ts'
import { changesAnything, planRecovery } from './recovery-plan.ts'
import type { LiveRun, LiveTask } from './state.ts'

/** Starts its run, or goes on with the one that it has. */
export function startChild(draft: Draft, task: LiveTask, child: PlannedChild): void {
  const plan = childPlan(draft, task, child)
  if (typeof plan === 'string') return endTask(draft, task, 'failed', plan)
  const { child: before, task: name, item } = task.view
  if (before !== undefined) return goOnWith(draft, task, before, plan)
  const id = newChildId(draft, task)
  emitTask(draft, task, { kind: 'task.child', ...nameOf(task), child: id })
  const cause = { kind: 'parent' as const, run: task.run.view.run, task: name, item }
  decideCreate(draft, id, { plan, cause })
}

// What had succeeded of it is not done again.
function goOnWith(draft: Draft, task: LiveTask, id: RunId, plan: RunPlan): void {
  const again = (): void =>
    emitTask(draft, task, { kind: 'task.child', ...nameOf(task), child: id })
  if (draft.state.runs.has(id)) return again()
  const stored = draft.changes.get(id)?.run ?? draft.load(id)
  if (stored === null) return endTask(draft, task, 'failed', `its run ${id} is gone from the store`)
  const { view } = stored
  if (view.state === 'succeeded') return endSucceeded(draft, task, `its run ${id} has succeeded`)
  const question = { view, before: stored.plan, after: plan, options: FROM_FAILURE }
  const decisions = planRecovery(question)
  if (!changesAnything(question, decisions))
    return endTask(draft, task, 'failed', `nothing of its run ${id} may run again`)
  again()
  const by = `task ${taskKey(task.view.task, task.view.item)} of ${task.run.view.run}`
  decideResume(draft, { view, plan, by, decisions, options: FROM_FAILURE })
}

/** The task that a run is; null where it is none, or where that task waits for it no more. */
export function parentOf(draft: Draft, child: LiveRun): LiveTask | null {
  const { cause, run: id } = child.view
  if (cause.kind !== 'parent') return null
  const parent = draft.state.runs.get(cause.run)
  const task = parent?.taskByName.get(taskKey(cause.task, cause.item))
  // Resumed alone, after its parent had ended: the parent takes it up when it is resumed itself.
  if (task === undefined || task.view.child !== id || task.view.state !== 'running') return null
  return task
}

// Derived (E3). Its tail has 41 bits and its time is that of the parent, so another may have it already.
function newChildId(draft: Draft, task: LiveTask): RunId {
  const { view, run } = task
  for (let turn = view.children ?? 0; ; turn += 1) {
    const name = `${run.view.run} ${taskKey(view.task, view.item)} ${turn}`
    const id = runIdAt(run.view.createdAt, derivedTail(name))
    if (!draft.state.runs.has(id) && !draft.changes.has(id) && draft.load(id) === null) return id
  }
}

function childPlan(draft: Draft, task: LiveTask, child: PlannedChild): RunPlan | string {
  const params: Record<string, ParamValue> = { ...child.plan.params }
  for (const [name, { template, type, choices }] of Object.entries(child.late)) {
    const result = evaluatedValue(draft, template, task)
    if (!result.ok) return `its param ${name} cannot be evaluated: ${result.why}`
    if (!isParamValue(result.value)) return `its param ${name} cannot be ${kindOf(result.value)}`
    const coerced = coerceParam({ type, choices }, result.value)
    if (!coerced.ok) return `its param ${name}: ${coerced.message}`
    params[name] = coerced.value
  }
  return { ...child.plan, params, logicalDate: task.run.plan.logicalDate }
}

function isParamValue(value: JsonValue): value is ParamValue {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
