// What `${{ }}` may read while a run goes on: its params, and the states and output values of its tasks.
import type { RunScope } from '../ports/evaluator.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { judgeRun } from './verdict.ts'

export interface Scoped {
  readonly view: TaskView
  readonly run: { readonly view: RunView; readonly plan: RunPlan }
}

export function runScope({ view: task, run }: Scoped): RunScope {
  const { view, plan } = run
  return {
    run: view.run,
    pipeline: plan.pipeline,
    environment: plan.environment,
    params: plan.params,
    vars: plan.vars ?? {},
    logicalDate: plan.logicalDate,
    self: task.task,
    runState: () => judgeRun(run),
    task(name) {
      const other = view.tasks[name]
      if (other === undefined) return null
      return {
        state: other.state,
        // Of a fan-out they are gathered from all items: only for who asks.
        get outputs() {
          return outputValues(view, other)
        },
      }
    },
    ...(task.item === null ? {} : { item: { value: task.value ?? null, index: task.item } }),
  }
}

/** Of a fan-out, each name stands for the list of its items' values. */
export function outputValues(run: RunView, task: TaskView): Record<string, JsonValue> {
  if (task.fan === undefined || task.item !== null) return ownValues(task)
  if (!isTaskEnd(task.state)) return gatheredValues(run, task)
  const end = `${run.resumes} ${task.endedAt}`
  const known = gathered.get(task)
  if (known?.end === end) return known.values
  const values = gatheredValues(run, task)
  gathered.set(task, { end, values })
  return values
}

// When each item of one fan-out reads all of another, they are gathered once. A fan-out that has ended changes only by a resume.
const gathered = new WeakMap<TaskView, { end: string; values: Record<string, JsonValue> }>()

function gatheredValues(run: RunView, task: TaskView): Record<string, JsonValue> {
  if (task.fan === undefined) return {}
  const items = [...task.fan.list.keys()].map((index) =>
    ownValues(run.tasks[taskKey(task.task, index)]),
  )
  const names = new Set(items.flatMap((values) => Object.keys(values)))
  return Object.fromEntries(
    [...names].map((name) => [name, items.map((values) => values[name] ?? null)]),
  )
}

function ownValues(task: TaskView | undefined): Record<string, JsonValue> {
  if (task === undefined) return {}
  if (task.approval?.decided?.decision === 'approved') return task.approval.decided.values
  for (const { end } of task.attempts.toReversed()) {
    if (end?.outcome === 'exited' && end.exit === 0) return end.values ?? {}
  }
  return {}
}
