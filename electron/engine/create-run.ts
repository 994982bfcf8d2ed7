// A run comes into being: from a trigger, a person, or a task of another run.
import type { ParamValue } from '../../shared/pipeline/spec.ts'
import type { RunCause } from '../../shared/run/events.ts'
import { newRunView } from '../../shared/run/fold.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { changeOf, emit } from './draft.ts'
import type { Draft } from './draft.ts'
import { adoptRun, indexRun } from './state.ts'
import type { LiveRun } from './state.ts'

export function decideCreate(
  draft: Draft,
  id: RunId,
  request: { plan: RunPlan; cause: RunCause },
): LiveRun {
  const { plan, cause } = request
  const body = {
    kind: 'run.created' as const,
    pipeline: plan.pipeline,
    environment: plan.environment,
    version: plan.version,
    params: plan.params as Record<string, ParamValue>,
    logicalDate: plan.logicalDate,
    cause,
  }
  const event = { run: id, seq: 1, at: draft.now, ...body }
  const view = newRunView(
    event,
    plan.tasks.map((task) => task.name),
  )
  const run = indexRun(view, plan)
  const change = changeOf(draft, run)
  change.events.push(event)
  change.plan = plan
  adoptRun(draft.state, run)
  emit(draft, run, { kind: 'run.started' })
  draft.agenda.runs.push(run)
  if (plan.tasks.length === 0) draft.agenda.done.add(run)
  return run
}
