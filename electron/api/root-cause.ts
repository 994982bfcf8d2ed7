// Root cause of a stored run: gathers the facts from the store and the logs, and lets `insight` judge them.
import type { ApiParts } from './parts.ts'
import { explain } from '../insight/explain.ts'
import { gatherFacts } from '../insight/gather.ts'
import { diffPlans } from '../pipeline/version-diff.ts'
import { lastGoodRuns, loadRun } from '../store/run-queries.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'

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

async function explainRun(
  { db, logs }: Pick<ApiParts, 'db' | 'logs'>,
  run: RunId,
): Promise<RootCause | null> {
  const facts = await gatherFacts(run, {
    view: (id) => loadRun(db, id)?.view ?? null,
    plan: (id) => loadRun(db, id)?.plan ?? null,
    lastGoodRuns: (pipeline, environment, before, limit) =>
      lastGoodRuns(db, { pipeline, environment, before, limit }).map((row) => row.run),
    readLog: (key, offset, length) => logs.read(key, offset, length),
    logSize: (key) => logs.size(key),
    changes: diffPlans,
  })
  return facts === null ? null : explain(facts)
}
