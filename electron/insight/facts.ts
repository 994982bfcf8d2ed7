// What root cause is decided from. Plain values, gathered beforehand, so that the decision is pure and a test can write them down.
import type { Change } from '../../shared/api/views.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunView } from '../../shared/run/run-view.ts'

export interface LogLine {
  /** 1-based, of the attempt's whole log. */
  line: number
  /** Without terminal escapes and control bytes, at most `lineCharsMax` long. */
  text: string
}

export interface TaskLog {
  /** Number of the attempt that wrote it. */
  attempt: number
  /** In order; a middle that was not read is simply absent. */
  lines: readonly LogLine[]
  /** False when some lines were left out. */
  whole: boolean
}

/** What the last good logs of one task looked like. */
export interface Baseline {
  /** Good logs read; 0: there is nothing to compare with. */
  logs: number
  /** Masked line -> in how many of these logs it stood. */
  seenIn: ReadonlyMap<string, number>
  /** Masked lines that stood exactly once in every one of these logs, in the order of the newest. */
  milestones: readonly string[]
}

export interface RunFacts {
  view: RunView
  plan: RunPlan
  lastGoodRun: RunId | null
  /** Against the last good run, of every task. Empty when there was none. */
  changes: readonly Change[]
  /** Names of params that differ from one good run to the next: that such a one differs tells nothing. */
  restless: ReadonlySet<string>
  /** By task key: logs of failing task runs, and of those upstream of them where that could matter. */
  logs: ReadonlyMap<string, TaskLog>
  /** By task key. */
  baselines: ReadonlyMap<string, Baseline>
  /** By host name: the latest snapshot that an attempt of the last good runs left there. */
  hostsBefore: ReadonlyMap<string, HostSnapshot>
}

export const noBaseline: Baseline = { logs: 0, seenIn: new Map(), milestones: [] }
