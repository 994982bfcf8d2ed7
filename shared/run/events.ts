// What can happen to a run. The event log is the truth; every table and every view is a fold of it.
// Only ever add kinds and optional fields: old stores hold old events.
import type { ParamValue } from '../pipeline/spec.ts'
import type { HostSnapshot } from './host-snapshot.ts'
import type { JsonValue } from './json.ts'
import type { RunId, VersionId } from './ids.ts'

/** A file a task declared as output, safe in this home's blob store. */
export interface OutputFile {
  name: string
  path: string
  sha256: string
  bytes: number
}

/** Why an attempt that never ran, or whose end nobody saw, ended. Also the transport's cause classes. */
export type TransportCause =
  | 'host_unreachable'
  | 'ssh_auth_failure'
  | 'ssh_host_key_mismatch'
  | 'ssh_host_key_unknown'
  | 'dns_failure'
  | 'host_refused' // the agent could not set the attempt up: disk, folder, tools
  | 'input_missing' // an input's bytes are no longer in the blob store
  | 'secret_missing' // the value of a secret is not where its environment says

export type LossCause =
  | 'host_rebooted'
  | 'supervisor_killed' // its process is gone and left no exit record
  | 'pid_reused' // as before, and its number belongs to another process by now
  | 'record_lost' // it ended, but the disk was full when its end was to be written
  | 'attempt_vanished' // the host answers and has no trace of an attempt that ran
  | 'unknown_too_long' // the policy's wait passed
  | 'lease_expired' // the host heard nothing from us for its lease and stopped it, so that another host may have it
  | 'failed_over' // another host has the task; this one is fenced when it comes back
  | 'given_up' // a person decided so

export type AttemptEnd = {
  /** Engine clock, ms since 1970 UTC. */
  endedAt: number
  /** Host clock; null when nothing ran. */
  hostStartedAt: number | null
  hostEndedAt: number | null
  cpuMs: number | null
  peakBytes: number | null
} & (
  | {
      outcome: 'exited'
      exit: number
      outputs?: OutputFile[]
      missingOutputs?: string[]
      /** What the task wrote to `$SLUICE_OUTPUT`: JSON, or key=value lines as texts. 256 KiB at most. */
      values?: Record<string, JsonValue>
      /** Why `$SLUICE_OUTPUT` could not be read as either. */
      badValues?: string
    }
  /** `survivors`: of what it left running, whoever could not be stopped. */
  | { outcome: 'signalled'; signal: string; survivors?: string[] }
  | { outcome: 'timed_out'; signal: string | null; survivors?: string[] }
  | { outcome: 'cancelled'; survivors?: string[] }
  /** `stopped`: something of it still ran on the host, and was ended there. */
  | { outcome: 'lost'; cause: LossCause; stopped?: true; survivors?: string[] }
  | { outcome: 'not_started'; cause: TransportCause; message: string }
)

/** `gmac`: under a key that was chosen after the log was written, which takes a tenth of the time of a hash. */
export type LogProof = 'sha256' | 'blake2b512' | 'gmac'

/** Bytes of a log that could not be had; `offset` is where they would stand in the whole. */
export interface LogGap {
  offset: number
  bytes: number | null
  why: string
}

/** `wait`: start the policy's wait anew. */
export type UnknownDecision = 'wait' | 'fail' | 'failover'

export interface HostChoice {
  /** In words: `4 of 8 slots in use, the least of 3 hosts`. */
  why: string
  passedOver: { host: string; why: string }[]
}

/** What a task saved of its progress in `$SLUICE_CHECKPOINT`. */
export interface Checkpoint {
  /** Host clock. */
  savedAt: number
  /** key=value lines of the file. */
  values: Record<string, string>
  /** The folder as a tar, in the blob store; null where the task keeps no folder. */
  folder: { sha256: string; bytes: number } | null
}

/** A state that a person gave to a task run. */
export type MarkedState = 'succeeded' | 'skipped'

/** Who or what started a run. */
export type RunCause =
  | { kind: 'person'; by: string }
  | { kind: 'parent'; run: RunId; task: string; item: number | null }
  | { kind: 'cron'; trigger: number; dueAt: number }

export interface ResumeDecision {
  task: string
  item: number | null
  decision: 'reuse' | 'run' | 'attach' | 'refuse'
  reason: string
  /** Of a sub-pipeline: with a new run, not the one it had. */
  anew?: true
}

