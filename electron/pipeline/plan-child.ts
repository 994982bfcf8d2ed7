// A run of another pipeline, planned with the run that starts it: same environment, params as far as they are known.
import type { ParamSpec, ParamValue, SubPipelineSpec } from '../../shared/pipeline/spec.ts'
import { didYouMean } from '../../shared/pipeline/suggest.ts'
import type { PlannedChild } from '../../shared/run/plan.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type { OutlineTask } from './outline.ts'
import { childDepthMax } from './check-sub-pipelines.ts'
import { namesFor } from './plan-context.ts'
import type { PlanContext } from './plan-context.ts'
import { planParams } from './plan-params.ts'
import { planText } from './plan-values.ts'
import type { Reads } from './plan-values.ts'

/** null: problems were reported. */
export async function planChild(
  context: PlanContext,
  task: OutlineTask,
  { pipeline: name, params }: SubPipelineSpec,
  reads: Reads,
): Promise<PlannedChild | null> {
  const { report, job, chain } = context
  const path = [...task.path, 'pipeline']
  const pipeline = job.workspace.pipelines.find((each) => each.name === name)
  if (pipeline === undefined) {
    const names = job.workspace.pipelines.map((each) => each.name)
    report.at(path, { message: `There is no pipeline "${name}".${didYouMean(name, names)}` })
    return null
  }
  if (chain.includes(name) || chain.length > childDepthMax) {
    const message = chain.includes(name)
      ? `A pipeline cannot run itself: ${[...chain, name].join(' runs ')}.`
      : `Pipelines run each other at most ${childDepthMax} deep: ${[...chain, name].join(' runs ')}.`
    report.at(path, { message, hint: 'Delete one of these.' })
    return null
  }
  const { spec, tree } = pipeline
  if (spec === null || tree === null || hasErrors(pipeline.problems)) {
    context.problems.push(...pipeline.problems)
    const message = `The pipeline "${name}" cannot be planned: its file has problems.`
    report.at(path, { message, hint: `See ${pipeline.file}.` })
    return null
  }
  const given = givenParams(context, task, { params, specs: spec.params, reads })
  const known = planParams(
    spec.params.filter((each) => !Object.hasOwn(given.late, each.name)),
    given.known,
    name,
  )
  for (const problem of known.problems) {
    const param = problem.path.replace(/^params\./, '')
    const place = Object.hasOwn(params, param) ? ['params', param] : ['pipeline']
    const { message } = problem
    const hint =
      place.length === 1 ? `Write it under params of the task: ${param}: ...` : problem.hint
    report.at([...task.path, ...place], { message, hint })
  }
  const planned = await job.plan(
    { ...pipeline, spec, tree },
    {
      params: known.params,
      lateParams: new Set(Object.keys(given.late)),
      isEvaluable: context.isEvaluable && known.problems.length === 0,
      chain: [...chain, name],
    },
  )
  context.problems.push(...planned.problems)
  return planned.plan === null ? null : { plan: planned.plan, late: given.late }
}

function givenParams(
  context: PlanContext,
  task: OutlineTask,
  {
    params,
    specs,
    reads,
  }: { params: SubPipelineSpec['params']; specs: readonly ParamSpec[]; reads: Reads },
): { known: Record<string, ParamValue>; late: PlannedChild['late'] } {
  const known: Record<string, ParamValue> = {}
  const late: Record<string, PlannedChild['late'][string]> = {}
  for (const [name, value] of Object.entries(params)) {
    const path = [...task.path, 'params', name]
    const planned = planText(context, path, value, { tasks: namesFor(context, task), reads })
    const spec = specs.find((each) => each.name === name)
    if (planned.kind === 'known' || spec === undefined) {
      known[name] = planned.kind === 'known' ? planned.text : value
    } else {
      late[name] = { template: planned.template, type: spec.type, choices: spec.choices }
    }
  }
  return { known, late }
}
