// Pipelines and runs of a scripted client.
import { AppError } from '../../shared/api/app-error.ts'
import type { PipelineDetail, PipelineRow, RunRow } from '../../shared/api/views.ts'
import type { AttemptEnd, RunEvent } from '../../shared/run/events.ts'
import { runIdAt, type VersionId } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { Answers } from './scripted-api.ts'
import type { Feeds } from './scripted-feeds.ts'
import { orderAnswers } from './scripted-orders.ts'
import { newRun, tell, type ScriptedRun } from './scripted-run.ts'
import type { World } from './scripted-world.ts'

export function runAnswers(world: World, feeds: Feeds) {
  const find = (ref: string): ScriptedRun => {
    const found =
      ref === 'latest'
        ? newestFirst(world)[0]
        : world.runs.find((run) => run.view.run === ref || run.view.run.includes(ref))
    if (found === undefined)
      throw new AppError('not-found', `There is no run ${ref}.`, {
        hint: 'Look at the list of runs.',
      })
    return found
  }
  const pipelineOf = (name: string): PipelineDetail => {
    const found = world.pipelines.find((each) => each.name === name)
    if (found === undefined) throw new AppError('not-found', `There is no pipeline ${name}.`)
    return found
  }
  function publish(run: ScriptedRun, events: readonly RunEvent[]): void {
    feeds.tell('runs', { kind: 'row', row: run.row })
    feeds.tell(`run ${run.view.run}`, { kind: 'events', events })
  }

  const answers: Answers = {
    'pipeline.list': () => {
      const lastRuns = lastRunsOf(world)
      return world.pipelines.map((each) => pipelineRow(each, lastRuns.get(each.name) ?? []))
    },
    'pipeline.get': ({ pipeline }) => {
      const found = pipelineOf(pipeline)
      return { ...found, ...pipelineRow(found, lastRunsOf(world).get(pipeline) ?? []) }
    },
    'pipeline.validate': () => world.pipelines.flatMap((each) => each.problems),
    'pipeline.plan': ({ pipeline, environment, params }) => ({
      pipeline,
      environment: environment ?? 'dev',
      version: 'a41f09c2' as VersionId,
      params,
      tasks: pipelineOf(pipeline).graph.map(({ name, needs, host }) => ({
        task: name,
        needs,
        hosts: [host],
        why: '',
      })),
    }),
    'run.start': ({ pipeline, params }) => {
      const at = Date.now()
      const run = newRun({
        run: runIdAt(at, 'n3wrun00'),
        pipeline,
        environment: 'dev',
        at,
        graph: pipelineOf(pipeline).graph,
        cause: { kind: 'person', by: 'mara' },
        params: { ...params },
      })
      world.runs.push(run)
      publish(run, [tell(run, at, { kind: 'run.started' })])
      return { run: run.view.run }
    },
    'run.list': ({ pipeline, state, before, limit }) =>
      newestFirst(world)
        .map((run) => run.row)
        .filter((row) => (pipeline ?? row.pipeline) === row.pipeline)
        .filter((row) => (state ?? row.state) === row.state)
        .filter((row) => before === null || row.run < before)
        .slice(0, limit),
    'runs.watch': ({ limit }, signal) => {
      const rows = newestFirst(world).slice(0, limit)
      return feeds.open('runs', signal, [{ kind: 'snapshot', rows: rows.map(({ row }) => row) }])
    },
    'run.get': ({ run }) => ({ row: find(run).row, view: find(run).view }),
    'run.watch': (input, signal) => {
      const { row, view, graph, events } = find(input.run)
      return feeds.open(`run ${view.run}`, signal, [{ kind: 'snapshot', row, view, graph, events }])
    },
    'run.events': ({ run }) => find(run).events,
    'run.explain': ({ run }) => world.causes.get(find(run).view.run) ?? null,
    'run.placement': ({ run, task, item }) => {
      const found = find(run).view.tasks[taskKey(task, item)]
      if (found?.held !== undefined)
        return { why: `It is held back by ${found.held.by}.`, hosts: [] }
      return found?.state === 'queued' ? placement : null
    },
    'run.cancel': ({ run: ref, reason }) => {
      const run = find(ref)
      const asked = { kind: 'run.cancel_asked', by: 'mara', reason } as const
      publish(run, [tell(run, Date.now(), asked)])
      return { run: run.view.run }
    },
    'run.settle': ({ run: ref, task, decision, reason }) => {
      const run = find(ref)
      const at = Date.now()
      const where = { task, item: null, number: run.view.tasks[task]?.attempts.length ?? 1 }
      const settled = { kind: 'attempt.settled', ...where, decision, by: 'mara', reason } as const
      const events = [tell(run, at, settled)]
      if (decision === 'fail') {
        const why = 'given up by mara'
        events.push(
          tell(run, at, { kind: 'attempt.ended', ...where, end: givenUp(at) }),
          tell(run, at, { kind: 'task.ended', task, item: null, state: 'failed', why }),
        )
      }
      publish(run, events)
      return { run: run.view.run }
    },
    'run.remedy': ({ run: ref, task }) => {
      const run = find(ref)
      const event = tell(run, Date.now(), {
        kind: 'remedy.ran',
        task,
        title: 'Rename the column back in the landed file',
        host: 'edge',
        by: 'mara',
        exit: 0,
        output: '1 line changed\n',
      })
      publish(run, [event])
      return { exit: 0, output: '1 line changed\n' }
    },
    ...orderAnswers(find, publish),
  }
  return { answers, publish, find }
}

const placement = {
  why: 'Every host of workers that takes work is full: it is number 2 of 3 in the queue.',
  hosts: [
    { host: 'worker1', verdict: 'busy', why: '8 of 8 slots in use' },
    { host: 'worker2', verdict: 'down', why: 'it has not answered for 25 s' },
    { host: 'worker3', verdict: 'closed', why: 'draining by mara: Kernel update' },
  ],
} as const

const givenUp = (at: number): AttemptEnd => ({
  outcome: 'lost',
  cause: 'given_up',
  endedAt: at,
  hostStartedAt: null,
  hostEndedAt: null,
  cpuMs: null,
  peakBytes: null,
})

function newestFirst(world: World): ScriptedRun[] {
  return [...world.runs].sort((a, b) => (a.view.run < b.view.run ? 1 : -1))
}

function lastRunsOf(world: World): Map<string, RunRow[]> {
  const byPipeline = new Map<string, RunRow[]>()
  for (const { row } of world.runs.toReversed()) {
    const rows = byPipeline.get(row.pipeline) ?? []
    if (rows.length < 14) byPipeline.set(row.pipeline, [...rows, row])
  }
  return byPipeline
}

function pipelineRow(found: PipelineRow, lastRuns: readonly RunRow[]): PipelineRow {
  const { name, file, description, taskCount, problems, nextFireAt } = found
  return { name, file, description, taskCount, problems, nextFireAt, lastRuns }
}
