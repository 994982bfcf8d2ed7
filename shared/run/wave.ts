// Incidents and waves: failed runs that share one signature, and their recovery, canary first and the rest in batches.
import type { RunId } from './ids.ts'
import type { DecisionCounts } from './recovery-counts.ts'

/** Why a run failed, kept so that it is found out once. */
export interface Failure {
  run: RunId
  pipeline: string
  environment: string
  /** Root task and its host, as the root cause names them; empty where there is none. */
  task: string
  host: string
  failedAt: number
  /** `missing_input_file-1f0c92ab44`; null: nothing tells why, so it is like no other. */
  signature: string | null
  /** Cause class, or `unknown`. */
  class: string
  /** The line that tells, without what differs from run to run. */
  words: string
}

/** Failed runs with one signature, newest first. */
export interface Incident {
  signature: string
  class: string
  words: string
  firstAt: number
  lastAt: number
  runs: readonly Failure[]
}

export interface IncidentList {
  /** Last failure first. */
  incidents: readonly Incident[]
  /** Failed runs of the window that nothing can be compared by. */
  unlike: readonly Failure[]
  /** Failed runs of the window whose cause is not known yet: ask again. */
  unexplained: number
  /** Failed runs of the window that are not looked at, because so many failed after them. */
  older: number
  since: number
}

export interface WaveSizes {
  /** Runs that must recover before the rest is tried. */
  canary: number
  /** How many of the rest go at a time. */
  batch: number
  /** So many failures for other reasons stop the wave. */
  otherMax: number
}

/** What would be done with one run of the incident. */
export interface WavePlanRun extends Failure {
  /** 0: it is a canary; null: it is refused. */
  batch: number | null
  /** Names its recovery plan: `run.resumePlan`. */
  planId: string
  /** As its recovery plan has them. */
  counts: Readonly<DecisionCounts>
  /** Task runs that may not run again, with the reason. 5 at most. */
  refusals: readonly { task: string; reason: string }[]
  /** Why nothing is done with it; empty: it goes. */
  why: string
}

export interface WavePlan {
  signature: string
  class: string
  words: string
  sizes: WaveSizes
  version: 'pinned' | 'fixed'
  /** In the order in which they go. */
  runs: readonly WavePlanRun[]
  /** Failed runs of the window whose cause is not known yet. */
  unexplained: number
  /** Names this very plan: what is done must be what was shown. */
  planId: string
}

/** `stopped`: by a failure. `cancelled`: by a person. What goes then goes on to its end. */
export type WaveState = 'canary' | 'going' | 'done' | 'stopped' | 'cancelled'

export type WaveRunState =
  | 'waiting'
  | 'going'
  | 'recovered'
  | 'failed_again'
  | 'refused' // its recovery plan is none, or not the one that was shown
  | 'skipped' // its turn did not come, or a person took it

export interface WaveRun {
  run: RunId
  pipeline: string
  environment: string
  task: string
  host: string
  /** 0: canary. Of one that waits: as planned. */
  batch: number
  state: WaveRunState
  /** Why it ended so; empty while it has not. */
  why: string
}

export interface WaveHead {
  wave: string
  signature: string
  class: string
  words: string
  sizes: WaveSizes
  version: 'pinned' | 'fixed'
  state: WaveState
  /** Why it ended before it was done; empty otherwise. */
  why: string
  by: string
  reason: string
  planId: string
  createdAt: number
  /** When it was over; what went then may have ended later. */
  endedAt: number | null
  counts: Readonly<Partial<Record<WaveRunState, number>>>
}

export interface Wave extends WaveHead {
  /** In the order in which they go. */
  runs: readonly WaveRun[]
}

/** `wave.watch`: the whole first, then what changed. Ends when the wave is over and nothing of it goes any more. */
export type WaveWatch =
  | { kind: 'snapshot'; wave: Wave }
  | { kind: 'change'; head: WaveHead; runs: readonly WaveRun[] }

export function isWaveOver(state: WaveState): boolean {
  return state === 'done' || state === 'stopped' || state === 'cancelled'
}

/** Nothing of it will change any more. */
export function isWaveStill({ state, counts }: Pick<WaveHead, 'state' | 'counts'>): boolean {
  return isWaveOver(state) && (counts.going ?? 0) === 0
}
