// Collects the facts of one run: its failing log, the last good logs of the same task, and upstream logs only where they could matter.
import type { Change } from '../../shared/api/views.ts'
import type { AttemptView, RunView } from '../../shared/run/run-view.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import { attemptKey, type AttemptKey, type RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { isTaskGood } from '../../shared/run/states.ts'
import { causeOf, isSymptom, upstreamKeys } from './explain.ts'
import { noBaseline } from './facts.ts'
import type { Baseline, RunFacts, TaskLog } from './facts.ts'
import { failuresOf } from './failures.ts'
import { keyOf } from './family.ts'
import { parseTaskKey } from '../../shared/run/run-view.ts'
import {
  failingBounds,
  goodBounds,
  readExcerpt,
  upstreamBounds,
  type ExcerptBounds,
} from './log-excerpt.ts'
import { baselineOf } from './novelty.ts'
import { runDifferences } from './run-differences.ts'
import { mayTell } from './upstream.ts'

type Soon<T> = T | Promise<T>

/** Where facts come from. What is long may be a promise or not. */
export interface InsightSources {
  view(run: RunId): Soon<RunView | null>
  /** Of the run's present version. */
  plan(run: RunId): Soon<RunPlan | null>
  /** Succeeded runs made before `before`, newest first, `limit` at most. */
  lastGoodRuns(
    pipeline: string,
    environment: string,
    before: RunId,
    limit: number,
  ): Soon<readonly RunId[]>
  /** At most `length` bytes; empty at the end. */
  readLog(key: AttemptKey, offset: number, length: number): Soon<Uint8Array>
  /** 0 for a log that is not here. */
  logSize(key: AttemptKey): Soon<number>
  /** What differs from plan `a` to plan `b`. */
  changes(a: RunPlan, b: RunPlan): Soon<readonly Change[]>
}

const goodRunsMax = 3
/** Upstream task runs that are read, nearest first, and the bytes of their logs in all. */
const upstreamMax = 60
const upstreamBytesMax = 64 << 20

/** Null when the run is not known. */
export async function gatherFacts(run: RunId, sources: InsightSources): Promise<RunFacts | null> {
  const view = await sources.view(run)
  const plan = await sources.plan(run)
  if (view === null || plan === null) return null
  const good = await goodRuns(view, sources)
  const logs = new Map<string, TaskLog>()
  const baselines = new Map<string, Baseline>()
  const failure = failuresOf(view)[0]
  const facts: RunFacts = {
    view,
    plan,
    lastGoodRun: good[0]?.run ?? null,
    changes: [...(await planChanges(good[0], plan, sources)), ...runDifferences(view, good)],
    restless: restlessParams(good),
    logs,
    baselines,
    hostsBefore: snapshotsOf(good),
  }
  if (failure === undefined) return facts
  const reader = { run, good, sources }
  await readInto(keyOf(failure.task), failure.attempt, failingBounds)
  if (!isSymptom(causeOf(facts, failure))) return facts
  let bytes = 0
  for (const key of upstreamKeys(facts, failure).slice(0, upstreamMax)) {
    const attempt = view.tasks[key]?.attempts.at(-1)
    if (attempt === undefined) continue
    bytes += await readInto(key, attempt, upstreamBounds)
    if (bytes > upstreamBytesMax) break
  }
  return facts

  async function readInto(
    key: string,
    attempt: AttemptView,
    bounds: ExcerptBounds,
  ): Promise<number> {
    const pair = await readPair(reader, key, attempt, bounds)
    logs.set(key, pair.log)
    baselines.set(key, pair.baseline)
    return pair.bytes
  }
}

interface Reader {
  run: RunId
  good: readonly RunView[]
  sources: InsightSources
}

/** A task run's log and what its good logs look like; `bytes` is what was there to read of them. */
async function readPair(
  { run, good, sources }: Reader,
  key: string,
  attempt: AttemptView,
  bounds: ExcerptBounds,
): Promise<{ log: TaskLog; baseline: Baseline; bytes: number }> {
  let bytes = 0
  const read = async (
    of: RunId,
    name: string,
    number: number,
    within: ExcerptBounds,
  ): Promise<TaskLog> => {
    const { task, item } = parseTaskKey(name)
    const attemptName = attemptKey(of, task, item, number)
    const size = await sources.logSize(attemptName)
    bytes += Math.min(size, within.headBytes + within.tailBytes)
    return readExcerpt(
      { size, read: (offset, length) => sources.readLog(attemptName, offset, length) },
      number,
      within,
    )
  }
  const log = await read(run, key, attempt.number, bounds)
  // Most upstream logs say nothing that could be blamed: their good twins need not be read.
  if (bounds === upstreamBounds && !mayTell(log)) return { log, baseline: noBaseline, bytes }
  const goodLogs: TaskLog[] = []
  for (const one of good) {
    const found = goodAttempt(one, key)
    if (found === null) continue
    const text = await read(one.run, found.key, found.attempt.number, goodBounds(bounds))
    // No lines may mean silence, or a log that was cleared away: only silence is a baseline.
    if (text.lines.length > 0 || found.attempt.log?.bytes === 0) goodLogs.push(text)
  }
  return { log, baseline: baselineOf(goodLogs), bytes }
}

async function goodRuns(view: RunView, sources: InsightSources): Promise<RunView[]> {
  const { pipeline, environment, run } = view
  const ids = await sources.lastGoodRuns(pipeline, environment, run, goodRunsMax)
  const found: RunView[] = []
  for (const id of ids.slice(0, goodRunsMax)) {
    const good = await sources.view(id)
    if (good !== null) found.push(good)
  }
  return found
}

// A good run has snapshots where a try failed before the one that succeeded.
function snapshotsOf(good: readonly RunView[]): ReadonlyMap<string, HostSnapshot> {
  const found = new Map<string, HostSnapshot>()
  for (const task of good.flatMap((run) => Object.values(run.tasks))) {
    for (const { host, snapshot } of task.attempts) {
      if (snapshot === undefined) continue
      if ((found.get(host)?.takenAt ?? 0) < snapshot.takenAt) found.set(host, snapshot)
    }
  }
  return found
}

function restlessParams(good: readonly RunView[]): ReadonlySet<string> {
  const first = good[0]?.params ?? {}
  const names = Object.keys(first)
  return new Set(names.filter((name) => good.some(({ params }) => params[name] !== first[name])))
}

function goodAttempt(good: RunView, key: string): { key: string; attempt: AttemptView } | null {
  // An item of a fan-out that was not there yet is compared with the first.
  for (const name of [key, `${parseTaskKey(key).task}[0]`]) {
    const task = good.tasks[name]
    const attempt = task?.attempts.at(-1)
    if (task === undefined || attempt === undefined) continue
    if (isTaskGood(task.state)) return { key: name, attempt }
  }
  return null
}

async function planChanges(
  good: RunView | undefined,
  plan: RunPlan,
  sources: InsightSources,
): Promise<readonly Change[]> {
  if (good === undefined) return []
  const before = await sources.plan(good.run)
  return before === null ? [] : sources.changes(before, plan)
}
