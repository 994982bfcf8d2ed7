// The hashes of a plan (N2): `codeHash` is the work of one task in one run, `version` the pipeline in one environment.
// A field that a task does not have is in neither, so that hashes of older versions stay what they were.
import type { EnvironmentSpec, PipelineSpec, TaskSpec } from '../../shared/pipeline/spec.ts'
import type { VersionId } from '../../shared/run/ids.ts'
import type { PlannedChild, PlannedTask } from '../../shared/run/plan.ts'
import { hashOf } from './canonical-json.ts'
import type { PlanContext } from './plan-context.ts'
import type { Reads } from './plan-values.ts'

export function codeHashOf(
  context: PlanContext,
  task: Omit<PlannedTask, 'codeHash'>,
  reads: Reads,
): string {
  const { run, env, files, inputs, outputs, hosts, pool, lateEnv, fanOut, branch, approval } = task
  const { child, secrets } = task
  return hashOf({
    run,
    env,
    files,
    inputs,
    outputs,
    // The work is the same on whichever host of the pool.
    hosts: pool == null ? hosts : pool.name,
    ...(lateEnv === undefined ? {} : { lateEnv }),
    ...(fanOut === undefined ? {} : { over: fanOut.over }),
    ...(branch === undefined ? {} : { branch }),
    ...(approval === undefined ? {} : { approval }),
    ...(child === undefined ? {} : { child: childWork(child) }),
    // The work is the same wherever their values are.
    ...(secrets === undefined ? {} : { secrets: secretNames(secrets) }),
    ...readValues(context, reads),
  })
}

function secretNames(secrets: NonNullable<PlannedTask['secrets']>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, { secret }]) => [name, secret]))
}

// What templates read is not in their text.
function readValues({ values }: PlanContext, reads: Reads): Record<string, unknown> {
  const params = [...reads.params].sort().map((name) => [name, values.params[name] ?? null])
  return {
    ...(params.length === 0 ? {} : { reads: params }),
    ...(reads.vars ? { vars: values.vars } : {}),
    ...(reads.logicalDate ? { logicalDate: values.logicalDate } : {}),
  }
}

function childWork({ plan, late }: PlannedChild): unknown {
  return {
    pipeline: plan.pipeline,
    params: plan.params,
    late,
    tasks: plan.tasks.map(({ name, codeHash }) => [name, codeHash]),
  }
}

/** Expressions count as they are written, with the vars they may read: tomorrow's run has the same version. */
export function versionOf(
  spec: PipelineSpec,
  environment: EnvironmentSpec,
  tasks: readonly PlannedTask[],
): VersionId {
  const written = new Map(spec.tasks.map((task) => [task.name, task]))
  const { verdict, retryBudget, slots, priority } = spec
  return hashOf({
    pipeline: spec.name,
    environment: environment.name,
    vars: environment.vars,
    env: spec.env,
    params: spec.params.map(({ name, type, choices }) => ({ name, type, choices })),
    ...present({ verdict, retryBudget, slots, priority }),
    // What a task is, without what it comes to in one run.
    tasks: tasks.map((task) => asWritten(task, written.get(task.name))),
  }) as VersionId
}

function asWritten(task: PlannedTask, spec: TaskSpec | undefined): unknown {
  const { lateEnv: _, when: __, ...rest } = task
  const { when, fanOut, branch, approval, pipeline } = spec ?? {}
  return {
    ...rest,
    env: spec?.env,
    remedies: null,
    codeHash: null,
    ...present({ when, fanOut, branch, approval }),
    ...(task.child === undefined
      ? {}
      : { child: { ...pipeline, version: task.child.plan.version } }),
  }
}

function present(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
