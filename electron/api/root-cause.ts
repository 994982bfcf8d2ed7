// Root cause of a stored run: gathers the facts from the store and the logs, and lets `insight` judge them.
import type { ApiParts } from './parts.ts'
import { explain } from '../insight/explain.ts'
import { gatherFacts } from '../insight/gather.ts'
import { diffPlans } from '../pipeline/version-diff.ts'
import { lastGoodRuns, loadRun } from '../store/run-queries.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'

export async function explainRun(
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
