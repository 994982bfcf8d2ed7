// The seam between the engine and SQLite: events and their fold in one commit, and what a start-up needs to read.
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { AttemptKey, RunId, VersionId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'

/** What one decision, or many, did to one run. */
export interface RunChange {
  /** After the events were folded in. */
  view: RunView
  /** In order, never empty. */
  events: readonly RunEvent[]
  /** The task runs that the events touched. */
  touched: Iterable<TaskView>
  /** Of a new run, or of a resume with another version; null otherwise. */
  plan: RunPlan | null
}

/** The host may forget this attempt (H9). */
export interface Release {
  host: string
  key: AttemptKey
}

/** The host's copy of this attempt must be stopped and proved gone before it counts again. */
export interface Fence {
  host: string
  key: AttemptKey
  graceMs: number
}

/** What hosts are to be told, kept until they have confirmed it. */
export interface HostOrders {
  releases: readonly Release[]
  fences: readonly Fence[]
  /** Proved gone. */
  fenced: readonly AttemptKey[]
  /** Starts that rates have to remember, whatever becomes of their runs. */
  starts?: readonly SemaphoreStart[]
}

/** An attempt that holds the semaphore has started. */
export interface SemaphoreStart {
  semaphore: string
  /** Engine clock. */
  at: number
  /** No window looks back to this time or further. */
  forgetUntil: number
}

export interface RunStore {
  /**
   * All or nothing. After a killed process everything is there. After a power cut the last commits may be missing,
   * which is harmless: derived attempt keys make the engine decide the same again. `durable` makes it wait for the disk:
   * for what a person was promised, and before a host is told to forget.
   */
  commit(changes: readonly RunChange[], options: HostOrders & { durable: boolean }): void
  /** Everything committed so far is on the disk when it returns. */
  sync(): void
  /** Releases that no host has confirmed. */
  unreleased(): Release[]
  /** Fences whose hosts have not been back. */
  unfenced(): Fence[]
  /** Those of `starts` that a rate may still look at, oldest first. */
  recentStarts(): Pick<SemaphoreStart, 'semaphore' | 'at'>[]
  /** These hosts have forgotten. */
  confirmReleases(keys: readonly AttemptKey[]): void
  /** Runs that have not ended (E7), oldest first. */
  unfinished(): RunId[]
  load(run: RunId): { plan: RunPlan; view: RunView } | null
  planOf(run: RunId, version: VersionId): RunPlan | null
  events(run: RunId, after: number, limit: number): RunEvent[]
}
