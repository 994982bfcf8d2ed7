// Root cause of a stored run: gathers the facts from the store and the logs, and lets `insight` judge them.
import type { ApiParts } from './parts.ts'
import { explain } from '../insight/explain.ts'
import { gatherFacts } from '../insight/gather.ts'
import { diffPlans } from '../pipeline/version-diff.ts'
import { lastGoodRuns, loadRun } from '../store/run-queries.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { keptLog } from '../../shared/run/log-gaps.ts'
import type { LogStore } from '../ports/logs.ts'

/** Remembers the last answers: screens ask again at each look, and the logs behind them may be large. */
export function openRootCauses(
  parts: Pick<ApiParts, 'db' | 'logs'>,
): (run: RunId) => Promise<RootCause | null> {
  const answers = new Map<string, Promise<RootCause | null>>()
  return (run) => {
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
}

const answersMax = 32

/** Evidence is looked for in what is kept of a log, wherever it stood. */
async function keptOf(logs: LogStore, key: AttemptKey): Promise<ReturnType<typeof keptLog>> {
  const read = (offset: number, length: number): Promise<Uint8Array> =>
    logs.read(key, offset, length)
  return keptLog(await logs.size(key), logs.gaps(key), read)
}

async function explainRun(
  { db, logs }: Pick<ApiParts, 'db' | 'logs'>,
  run: RunId,
): Promise<RootCause | null> {
  const facts = await gatherFacts(run, {
    view: (id) => loadRun(db, id)?.view ?? null,
    plan: (id) => loadRun(db, id)?.plan ?? null,
    lastGoodRuns: (pipeline, environment, before, limit) =>
      lastGoodRuns(db, { pipeline, environment, before, limit }).map((row) => row.run),
    readLog: async (key, offset, length) => (await keptOf(logs, key)).read(offset, length),
    logSize: async (key) => (await keptOf(logs, key)).bytes,
    changes: diffPlans,
  })
  return facts === null ? null : explain(facts)
}
