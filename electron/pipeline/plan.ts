// A pipeline, an environment and params to the exact plan of a run, or all that is wrong.
//   N1  A plan holds everything that will execute, by value or by hash: nothing is read from the workspace afterwards.
//   N2  `codeHash` is the work of one task in one run; `version` is the pipeline in one environment, whatever the params.
import { join } from 'node:path'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type {
  EnvironmentSpec,
  ParamValue,
  PipelineSpec,
  PoolPick,
  TaskSpec,
  WorkspaceSpec,
} from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { VersionId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import type { BlobStore } from '../ports/logs.ts'
import { hashOf } from './canonical-json.ts'
import { openExpressions } from './expression.ts'
import type { ExpressionValues, Expressions } from './expression.ts'
import { headCommit } from './git-head.ts'
import type { LoadedPipeline, LoadedWorkspace } from './load.ts'
import { planParams } from './plan-params.ts'
import { openFileCollector } from './plan-files.ts'
import type { FileCollector } from './plan-files.ts'
import { openReport } from './report.ts'
import type { Report } from './report.ts'
import { offsetInText } from './text-offset.ts'
import { placeAt } from './yaml-tree.ts'

export interface PlanRequest {
  workspace: LoadedWorkspace
  /** Its name. */
  pipeline: string
  /** null: the workspace's default. */
  environment: string | null
  params: Readonly<Record<string, ParamValue>>
  logicalDate: string | null
  blobs: BlobStore
}

export interface PlannedRun {
  /** null where there are errors. */
  plan: RunPlan | null
  /** Of the files: each has a place. */
  problems: readonly Problem[]
  /** Of what the caller asked for: names and params; `file` is empty. */
  commandLineProblems: readonly Problem[]
  /** The workspace's git commit, 40 or 64 hex digits; null where there is none. */
  commit: string | null
}

export async function planRun(request: PlanRequest): Promise<PlannedRun> {
  const { workspace } = request
  const asked = findAsked(request)
  const commit = await headCommit(workspace.dir)
  if (asked.spec === null || asked.environment === null) {
    const problems = asked.pipeline?.problems ?? []
    return {
      plan: null,
      problems: withWorkspace(workspace, problems),
      commandLineProblems: asked.problems,
      commit,
    }
  }
  const { spec, environment, pipeline } = asked
  const { params, problems: paramProblems } = planParams(spec.params, request.params, spec.name)
  const commandLineProblems = [...asked.problems, ...paramProblems]
  const report = openReport(pipeline.file, pipeline.text, pipeline.tree)
  const context: PlanContext = {
    pipeline,
    workspace: workspace.spec,
    environment,
    report,
    expressions: openExpressions(scopeOf(spec, workspace.spec)),
    values: {
      params,
      vars: environment.vars,
      environment: environment.name,
      pipeline: spec.name,
      logicalDate: request.logicalDate,
    },
    files: openFileCollector(workspace.dir, request.blobs),
    isEvaluable: paramProblems.length === 0,
  }
  const tasks: PlannedTask[] = []
  for (const task of spec.tasks) tasks.push(await planTask(context, spec, task))
  const problems = withWorkspace(workspace, [...pipeline.problems, ...report.problems()])
  if (hasErrors(problems) || hasErrors(commandLineProblems)) {
    return { plan: null, problems, commandLineProblems, commit }
  }
  const plan: RunPlan = {
    pipeline: spec.name,
    environment: environment.name,
    version: versionOf(spec, environment, tasks),
    params,
    logicalDate: request.logicalDate,
    tasks,
  }
  return { plan, problems, commandLineProblems, commit }
}

interface PlanContext {
  pipeline: LoadedPipeline
  workspace: WorkspaceSpec
  environment: EnvironmentSpec
  report: Report
  expressions: Expressions
  values: ExpressionValues
  files: FileCollector
  /** False where params are missing: expressions would only repeat it. */
  isEvaluable: boolean
}

type Asked = { problems: Problem[] } & (
  | { pipeline: LoadedPipeline; spec: PipelineSpec; environment: EnvironmentSpec }
  | { pipeline: LoadedPipeline | null; spec: PipelineSpec | null; environment: null }
  | { pipeline: LoadedPipeline; spec: null; environment: EnvironmentSpec | null }
)

function findAsked(request: PlanRequest): Asked {
  const { workspace, pipeline: name, environment: asked, logicalDate } = request
  const problems: Problem[] = []
  const names = workspace.pipelines.map((each) => each.name)
  const pipeline = workspace.pipelines.find((each) => each.name === name) ?? null
  if (pipeline === null) {
    const message = `There is no pipeline "${name}".${didYouMean(name, names)}`
    const hint =
      names.length === 0
        ? `The folder ${join(workspace.dir, 'pipelines')} holds none. sluice init makes a first one.`
        : `Pipelines: ${someOf(names)}.`
    problems.push(askedProblem('pipeline', message, hint))
  }
  const environment = environmentOf(workspace.spec, asked)
  if (environment === null) {
    const known = workspace.spec.environments.map((each) => each.name)
    const message = `There is no environment "${asked}".${didYouMean(asked ?? '', known)}`
    const hint =
      known.length === 0 ? 'sluice.yaml declares none.' : `Environments: ${someOf(known)}.`
    problems.push(askedProblem('environment', message, hint))
  }
  if (logicalDate !== null && !/^[^\p{C}]*$/u.test(logicalDate)) {
    const message = `The logical date ${JSON.stringify(logicalDate)} is no plain text.`
    problems.push(askedProblem('date', message, 'For example: 2026-01-31'))
  }
  if (pipeline === null || environment === null) {
    return { problems, pipeline, spec: pipeline?.spec ?? null, environment: null }
  }
  const { spec } = pipeline
  return spec === null
    ? { problems, pipeline, spec, environment }
    : { problems, pipeline, spec, environment }
}

function askedProblem(path: string, message: string, hint: string): Problem {
  return { file: '', line: 0, column: 0, path, message, hint, severity: 'error' }
}

/** null: there is no such environment. `default` is always one where the file names none. */
function environmentOf(spec: WorkspaceSpec, asked: string | null): EnvironmentSpec | null {
  const name = asked ?? spec.defaultEnvironment
  const found = spec.environments.find((each) => each.name === name)
  if (found !== undefined) return found
  return spec.environments.length === 0 && name === spec.defaultEnvironment
    ? { name, hosts: {}, vars: {} }
    : null
}

// A broken sluice.yaml was replaced by nothing but `local`: no run may start on that.
function withWorkspace(workspace: LoadedWorkspace, problems: readonly Problem[]): Problem[] {
  return [...workspace.problems, ...problems]
}

// A var that only other environments have is told apart from one that is nowhere.
function scopeOf(spec: PipelineSpec, workspace: WorkspaceSpec) {
  const params = Object.fromEntries(spec.params.map((param) => [param.name, param.type]))
  return { params, vars: workspace.environments.flatMap((each) => Object.keys(each.vars)) }
}

async function planTask(
  context: PlanContext,
  spec: PipelineSpec,
  task: TaskSpec,
): Promise<PlannedTask> {
  const { report } = context
  const { hosts, pool } = bindHost(context, task.host, ['tasks', task.name, 'host'])
  const env = { ...planEnv(context, spec, task) }
  const collected = await context.files.collect(task)
  for (const { path, words } of collected.faults) report.at(['tasks', task.name, ...path], words)
  const { needs, run, timeoutMs, graceMs, retries, effect, inputs, outputs } = task
  const { onUnknown, logLimitBytes } = task
  const { files } = collected
  return {
    name: task.name,
    needs,
    hosts,
    pool,
    run,
    env,
    timeoutMs,
    graceMs,
    retries,
    effect,
    onUnknown,
    logLimitBytes,
    files,
    inputs,
    outputs,
    remedies: task.remedies.map((remedy, at) => ({
      ...remedy,
      host: bindRemedy(context, remedy.host, ['tasks', task.name, 'remedies', at, 'host'], pool),
    })),
    // N2: the work is the same on whichever host of the pool.
    codeHash: hashOf({
      run,
      env,
      files,
      inputs,
      outputs,
      hosts: pool === null ? hosts : pool.name,
    }),
  }
}

interface Bound {
  hosts: readonly string[]
  pool: { name: string; pick: PoolPick } | null
}

function bindHost(
  { workspace, environment, report }: PlanContext,
  name: string,
  path: readonly (string | number)[],
): Bound {
  const bound = Object.hasOwn(environment.hosts, name) ? environment.hosts[name] : undefined
  const meant = bound ?? name
  const pool = workspace.pools.find((each) => each.name === meant)
  if (pool !== undefined) return { hosts: pool.hosts, pool: { name: meant, pick: pool.pick } }
  const known = workspace.hosts.map((host) => host.name)
  if (bound !== undefined || known.includes(name)) return { hosts: [meant], pool: null }
  known.push(...workspace.pools.map((each) => each.name))
  report.at(path, {
    message: `The environment "${environment.name}" binds no host "${name}".${didYouMean(name, [...known, ...Object.keys(environment.hosts)])}`,
    hint: `Add it to environments.${environment.name}.hosts in sluice.yaml.`,
  })
  return { hosts: [name], pool: null }
}

/** The task's own pool stands for itself: the host of the last attempt is known only when the remedy is run. */
function bindRemedy(
  context: PlanContext,
  name: string,
  path: readonly (string | number)[],
  ofTask: Bound['pool'],
): string {
  const { hosts, pool } = bindHost(context, name, path)
  if (pool !== null && pool.name === ofTask?.name) return pool.name
  if (pool !== null) {
    context.report.at(path, {
      message: `"${name}" is the pool "${pool.name}" in the environment "${context.environment.name}": a remedy runs on one host.`,
      hint: 'Name a host, or leave it out for the host of the last attempt of the task.',
    })
  }
  return hosts[0] ?? name
}

/** The pipeline's variables below, the task's own above. */
function planEnv(context: PlanContext, spec: PipelineSpec, task: TaskSpec): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(spec.env)) {
    if (!Object.hasOwn(task.env, name)) env[name] = evaluate(context, ['env', name], value)
  }
  for (const [name, value] of Object.entries(task.env)) {
    env[name] = evaluate(context, ['tasks', task.name, 'env', name], value)
  }
  return env
}

function evaluate(context: PlanContext, path: readonly string[], value: string): string {
  if (!context.isEvaluable) return value
  const result = context.expressions.evaluate(value, context.values)
  if ('text' in result) return result.text
  const { tree } = context.pipeline
  for (const fault of result.faults) {
    const shift = tree === null ? 0 : offsetInText(placeAt(tree, path), value, fault.offset)
    context.report.at(path, fault, shift)
  }
  return value
}

// N2. Expressions count as they are written, with the vars they may read: tomorrow's run has the same version.
function versionOf(
  spec: PipelineSpec,
  environment: EnvironmentSpec,
  tasks: readonly PlannedTask[],
): VersionId {
  const written = new Map(spec.tasks.map((task) => [task.name, task.env]))
  return hashOf({
    pipeline: spec.name,
    environment: environment.name,
    vars: environment.vars,
    env: spec.env,
    params: spec.params.map(({ name, type, choices }) => ({ name, type, choices })),
    // What a task is, without what it comes to in one run.
    tasks: tasks.map((task) => ({
      ...task,
      env: written.get(task.name),
      remedies: null,
      codeHash: null,
    })),
  }) as VersionId
}
