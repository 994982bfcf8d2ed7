// The plan of one pipeline, whether it is started by itself or by another one.
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { openContext } from './plan-context.ts'
import type {
  PlanContext,
  PlanGiven,
  PlanJob,
  PlannedPipeline,
  SoundPipeline,
} from './plan-context.ts'
import { planTask } from './plan-task.ts'
import { versionOf } from './plan-version.ts'

/** Tasks of a run, those of its sub-pipelines each time they are named. */
const tasksMax = 20_000

export async function planPipeline(
  job: PlanJob,
  pipeline: SoundPipeline,
  given: PlanGiven,
): Promise<PlannedPipeline> {
  const context = openContext(job, pipeline, given)
  const { spec, report } = context
  const tasks: PlannedTask[] = []
  for (const task of spec.tasks) {
    job.tasks.count += 1
    if (job.tasks.count > tasksMax) break
    const outlined = context.surroundings.outline.taskByName.get(task.name)
    if (outlined !== undefined) tasks.push(await planTask(context, outlined, task))
  }
  if (job.tasks.count > tasksMax) {
    const message = `The run would have more than ${tasksMax.toLocaleString('en')} tasks, with those of its sub-pipelines.`
    report.at(['tasks'], { message, hint: 'Let fewer tasks run pipelines that run pipelines.' })
  }
  const problems = [...report.problems(), ...context.problems]
  return { plan: hasErrors(problems) ? null : planOf(context, tasks), problems }
}

function planOf({ spec, environment, values }: PlanContext, tasks: PlannedTask[]): RunPlan {
  const { retryBudget, slots } = spec
  return {
    pipeline: spec.name,
    environment: environment.name,
    version: versionOf(spec, environment, tasks),
    params: values.params,
    logicalDate: values.logicalDate,
    ...(Object.keys(environment.vars).length === 0 ? {} : { vars: environment.vars }),
    ...(spec.verdict === 'leaves' ? { verdict: spec.verdict } : {}),
    ...(retryBudget === undefined ? {} : { retryBudget }),
    ...(slots === undefined ? {} : { slots }),
    tasks,
  }
}
