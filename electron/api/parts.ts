// What the handlers are made of. `app.ts` fills this from the middle folders; tests fill it with what they like.
import type { AsksPart } from './asks.ts'
import type { DrainPart } from './drain.ts'
import type { Engine } from '../engine/engine.ts'
import type { OpenedShell } from '../hosts/shell-desk.ts'
import type { Evaluator } from '../ports/evaluator.ts'
import type { StartOrder } from '../ports/hosts.ts'
import type { LogStore } from '../ports/logs.ts'
import type { TerminalSize } from '../ports/terminal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { AuditLog } from '../store/audit.ts'
import type { Db } from '../store/open.ts'
import type {
  HostRow,
  HostSweep,
  PoolRow,
  NextFire,
  OccurrenceRow,
  RootCause,
  SystemInfo,
} from '../../shared/api/views.ts'
import type { CheckedInputOf } from '../../shared/api/contract.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { ParamValue, PipelineSpec, WorkspaceSpec } from '../../shared/pipeline/spec.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { Failure, IncidentList } from '../../shared/run/wave.ts'

export interface ApiParts {
  clock: Clock
  dice: Dice
  db: Db
  logs: LogStore
  workspace: WorkspacePart
  hosts: HostsPart
  drain: DrainPart
  audit: AuditLog
  asks: AsksPart
  schedule: SchedulePart
  /** The language of `${{ }}`. */
  evaluator: Evaluator
  explain: (run: RunId) => Promise<RootCause | null>
  incidents: IncidentsPart
  /** Throws AppError('engine-needed') in a face that only reads. */
  waves: () => WavesPart
  info: () => Promise<SystemInfo>
  /** Throws AppError('engine-needed') in a face that only reads. */
  engine: () => Engine
  /** The view of a run that has not ended, or null. Not to be changed. */
  live: (run: RunId) => RunView | null
  /** No engine is up: nothing that is asked for can still come. */
  isReader: boolean
  /** After each commit; never in a face that only reads. */
  onEvents: (listener: (events: readonly RunEvent[]) => void) => () => void
  /** The account that the faces of this home act for. */
  user: string
}

export interface WorkspacePart {
  /** The files as they are; read again only where they changed. Empty where there is no workspace. */
  load(): Promise<WorkspaceNow>
}

export interface WorkspaceNow {
  spec: WorkspaceSpec
  /** Absolute; null: there is no workspace. */
  dir: string | null
  /** Of all the files. */
  problems: readonly Problem[]
  pipelines: readonly PipelineNow[]
  /** Throws AppError('bad-input') where the files or the params do not allow it. */
  plan(request: PlanRequest): Promise<PlannedNow>
}

export interface PlannedNow {
  plan: RunPlan
  /** Where the version comes from, to be remembered with the first run of it. */
  source: { file: string; text: string; gitCommit: string | null }
}

export interface PipelineNow {
  name: string
  file: string
  text: string
  /** Null when the file has errors. */
  spec: PipelineSpec | null
  problems: readonly Problem[]
}

export interface PlanRequest {
  pipeline: string
  environment: string | null
  params: Readonly<Record<string, ParamValue>>
  logicalDate: string | null
}

export interface HostsPart {
  rows(): readonly HostRow[]
  pools(): readonly PoolRow[]
  cordon(
    host: string,
    state: 'open' | 'cordoned' | 'draining',
    by: string,
    reason: string,
  ): Promise<HostRow>
  check(host: string): Promise<HostRow>
  /** Throws AppError('host-unreachable') with the host's words. */
  sweep(host: string, days: number, isPreview: boolean): Promise<HostSweep>
  trust(host: string, fingerprint: string): Promise<HostRow>
  /** A terminal where the attempt of `order` ran. Throws AppError('host-unreachable') with the host's words. */
  openShell(
    host: string,
    order: StartOrder,
    size: TerminalSize,
    signal: AbortSignal,
  ): Promise<OpenedShell>
  /** Waits for the end; stdout and stderr together. */
  runOnce(host: string, command: string): Promise<{ exit: number | null; output: string }>
  /** A row may have changed. */
  onChange(listener: (host: string) => void): () => void
}

export interface IncidentsPart {
  /**
   * Failed runs that ended since (ms since 1970 UTC), newest failure first. Explains what is not known yet, for `explainMs`
   * at most; the rest is counted.
   */
  list(window: { since: number; pipeline: string | null; explainMs: number }): Promise<IncidentList>
  /** Null where it has not failed. */
  failureOf(run: RunId): Promise<Failure | null>
}

export interface WavesPart {
  /** Goes on with all that is not settled. Once, after the engine's own recovery. */
  recover(): void
  /** Throws AppError('conflict') where the plan is not the one that was shown. */
  start(
    asked: CheckedInputOf<'wave.plan'>,
    shown: { planId: string; reason: string },
  ): Promise<string>
  stop(wave: string, reason: string): Promise<void>
  /** After each commit. */
  onChange(listener: (wave: string) => void): () => void
  close(): Promise<void>
}

export interface SchedulePart {
  /** Soonest first. */
  next(limit: number): Promise<readonly NextFire[]>
  /** By pipeline; those without a trigger are left out. */
  soonest(): Promise<ReadonlyMap<string, number>>
  /** The next `limit` of one pipeline, soonest first. */
  nextOf(pipeline: string, limit: number): Promise<readonly NextFire[]>
  occurrences(pipeline: string | null, limit: number): readonly OccurrenceRow[]
}
