// The seam between the engine and what the workspace and people say about hosts and pools at this moment.
import type { SemaphoreSpec } from '../../shared/pipeline/spec.ts'

/** A person has said that nothing starts on any host. */
export interface Drain {
  by: string
  reason: string
  /** Engine clock, ms since 1970 UTC. */
  at: number
}

export interface Placement {
  /** Attempts that may run on the host at once; 1 or more. */
  slotsOf(host: string): number
  /** Attempts in the whole pool at once; null: no limit of its own. */
  poolSlotsOf(pool: string): number | null
  /** Attempts in the environment at once; null: no limit. */
  environmentSlotsOf(environment: string): number | null
  /** Null: the workspace knows it no more, so it is no limit. */
  semaphoreOf(name: string): Pick<SemaphoreSpec, 'slots' | 'starts'> | null
  /** False: a person has taken it out of the workspace, and vouches that nothing of ours goes on there. */
  hasHost(host: string): boolean
  /** Why the host takes no new work (a person cordoned it, it is gone from the workspace); null: it does. */
  closedWhy(host: string): string | null
  /** Nothing starts while it holds; null: what is due starts. */
  drain(): Drain | null
}
