// Calls about runs.
import { audited, recordDeed } from './audit.ts'
import type { ApiParts } from './parts.ts'
import { startPlanned } from './start-planned.ts'
import { assertTask } from './task-names.ts'
import type { Engine } from '../engine/engine.ts'
import { watchRun, watchRuns } from './watch-run.ts'
import {
  findRun,
  listRuns,
  loadEvents,
  loadPlan,
  loadRun,
  resolveRunRef,
} from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api, CheckedInputOf } from '../../shared/api/contract.ts'
import type { RunCause } from '../../shared/run/events.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunPlan } from '../../shared/run/plan.ts'

type RunCalls = Pick<
  Api,
  | 'run.start'
  | 'run.list'
  | 'run.get'
  | 'run.events'
  | 'run.cancel'
  | 'run.explain'
  | 'run.remedy'
  | 'run.placement'
  | 'run.settle'
  | 'run.watch'
  | 'runs.watch'
>

export function runCalls(parts: ApiParts): RunCalls {
  const { db } = parts
  return {
    async 'run.start'(input) {
      const engine = parts.engine()
      const planned = await (await parts.workspace.load()).plan(input)
      const run = startPlanned(parts, engine, { planned, cause: personOf(parts) })
      recordStart(parts, engine, { run, plan: planned.plan })
      return { run }
    },
    async 'run.list'(input) {
      const before = input.before === null ? null : resolveRunRef(db, input.before)
      return listRuns(db, { ...input, before })
    },
    async 'run.get'(input) {
      const run = resolveRunRef(db, input.run)
      const loaded = loadRun(db, run)
      const row = findRun(db, run)
      if (loaded === null || row === null) throw noRun(input.run)
      return { row, view: loaded.view }
    },
    async 'run.events'(input) {
      return loadEvents(db, resolveRunRef(db, input.run), input.after, input.limit)
    },
    async 'run.cancel'(input) {
      const run = resolveRunRef(db, input.run)
      const { reason } = input
      const deed = { action: 'run.cancelled', subject: run, reason }
      await audited(parts, deed, () => parts.engine().cancel(run, parts.user, reason))
      return { run }
    },
    async 'run.explain'(input) {
      return await parts.explain(resolveRunRef(db, input.run))
    },
    async 'run.placement'(input) {
      return parts.engine().placement({ ...input, run: resolveRunRef(db, input.run) })
    },
    async 'run.settle'(input) {
      const run = resolveRunRef(db, input.run)
      const { task, item, decision, reason } = input
      const subject = `${run} ${taskKey(task, item)}`
      const deed = { action: 'unknown.settled', subject, details: { decision }, reason }
      await audited(parts, deed, () =>
        parts.engine().settle({ run, task, item, decision, by: parts.user, reason }),
      )
      return { run }
    },
    'run.remedy': (input) => runRemedy(parts, input),
    'run.watch': (input, signal) => watchRun(parts, input.run, signal),
    'runs.watch': (input, signal) => watchRuns(parts, input.limit, signal),
  }
}

const personOf = (parts: ApiParts): RunCause => ({ kind: 'person', by: parts.user })

// Its id is known once it is recorded, so the audit comes second here: a start that cannot be audited is taken back.
function recordStart(
  parts: ApiParts,
  engine: Engine,
  { run, plan }: { run: RunId; plan: RunPlan },
): void {
  const { pipeline, environment, version } = plan
  try {
    const details = { pipeline, environment, version }
    recordDeed(parts, { action: 'run.started', subject: run, details })
  } catch (error) {
    engine.cancel(run, parts.user, 'its start could not be audited')
    throw error
  }
}

async function runRemedy(
  parts: ApiParts,
  input: CheckedInputOf<'run.remedy'>,
): Promise<{ exit: number | null; output: string }> {
  const { db } = parts
  const engine = parts.engine()
  const run = resolveRunRef(db, input.run)
  const row = findRun(db, run)
  const plan = row === null ? null : loadPlan(db, run, row.version)
  if (plan === null) throw noRun(input.run)
  assertTask(plan, input.task)
  const remedies = plan.tasks.find(({ name }) => name === input.task)?.remedies ?? []
  const remedy = remedies[input.index]
  if (remedy === undefined) {
    throw new AppError(
      'not-found',
      `Task "${input.task}" offers ${remedies.length} remedies, counted from 0; there is no ${input.index}.`,
      { hint: 'A task offers what its "remedies" in the pipeline file say.' },
    )
  }
  const { title } = remedy
  const host = hostOfRemedy(db, plan, { run, task: input.task, host: remedy.host })
  const deed = { action: 'remedy.ran', subject: `${run} ${input.task}`, details: { title, host } }
  const { exit, output } = await audited(parts, deed, () => parts.hosts.runOnce(host, remedy.run))
  engine.record(run, {
    kind: 'remedy.ran',
    task: input.task,
    title,
    host,
    by: parts.user,
    exit,
    output,
  })
  return { exit, output }
}

/** The task's pool stands for the host where its last attempt was: that is where it failed. */
function hostOfRemedy(
  db: ApiParts['db'],
  plan: RunPlan,
  remedy: { run: RunId; task: string; host: string },
): string {
  const task = plan.tasks.find(({ name }) => name === remedy.task)
  if (task?.pool?.name !== remedy.host) return remedy.host
  const attempts = Object.values(loadRun(db, remedy.run)?.view.tasks ?? {})
    .filter((view) => view.task === remedy.task)
    .flatMap((view) => view.attempts)
  const last = attempts.toSorted((a, b) => a.startingAt - b.startingAt).at(-1)
  return last?.host ?? task.hosts[0] ?? remedy.host
}

function noRun(ref: string): AppError {
  return new AppError('not-found', `There is no run "${ref}".`, { hint: 'List them: sluice runs' })
}
