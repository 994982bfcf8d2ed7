// Calls about the files of the workspace.
import type { ApiParts, PipelineNow, WorkspaceNow } from './parts.ts'
import { graphOfSpec } from './graph-nodes.ts'
import { planWords } from './plan-words.ts'
import { listRuns } from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { PipelineRow } from '../../shared/api/views.ts'
import { didYouMean } from '../../shared/pipeline/suggest.ts'

/** Squares of the history strip. */
const lastRunsMax = 14
const firesMax = 100
const firesShown = 5

type PipelineCalls = Pick<
  Api,
  'pipeline.list' | 'pipeline.get' | 'pipeline.validate' | 'pipeline.plan'
>

export function pipelineCalls(parts: ApiParts): PipelineCalls {
  return {
    async 'pipeline.list'() {
      const workspace = await parts.workspace.load()
      const soonest = await parts.schedule.soonest()
      return workspace.pipelines.map((pipeline) => rowOf(parts, pipeline, soonest))
    },
    async 'pipeline.get'(input) {
      const workspace = await parts.workspace.load()
      const pipeline = pipelineNamed(workspace, input.pipeline)
      const fires = await parts.schedule.nextOf(pipeline.name, firesMax)
      const spec = pipeline.spec
      return {
        ...rowOf(parts, pipeline, await parts.schedule.soonest()),
        text: pipeline.text,
        params: spec?.params ?? [],
        environments: workspace.spec.environments.map(({ name }) => name),
        defaultEnvironment: workspace.spec.defaultEnvironment,
        graph: spec === null ? [] : graphOfSpec(spec),
        triggers: (spec?.triggers ?? []).map(({ cron, timezone }, trigger) => ({
          cron,
          timezone,
          next: fires
            .filter((fire) => fire.trigger === trigger)
            .slice(0, firesShown)
            .map(({ at }) => at),
        })),
      }
    },
    async 'pipeline.validate'() {
      return (await parts.workspace.load()).problems
    },
    async 'pipeline.plan'(input) {
      const workspace = await parts.workspace.load()
      const { plan } = await workspace.plan(input)
      return {
        pipeline: plan.pipeline,
        environment: plan.environment,
        version: plan.version,
        params: plan.params,
        tasks: plan.tasks.map((task) => ({
          task: task.name,
          needs: task.needs,
          // The engine itself runs a pipeline and asks a person.
          hosts: task.child === undefined && task.approval === undefined ? task.hosts : [],
          why: planWords(task),
        })),
      }
    },
  }
}

export function pipelineNamed(workspace: WorkspaceNow, name: string): PipelineNow {
  const found = workspace.pipelines.find((pipeline) => pipeline.name === name)
  if (found !== undefined) return found
  const names = workspace.pipelines.map((pipeline) => pipeline.name)
  throw new AppError('not-found', `There is no pipeline "${name}".`, {
    hint:
      didYouMean(name, names) ||
      (names.length === 0
        ? 'The workspace has none: "sluice init" writes one.'
        : `There is ${names.slice(0, 8).join(', ')}.`),
  })
}

function rowOf(
  parts: ApiParts,
  pipeline: PipelineNow,
  soonest: ReadonlyMap<string, number>,
): PipelineRow {
  return {
    name: pipeline.name,
    file: pipeline.file,
    description: pipeline.spec?.description ?? '',
    taskCount: pipeline.spec?.tasks.length ?? 0,
    problems: pipeline.problems,
    lastRuns: listRuns(parts.db, { pipeline: pipeline.name, limit: lastRunsMax }),
    nextFireAt: soonest.get(pipeline.name) ?? null,
  }
}
