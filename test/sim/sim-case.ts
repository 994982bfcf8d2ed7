// A case of the simulator: a graph, what each attempt will do, and all that happens to the engine on the way. Plain data: it
// prints, it is kept in a file, and it can be made smaller.
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import type { MarkedState, UnknownDecision } from '../../shared/run/events.ts'
import type { Script, TaskSketch } from '../helpers/world.ts'

export const HOSTS = ['a', 'b', 'c']

export interface SimCase {
  /** Of the engine's dice and of the network's. */
  seed: number
  tasks: Record<string, TaskSketch>
  script: Script
  limits: SimLimits
  retryBudget: number | null
  verdict: 'any' | 'leaves'
  network: { orderMsMax: number; reportMsMax: number; repeats: number }
  disk: { slow: number; slowMsMax: number }
  /** After these writes of the store the engine is killed, counted from 1 over all its lives. */
  kills: number[]
  /** One after the other. */
  deeds: Deed[]
}

export interface SimLimits {
  /** Of each host. */
  slots: number
  pool: number | null
  environment: number | null
  pipeline: number | null
  /** Of the semaphore that tasks name. */
  semaphore: number
  rate: { max: number; perMs: number } | null
}

/** What happens `afterMs` the one before it. `run`: the how-manieth of those that were started. */
export type Deed = { afterMs: number } & (
  | { do: 'wait' | 'kill' | 'mend' | 'room' }
  /** Of everything. */
  | { do: 'drain' | 'undrain' }
  | { do: 'cut' | 'reboot' | 'cordon'; host: string }
  /** The engine's clock jumps, or that of a host. */
  | { do: 'step'; ms: number }
  | { do: 'host_step'; host: string; ms: number }
  /** So many more pages, and the disk is full, until there is `room` again. */
  | { do: 'full'; pages: number }
  /** The same pipeline once more. */
  | { do: 'start' }
  | { do: 'cancel' | 'pause' | 'unpause'; run: number }
  | { do: 'hold' | 'unhold'; run: number; task: string; item: number | null }
  | { do: 'mark'; run: number; task: string; item: number | null; state: MarkedState }
  | { do: 'stop'; run: number; after: string | null }
  /** Whatever waits for such an answer first. */
  /** `isDead`: who says so has seen to it that the copy is gone, by starting its host again. */
  | { do: 'settle'; decision: UnknownDecision; isDead?: boolean }
  | { do: 'answer'; decision: 'approved' | 'rejected' }
  | { do: 'resume'; run: number; options: RecoveryOptions; fix: Fix | null }
)

/** Another version of the plan: tasks with other commands, one more task that needs some, or one less. */
export interface Fix {
  changed: string[]
  added: { name: string; needs: string[] } | null
  removed: string | null
}
