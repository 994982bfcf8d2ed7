// Root cause of a stored run: gathers the facts from the store and the logs, and lets `insight` judge them. Where a task that
// is a run of its own failed, the cause lies in that run, and is looked for there.
import type { ApiParts } from './parts.ts'
import { explain } from '../insight/explain.ts'
import { gatherFacts } from '../insight/gather.ts'
import { explainUnbegun, unbegunFirst } from '../insight/unbegun.ts'
import { diffPlans } from '../pipeline/version-diff.ts'
import { lastGoodRuns, loadRun } from '../store/run-queries.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { keptLog } from '../../shared/run/log-gaps.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { LogStore } from '../ports/logs.ts'

type Parts = Pick<ApiParts, 'db' | 'logs'>
/** `below`: the task that failed is that run, so the cause lies there, should it know one. */
interface Answer {
  cause: RootCause | null
  below: { task: string; run: RunId } | null
}

/** Remembers the last answers: screens ask again at each look, and the logs behind them may be large. */
export function openRootCauses(parts: Parts): (run: RunId) => Promise<RootCause | null> {
  const answers = new Map<string, Promise<Answer>>()
  const answerOf = (run: RunId): Promise<Answer> => {
    const seq = loadRun(parts.db, run)?.view.seq ?? 0
    // Whatever happens to a run is an event of it: with the same number, the answer is the same.
    const key = `${run} ${seq}`
    const known = answers.get(key)
    if (known !== undefined) return known
    const answer = explainRun(parts, run)
    answers.set(key, answer)
    answer.catch(() => answers.delete(key))
    const [oldest] = answers.keys()
    if (answers.size > answersMax && oldest !== undefined) answers.delete(oldest)
    return answer
  }
  const explainDown = async (run: RunId, depth: number): Promise<RootCause | null> => {
    const { cause, below } = await answerOf(run)
    if (cause === null || below === null || depth === 0) return cause
    const deeper = await explainDown(below.run, depth - 1)
    if (deeper === null) return cause
    return { ...deeper, via: [below, ...(deeper.via ?? [])], waiting: cause.waiting }
  }
  return (run) => explainDown(run, depthMax)
}

const answersMax = 32
/** Runs below runs that are looked into. */
const depthMax = 8

/** Evidence is looked for in what is kept of a log, wherever it stood. */
async function keptOf(logs: LogStore, key: AttemptKey): Promise<ReturnType<typeof keptLog>> {
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    logs.read(key, offset, length)
  return keptLog(await logs.size(key), logs.gaps(key), read)
}

async function explainRun({ db, logs }: Parts, run: RunId): Promise<Answer> {
  const stored = loadRun(db, run)
  if (stored === null) return { cause: null, below: null }
  const { view, plan } = stored
  const goodRuns = (pipeline: string, environment: string, before: RunId, limit: number): RunId[] =>
    lastGoodRuns(db, { pipeline, environment, before, limit }).map((row) => row.run)
  const unbegun = unbegunFirst(view)
  if (unbegun !== null) {
    const [lastGoodRun = null] = goodRuns(view.pipeline, view.environment, run, 1)
    const { child, task, item } = unbegun
    return {
      cause: explainUnbegun({ view, plan, lastGoodRun }, unbegun),
      below: child === undefined ? null : { task: taskKey(task, item), run: child },
    }
  }
  const facts = await gatherFacts(run, {
    view: (id) => loadRun(db, id)?.view ?? null,
    plan: (id) => loadRun(db, id)?.plan ?? null,
    lastGoodRuns: goodRuns,
    readLog: async (key, offset, length) => (await keptOf(logs, key)).read(offset, length),
    logSize: async (key) => (await keptOf(logs, key)).bytes,
    changes: diffPlans,
  })
  return { cause: facts === null ? null : explain(facts), below: null }
}
