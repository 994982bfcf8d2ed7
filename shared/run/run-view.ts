// The state of one run as its events fold it: what the engine, the store and every screen hold.
import type {
  AttemptEnd,
  Checkpoint,
  HostChoice,
  LogGap,
  LogProof,
  LossCause,
  MarkedState,
  RunCause,
} from './events.ts'
import type { HostSnapshot } from './host-snapshot.ts'
import type { RunId, VersionId } from './ids.ts'
import type { JsonValue } from './json.ts'
import type { AttemptState, RunState, TaskState } from './states.ts'
import type { ParamValue } from '../pipeline/spec.ts'

export interface AttemptView {
  number: number
  host: string
  state: AttemptState
  /** Engine clock: when the start was decided. */
  startingAt: number
  /** Host clock; null until the host has answered. */
  hostStartedAt: number | null
  end: AttemptEnd | null
  /** Why the outcome is unknown; null otherwise. */
  unknownWhy: string | null
  /** Engine clock: since when, or since a person said to wait on. */
  unknownAt?: number
  /** Null while the log is open. */
  log: {
    bytes: number
    sha256: string | null
    verified?: LogProof
    gaps: readonly LogGap[]
  } | null
  /** Why this host of its pool. */
  chosen?: HostChoice
  /** H10. */
  snapshot?: HostSnapshot
  /** Given up or failed over: how its copy had fared when the host was back and it was proved gone; null until then. */
  fenced?: AttemptEnd | null
}

export interface TaskView {
  task: string
  item: number | null
  state: TaskState
  /** Why it ended so; empty while it has not. */
  why: string
  queuedAt: number | null
  endedAt: number | null
  /** When a retry is due; null unless `retrying`. */
  dueAt: number | null
  /** Attempts made before the last reset: they no longer count against `retries.max`. */
  attemptsBefore: number
  /** How often another host of the pool took over since the last reset; those attempts count in `attemptsBefore` too. */
  elsewhere: number
  attempts: AttemptView[]
  /** Of an item: what it stands for. */
  value?: JsonValue
  /** Of a fan-out whose list is known. */
  fan?: FanView
  /** The run of a sub-pipeline. */
  child?: RunId
  /** Of a sub-pipeline: how many runs it has had; a run that is resumed counts once. */
  children?: number
  approval?: ApprovalView
  /** A person holds it back. */
  held?: Said
  /** A person said how it counts. */
  marked?: Said & { state: MarkedState }
  /** The last that any attempt saved. */
  checkpoint?: Checkpoint & { attempt: number }
  /** Why what was to be the checkpoint after that could not be saved, by the attempt that made it. */
  unsaved?: { attempt: number; why: string; at: number }
}

/** What a person said, and when (engine clock). */
export interface Said {
  by: string
  reason: string
  at: number
}

export interface FanView {
  list: readonly JsonValue[]
  /** Items per state; states with none are absent. */
  counts: Partial<Record<TaskState, number>>
}

export interface ApprovalView {
  message: string
  askedAt: number
  /** null: it waits without end. */
  dueAt: number | null
  decided: {
    decision: 'approved' | 'rejected'
    by: string | null
    reason: string
    values: Record<string, ParamValue>
    at: number
  } | null
}

export interface RunView {
  run: RunId
  pipeline: string
  environment: string
  version: VersionId
  params: Record<string, ParamValue>
  logicalDate: string | null
  cause: RunCause
  state: RunState
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  /** `all`: its clean-up tasks are not let run either. */
  cancelAsked: (Said & { all?: true }) | null
  /** Nothing starts. `through`: it is paused with that run, which it is a part of. */
  paused?: Said & { through?: RunId }
  /** Nothing more starts once `after` has ended (null: at once); what runs goes on to its end. */
  stopAsked?: Said & { after: string | null }
  /** Retries since it was started or resumed, for its budget; absent: none. */
  retries?: number
  /** What people are asked, by `taskKey`; absent: nothing. */
  asks?: Record<string, string>
  /** How often it was resumed. */
  resumes: number
  /** seq of the last event folded in. */
  seq: number
  /** Task runs per state; states with none are absent. A fan-out counts by its items once they are known. */
  counts: Partial<Record<TaskState, number>>
  /** By `taskKey`. JSON carries it as a plain object. */
  tasks: Record<string, TaskView>
}

/** `load`, or `load[3]` for an item. */
export function taskKey(task: string, item: number | null): string {
  return item === null ? task : `${task}[${item}]`
}

/** The other way round: `load[3]` -> task `load`, item 3. Task names hold no brackets. */
export function parseTaskKey(key: string): { task: string; item: number | null } {
  const parts = /^(.+)\[(\d+)\]$/.exec(key)
  if (parts === null) return { task: key, item: null }
  return { task: parts[1] ?? key, item: Number(parts[2]) }
}

export function newTaskView(task: string, item: number | null): TaskView {
  return {
    task,
    item,
    state: 'waiting',
    why: '',
    queuedAt: null,
    endedAt: null,
    dueAt: null,
    attemptsBefore: 0,
    elsewhere: 0,
    attempts: [],
  }
}

/** The copy at the host may live on, so it must be proved gone when the host is back. */
export function isFenceDue(cause: LossCause): boolean {
  return cause === 'failed_over' || cause === 'given_up' || cause === 'unknown_too_long'
}

/** It must still be proved gone. */
export function isFenceOpen(attempt: AttemptView): boolean {
  return attempt.fenced === null
}

/** Exit 0 with every declared output there, and values that can be read. */
export function isGoodEnd(end: AttemptEnd): boolean {
  if (end.outcome !== 'exited' || end.exit !== 0) return false
  return (end.missingOutputs ?? []).length === 0 && end.badValues === undefined
}

/** The attempt that saved it ended well: nobody goes on from there any more. */
export function isCheckpointSpent({
  checkpoint,
  attempts,
}: Pick<TaskView, 'checkpoint' | 'attempts'>): boolean {
  const end = checkpoint === undefined ? null : attempts[checkpoint.attempt - 1]?.end
  return end != null && isGoodEnd(end)
}
