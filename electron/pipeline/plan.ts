// A pipeline, an environment and params to the exact plan of a run, or all that is wrong.
//   N1  A plan holds everything that will execute, by value or by hash: nothing is read from the workspace afterwards.
//   N2  `codeHash` is the work of one task in one run; `version` is the pipeline in one environment, whatever the params.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { isDateOrTime } from '../../shared/pipeline/param-value.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type {
  EnvironmentSpec,
  ParamValue,
  PipelineSpec,
  WorkspaceSpec,
} from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { BlobStore } from '../ports/logs.ts'
import { headCommit } from './git-head.ts'
import type { LoadedPipeline, LoadedWorkspace } from './load.ts'
import type { PlanGiven, PlanJob, PlannedPipeline, SoundPipeline } from './plan-context.ts'
import { openFileCollector } from './plan-files.ts'
import { planParams } from './plan-params.ts'
import { planPipeline } from './plan-pipeline.ts'

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
  const job: PlanJob = {
    workspace,
    environment,
    logicalDate: request.logicalDate,
    files: openFileCollector(workspace.dir, request.blobs),
    tasks: { count: 0 },
    planned: new Map(),
    plan: (child, given) => planOnce(job, child, given),
  }
  const { tree } = pipeline
  assert(tree !== null, 'A pipeline with a spec was read from a tree')
  const planned = await planPipeline(
    job,
    { ...pipeline, spec, tree },
    {
      params,
      lateParams: new Set(),
      isEvaluable: paramProblems.length === 0,
      chain: [spec.name],
    },
  )
  const problems = onceEach(withWorkspace(workspace, [...pipeline.problems, ...planned.problems]))
  const isWrong = hasErrors(problems) || hasErrors(commandLineProblems)
  return { plan: isWrong ? null : planned.plan, problems, commandLineProblems, commit }
}

/** Children that are given the same have one plan. */
function planOnce(job: PlanJob, child: SoundPipeline, given: PlanGiven): Promise<PlannedPipeline> {
  const { params, lateParams, isEvaluable } = given
  const key = JSON.stringify([child.name, Object.entries(params), [...lateParams], isEvaluable])
  const known = job.planned.get(key)
  if (known !== undefined) {
    job.tasks.count += known.tasks
    return known.plan
  }
  const before = job.tasks.count
  const made = { plan: planPipeline(job, child, given), tasks: 0 }
  job.planned.set(key, made)
  return made.plan.finally(() => {
    made.tasks = job.tasks.count - before
  })
}

// A sub-pipeline that is started twice says the same twice.
function onceEach(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((problem) => [JSON.stringify(problem), problem]))
  return [...byText.values()]
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
  if (logicalDate !== null && !isDateOrTime(logicalDate)) {
    const message = `The logical date ${JSON.stringify(logicalDate)} is no date.`
    const hint = 'Write it as YYYY-MM-DD, for example 2026-01-31; or as 2026-01-31T02:15:00Z.'
    problems.push(askedProblem('date', message, hint))
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
