// The seam between triggers and SQLite: every planned firing with its decision, and how far each trigger is decided.
import type { OccurrenceRow } from '../../shared/api/views.ts'

/** One armed trigger. Every occurrence up to `throughAt` is decided; what comes after is not. */
export interface TriggerWatch {
  pipeline: string
  environment: string
  /** Index in the pipeline file. */
  trigger: number
  /** What the trigger says. Another text is another trigger, whose past is not ours. */
  says: string
  throughAt: number
}

export interface OccurrenceLedger {
  watches(): TriggerWatch[]
  /**
   * All or nothing, on disk when it returns. A row that exists is left as it is; gives back the rows that were new.
   * A watch replaces the one of the same pipeline, environment and trigger.
   */
  record(rows: readonly OccurrenceRow[], watches: readonly TriggerWatch[]): OccurrenceRow[]
  /** The trigger is gone from the workspace. Its rows stay. */
  forget(watches: readonly TriggerWatch[]): void
  /** The run of this occurrence is recorded. */
  settle(row: OccurrenceRow): void
  /** Its run could not be started: the row says so instead. */
  revise(row: OccurrenceRow): void
  /** Decided to run, and there is no such run: a crash came between. Oldest first. */
  unsettled(): OccurrenceRow[]
}
