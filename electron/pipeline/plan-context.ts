// What planning one pipeline, or a sub-pipeline of it, works with.
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { EnvironmentSpec, PipelineSpec, WorkspaceSpec } from '../../shared/pipeline/spec.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { openCheck } from './check-context.ts'
import type { ExpressionValues, Expressions } from './expression.ts'
import type { LoadedPipeline, LoadedWorkspace } from './load.ts'
import type { OutlineGroup, OutlineTask } from './outline.ts'
import type { FileCollector } from './plan-files.ts'
import { openReport } from './report.ts'
import type { Report } from './report.ts'
import { taskNamesOf } from './task-scope.ts'
import type { Surroundings } from './task-scope.ts'
import type { TaskNames } from './expression-scope.ts'
import type { YamlTree } from './yaml-tree.ts'

/** Of a whole run, its sub-pipelines too. */
export interface PlanJob {
  workspace: LoadedWorkspace
  environment: EnvironmentSpec
  logicalDate: string | null
  files: FileCollector
  /** Tasks planned, those of sub-pipelines each time they are named. */
  tasks: { count: number }
  /** Plans of sub-pipelines by what they were given, and how many tasks each has. */
  planned: Map<string, { plan: Promise<PlannedPipeline>; tasks: number }>
  /** For sub-pipelines. */
  plan(pipeline: SoundPipeline, given: PlanGiven): Promise<PlannedPipeline>
}

export type SoundPipeline = LoadedPipeline & { spec: PipelineSpec; tree: YamlTree }

export type PlanGiven = Pick<PlanContext, 'lateParams' | 'isEvaluable' | 'chain'> & {
  params: ExpressionValues['params']
}

export interface PlannedPipeline {
  /** null where there are errors. */
  plan: RunPlan | null
  problems: Problem[]
}

export interface PlanContext {
  job: PlanJob
  pipeline: LoadedPipeline
  spec: PipelineSpec
  tree: YamlTree
  workspace: WorkspaceSpec
  environment: EnvironmentSpec
  report: Report
  expressions: Expressions
  values: ExpressionValues
  files: FileCollector
  surroundings: Surroundings
  /** Params that its parent gives only when it starts. */
  lateParams: ReadonlySet<string>
  /** False where params are missing: expressions would only repeat it. */
  isEvaluable: boolean
  /** Names of the pipelines around it, outermost first, and its own. */
  chain: readonly string[]
  /** Of files around it. */
  problems: Problem[]
}

export function openContext(job: PlanJob, pipeline: SoundPipeline, given: PlanGiven): PlanContext {
  const { spec, tree } = pipeline
  const report = openReport(pipeline.file, pipeline.text, tree)
  const { workspace, environment } = job
  // A var that only other environments have is told apart from one that is nowhere.
  const check = openCheck(tree, report, {
    ...noNames,
    environments: workspace.spec.environments.map((each) => ({
      name: each.name,
      hosts: [],
      pools: [],
      vars: Object.keys(each.vars),
      secrets: Object.keys(each.secrets ?? {}),
    })),
  })
  return {
    job,
    pipeline,
    spec,
    tree,
    workspace: workspace.spec,
    environment,
    report,
    expressions: check.expressions,
    values: {
      params: given.params,
      vars: environment.vars,
      environment: environment.name,
      pipeline: spec.name,
      logicalDate: job.logicalDate,
    },
    files: job.files,
    surroundings: check,
    lateParams: given.lateParams,
    isEvaluable: given.isEvaluable,
    chain: given.chain,
    problems: [],
  }
}

const noNames = { hosts: [], pools: [], semaphores: [] }

export function namesFor(
  { surroundings }: PlanContext,
  entry: OutlineTask | OutlineGroup,
): TaskNames {
  return taskNamesOf(surroundings, entry)
}
