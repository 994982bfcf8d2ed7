// The seam between the engine and SQLite: events in one commit, and what a start-up needs to read.
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'

export interface StoredRun {
  run: RunId
  plan: RunPlan
  /** In order, from seq 1. */
  events: RunEvent[]
}

export interface RunStore {
  /** All or nothing, on disk when it returns (E2). Plans of new runs, or of a resume with a fixed version, go in the same commit. */
  commit(events: readonly RunEvent[], plans?: ReadonlyMap<RunId, RunPlan>): void
  /** Runs that have not ended (E7). */
  unfinished(): RunId[]
  load(run: RunId): StoredRun | null
  planOf(run: RunId, version: VersionId): RunPlan | null
}
