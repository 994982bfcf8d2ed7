// Collects the facts of one run: its failing logs, the last good logs of the same tasks, and upstream logs only where they could matter.
import type { Change } from '../../shared/api/views.ts'
import type { RunView, TaskView } from '../../shared/run/fold.ts'
import { attemptKey, type AttemptKey, type RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { isTaskGood } from '../../shared/run/states.ts'
import { causeOf, isSymptom, upstreamKeys } from './explain.ts'
import type { Baseline, HostSnapshot, RunFacts, TaskLog } from './facts.ts'
import { failuresOf } from './failures.ts'
import { keyOf } from './family.ts'
import { failingBounds, goodBounds, readExcerpt, type ExcerptBounds } from './log-excerpt.ts'
import { baselineOf } from './novelty.ts'

type Soon<T> = T | Promise<T>

export interface InsightSources {
  view(run: RunId): Soon<RunView | null>
  /** Of the run's present version. */
  plan(run: RunId): Soon<RunPlan | null>
  /** Succeeded runs that were made before `before`, newest first, `limit` at most. */
  lastGoodRuns(
    pipeline: string,
    environment: string,
    before: RunId,
    limit: number,
  ): Soon<readonly RunId[]>
  readLog(key: AttemptKey, offset: number, length: number): Soon<Uint8Array>
  /** 0 for a log that is not here. */
  logSize(key: AttemptKey): Soon<number>
  /** What differs from plan `a` to plan `b`. */
  changes(a: RunPlan, b: RunPlan): Soon<readonly Change[]>
  /** What a host said about itself around then; left out where nobody asks hosts. */
  host?(name: string, run: RunId): Soon<HostSnapshot | null>
}

const goodRunsMax = 3
/** Upstream task runs that are read, nearest first. */
const upstreamMax = 40
/** Of each upstream log and of its good logs: many small reads, not a few large. */
const upstreamBounds: ExcerptBounds = {
  headBytes: 1 << 20,
  tailBytes: 2 << 20,
  countBytes: 256 << 20,
}

/** Null when the run is not known. */
export async function gatherFacts(run: RunId, sources: InsightSources): Promise<RunFacts | null> {
  const view = await sources.view(run)
  const plan = await sources.plan(run)
  if (view === null || plan === null) return null
  const good = await goodRuns(view, sources)
  const logs = new Map<string, TaskLog>()
  const baselines = new Map<string, Baseline>()
  const facts: RunFacts = {
    view,
    plan,
    lastGoodRun: good[0]?.run ?? null,
    changes: await changesSince(good[0], plan, sources),
    logs,
    baselines,
    hosts: new Map(),
  }
  const failure = failuresOf(view)[0]
  if (failure === undefined) return facts
  const hosts = await hostOf(failure.attempt.host, run, sources)
  const key = keyOf(failure.task)
  await readTask({ ...facts, hosts }, key, failure.attempt.number, failingBounds)
  const whole = { ...facts, hosts }
  if (!isSymptom(causeOf(whole, failure))) return whole
  for (const above of upstreamKeys(whole, failure).slice(0, upstreamMax)) {
    const attempt = view.tasks[above]?.attempts.at(-1)
    if (attempt !== undefined) await readTask(whole, above, attempt.number, upstreamBounds)
  }
  return whole

  async function readTask(
    into: RunFacts,
    task: string,
    attempt: number,
    bounds: ExcerptBounds,
  ): Promise<void> {
    const state = into.view.tasks[task]
    if (state === undefined) return
    logs.set(task, await readLog(sources, run, state, { attempt, bounds }))
    const good3 = good.flatMap((one) => goodAttempt(one, task))
    const read: TaskLog[] = []
    for (const { of, task: one, attempt: number } of good3) {
      const bound = bounds === failingBounds ? goodBounds : upstreamBounds
      read.push(
        await readLog(sources, of, one, { attempt: number, bounds: { ...bound, countBytes: 0 } }),
      )
    }
    baselines.set(task, baselineOf(read.filter((log) => log.lines.length > 0)))
  }
}

interface GoodRun {
  run: RunId
  view: RunView
}

async function goodRuns(view: RunView, sources: InsightSources): Promise<GoodRun[]> {
  const ids = await sources.lastGoodRuns(view.pipeline, view.environment, view.run, goodRunsMax)
  const found: GoodRun[] = []
  for (const run of ids.slice(0, goodRunsMax)) {
    const good = await sources.view(run)
    if (good !== null) found.push({ run, view: good })
  }
  return found
}

function goodAttempt(
  { run, view }: GoodRun,
  key: string,
): { of: RunId; task: TaskView; attempt: number }[] {
  // An item of a fan-out that was not there yet is compared with the first.
  const task = view.tasks[key] ?? view.tasks[key.replace(/\[\d+\]$/, '[0]')]
  if (task === undefined || !isTaskGood(task.state)) return []
  const attempt = task.attempts.at(-1)
  return attempt === undefined ? [] : [{ of: run, task, attempt: attempt.number }]
}

async function changesSince(
  good: GoodRun | undefined,
  plan: RunPlan,
  sources: InsightSources,
): Promise<readonly Change[]> {
  if (good === undefined) return []
  const before = await sources.plan(good.run)
  return before === null ? [] : sources.changes(before, plan)
}

async function hostOf(
  name: string,
  run: RunId,
  sources: InsightSources,
): Promise<ReadonlyMap<string, HostSnapshot>> {
  const found = (await sources.host?.(name, run)) ?? null
  return found === null ? new Map<string, HostSnapshot>() : new Map([[name, found]])
}

function readLog(
  sources: InsightSources,
  run: RunId,
  task: TaskView,
  { attempt, bounds }: { attempt: number; bounds: ExcerptBounds },
): Promise<TaskLog> {
  const key = attemptKey(run, task.task, task.item, attempt)
  const source = {
    size: () => sources.logSize(key),
    read: (offset: number, length: number) => sources.readLog(key, offset, length),
  }
  return readExcerpt(source, attempt, bounds)
}
