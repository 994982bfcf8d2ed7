// One task of a plan.
import type { TaskSpec } from '../../shared/pipeline/spec.ts'
import type { PlannedRules, PlannedTask } from '../../shared/run/plan.ts'
import type { OutlineTask } from './outline.ts'
import { planChild } from './plan-child.ts'
import type { PlanContext } from './plan-context.ts'
import { bindHost, bindRemedy } from './plan-hosts.ts'
import type { Bound } from './plan-hosts.ts'
import { newReads, planConditions, planEnv } from './plan-values.ts'
import { codeHashOf } from './plan-version.ts'

/** Work that is done here, in the engine: no host is asked. */
const nowhere: Bound = { hosts: ['local'], pool: null }

export async function planTask(
  context: PlanContext,
  outlined: OutlineTask,
  task: TaskSpec,
): Promise<PlannedTask> {
  const { report } = context
  const { path } = outlined
  const reads = newReads()
  const isCommand = task.pipeline === undefined && task.approval === undefined
  const bound = isCommand ? bindHost(context, task.host, [...path, 'host']) : nowhere
  const { env, lateEnv } = isCommand
    ? planEnv(context, outlined, { spec: task, reads })
    : { env: {}, lateEnv: {} }
  const collected = await context.files.collect(task)
  for (const { path: place, words } of collected.faults) report.at([...path, ...place], words)
  const child =
    task.pipeline === undefined ? null : await planChild(context, outlined, task.pipeline, reads)
  const { needs, run, timeoutMs, graceMs, retries, effect, inputs, outputs } = task
  const { onUnknown, logLimitBytes } = task
  const planned: Omit<PlannedTask, 'codeHash'> = {
    name: task.name,
    needs,
    ...rulesOf(context, task),
    ...secretsOf(context, outlined, task),
    ...planConditions(context, outlined, { spec: task, reads }),
    ...(Object.keys(lateEnv).length === 0 ? {} : { lateEnv }),
    ...(child === null ? {} : { child }),
    hosts: bound.hosts,
    pool: bound.pool,
    run,
    env,
    timeoutMs,
    graceMs,
    retries,
    effect,
    onUnknown,
    logLimitBytes,
    files: collected.files,
    inputs,
    outputs,
    remedies: task.remedies.map((remedy, at) => ({
      ...remedy,
      host: bindRemedy(context, remedy.host, [...path, 'remedies', at, 'host'], bound.pool),
    })),
  }
  return { ...planned, codeHash: codeHashOf(context, planned, reads) }
}

function secretsOf(
  { environment, report }: PlanContext,
  { path, value }: OutlineTask,
  { secrets }: TaskSpec,
): Pick<PlannedTask, 'secrets'> {
  if (secrets === undefined) return {}
  const sources = Object.entries(secrets).flatMap(([variable, name], at) => {
    const from = environment.secrets?.[name]
    if (from !== undefined) return [[variable, { secret: name, from }] as const]
    report.at([...path, 'secrets', Array.isArray(value['secrets']) ? at : variable], {
      message: `The environment "${environment.name}" has no secret "${name}".`,
      hint: `Add it to environments.${environment.name}.secrets in sluice.yaml.`,
    })
    return []
  })
  return { secrets: Object.fromEntries(sources) }
}

function rulesOf({ spec }: PlanContext, task: TaskSpec): PlannedRules {
  const { trigger, setup, teardown, isFinal, allowFailure, group, semaphores } = task
  const priority = task.priority ?? spec.priority
  return {
    ...(trigger === undefined ? {} : { trigger }),
    ...(setup === true ? { setup } : {}),
    ...(teardown === undefined ? {} : { teardown }),
    ...(isFinal === true ? { isFinal } : {}),
    ...(allowFailure === true ? { allowFailure } : {}),
    ...(group === undefined ? {} : { group }),
    ...(priority === undefined || priority === 0 ? {} : { priority }),
    ...(semaphores === undefined ? {} : { semaphores }),
  }
}