export type RunEventBody =
  | {
      kind: 'run.created'
      pipeline: string
      environment: string
      version: VersionId
      params: Record<string, ParamValue>
      logicalDate: string | null
      cause: RunCause
    }
  | { kind: 'run.started' }
  /** `all`: clean-up tasks are not let run either. */
  | { kind: 'run.cancel_asked'; by: string; reason: string; all?: true }
  /** Nothing starts until `run.unpaused`; what runs goes on. `through`: with that run, which it is a part of. */
  | { kind: 'run.paused'; by: string; reason: string; through?: RunId }
  | { kind: 'run.unpaused'; by: string }
  /** What runs goes on to its end, then the run ends. `after`: only once this task has ended. */
  | { kind: 'run.stop_asked'; by: string; reason: string; after: string | null }
  /** `params`: where they are others than before. */
  | {
      kind: 'run.resumed'
      version: VersionId
      by: string
      decisions: ResumeDecision[]
      params?: Record<string, ParamValue>
    }
  | { kind: 'run.ended'; state: 'succeeded' | 'failed' | 'cancelled' }
  /** `elsewhere`: the attempt before did not start or is lost with its host; a host of the same pool takes over, not counted as a retry. */
  | { kind: 'task.queued'; task: string; item: number | null; elsewhere?: true }
  | {
      kind: 'attempt.starting'
      task: string
      item: number | null
      number: number
      host: string
      /** Of a pool: why this host, and why none of the others. */
      chosen?: HostChoice
    }
  | {
      kind: 'attempt.running'
      task: string
      item: number | null
      number: number
      pid: number
      bootId: string
      hostStartedAt: number
    }
  | { kind: 'attempt.unknown'; task: string; item: number | null; number: number; why: string }
  /** An attempt that was unknown is seen alive again. */
  | { kind: 'attempt.found'; task: string; item: number | null; number: number }
  /** A person decided about an unknown outcome. */
  | {
      kind: 'attempt.settled'
      task: string
      item: number | null
      number: number
      decision: UnknownDecision
      by: string
      reason: string
    }
  | { kind: 'attempt.ended'; task: string; item: number | null; number: number; end: AttemptEnd }
  /** The host of an attempt that was failed over or given up is back: its copy is proved gone. `end`: how that copy had fared. */
  | { kind: 'attempt.fenced'; task: string; item: number | null; number: number; end: AttemptEnd }
  | {
      kind: 'attempt.snapshot'
      task: string
      item: number | null
      number: number
      snapshot: HostSnapshot
    }
  | {
      kind: 'attempt.log_closed'
      task: string
      item: number | null
      number: number
      bytes: number
      /** The host's hash of the whole, equal to ours; null when it could not be had. */
      sha256: string | null
      /** By what the kept bytes were found equal to the host's; absent: they were not compared. */
      verified?: LogProof
      gaps: LogGap[]
    }
  /** `because`: which of the task's rules let it, where it has any. */
  | { kind: 'task.retrying'; task: string; item: number | null; dueAt: number; because?: string }
  /** A fan-out has its list: one task run for each item. */
  | { kind: 'task.expanded'; task: string; item: null; items: JsonValue[] }
  /** A sub-pipeline runs, or runs again, as this run. */
  | { kind: 'task.child'; task: string; item: number | null; child: RunId }
  /** A person is asked. */
  | {
      kind: 'approval.asked'
      task: string
      item: number | null
      message: string
      dueAt: number | null
    }
  /** `by` null: nobody answered in time. */
  | {
      kind: 'approval.decided'
      task: string
      item: number | null
      decision: 'approved' | 'rejected'
      by: string | null
      reason: string
      values: Record<string, ParamValue>
    }
  /** It does not start until `task.unheld`. */
  | { kind: 'task.held'; task: string; item: number | null; by: string; reason: string }
  | { kind: 'task.unheld'; task: string; item: number | null; by: string }
  /** A person says how it counts. */
  | {
      kind: 'task.marked'
      task: string
      item: number | null
      state: MarkedState
      by: string
      reason: string
    }
  | {
      kind: 'attempt.checkpoint'
      task: string
      item: number | null
      number: number
      checkpoint: Checkpoint
    }
  /** What the task made its checkpoint cannot be saved: the next attempt will not have it. */
  | {
      kind: 'attempt.checkpoint_refused'
      task: string
      item: number | null
      number: number
      why: string
    }
  | {
      kind: 'task.ended'
      task: string
      item: number | null
      state: 'succeeded' | 'reused' | 'failed' | 'upstream_failed' | 'skipped' | 'cancelled'
      why: string
    }
  /** A resume takes an ended task run back to `waiting`. */
  /** `anew`: a sub-pipeline does not go on with the run it had. */
  | { kind: 'task.reset'; task: string; item: number | null; anew?: true }
  /** A person ran a task's remedy; the outcome of the command on the host. */
  | {
      kind: 'remedy.ran'
      task: string
      title: string
      host: string
      by: string
      exit: number | null
      output: string
    }

/** `seq` counts from 1 within the run, without holes. `at`: engine clock, ms since 1970 UTC. */
export type RunEvent = { run: RunId; seq: number; at: number } & RunEventBody
