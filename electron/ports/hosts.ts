// The seam between the engine and the hosts. The engine gives orders and reads reports; it never waits for a host.
//   Orders are safe to repeat: after any crash the engine gives them again (E2, H1).
//   Reports may come twice, late, or for attempts the engine has ended: it checks each against its state.
import type { AttemptEnd, Checkpoint, LogGap, LogProof } from '../../shared/run/events.ts'
import type { BoundSecret } from '../../shared/pipeline/spec.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'

export interface StartOrder {
  key: AttemptKey
  /** Shell text for `sh`. */
  run: string
  env: Readonly<Record<string, string>>
  /** Further variables, whose values are read when it starts and only then (H7). */
  secrets?: Readonly<Record<string, BoundSecret>>
  /** Enforced on the host (H3). */
  timeoutMs: number | null
  graceMs: number
  /**
   * The host stops the attempt by itself when it has heard nothing from us for so long (and then reports it lost,
   * `lease_expired`): only so may another host have the task. null: it runs on without us.
   */
  leaseMs: number | null
  /** More than this of its log is not kept: half from the head, half from the tail. null: all of it. */
  logLimitBytes: number | null
  /** Workspace files and inputs, by content hash, placed in the working folder before the start. */
  files: readonly PlannedFile[]
  /** Output name -> path in the working folder; fetched into the blob store before the end is reported. */
  outputs: Readonly<Record<string, string>>
  /** Where the task goes on: what an earlier attempt saved, placed where `$SLUICE_CHECKPOINT` points before the start. */
  checkpoint?: Checkpoint
  /** Its host has said that it runs: where it is absent after that, its records were removed. */
  isConfirmed?: true
}

export type HostReport =
  /**
   * The link is up. Every attempt the engine asked to `watch` has its own report before this one, but for an end that brings
   * files, or that of a host that was rebooted: those may take long. Before it nothing that has a lease begins over this link,
   * and no lease is renewed: whoever has not heard it may count on their ends.
   */
  | { kind: 'linked'; host: string }
  /** The link is gone, for `why`; it is being made again. */
  | { kind: 'unlinked'; host: string; why: string }
  /**
   * The link leads to another machine with the same home than the one that has the attempt: only that one can tell whether it
   * lives, and nothing renews its lease there. Told again at each look.
   */
  | { kind: 'elsewhere'; host: string; key: AttemptKey; why: string }
  | {
      kind: 'started'
      host: string
      key: AttemptKey
      pid: number
      bootId: string
      hostStartedAt: number
    }
  /** H10: comes before the `ended` of an attempt that failed there, where the host could take one. */
  | { kind: 'snapshot'; host: string; key: AttemptKey; snapshot: HostSnapshot }
  | { kind: 'ended'; host: string; key: AttemptKey; end: AttemptEnd }
  /** The task has saved its progress; each stands for all before it. */
  | { kind: 'checkpoint'; host: string; key: AttemptKey; checkpoint: Checkpoint }
  /** What the task made its checkpoint cannot be saved; `why` is one sentence. `at`: host clock. */
  | { kind: 'checkpoint_refused'; host: string; key: AttemptKey; at: number; why: string }
  /** The host has no trace of the attempt: it was never started there. */
  | { kind: 'absent'; host: string; key: AttemptKey }
  /** The host has forgotten the attempt; the answer to `release`. */
  | { kind: 'released'; host: string; key: AttemptKey }
  | {
      kind: 'log_closed'
      host: string
      key: AttemptKey
      bytes: number
      sha256: string | null
      verified?: LogProof
      gaps: LogGap[]
    }

export interface Hosts {
  /** Starts an attempt; a key that the host has seen is answered with its state (H1). */
  start(host: string, order: StartOrder): void
  /** After a restart: attach to an attempt that may run there; answered by started, ended or absent. `order` as given to `start`. */
  watch(host: string, order: StartOrder): void
  /** TERM, then KILL after `graceMs`, then proof (H5). The answer is `ended`. */
  cancel(host: string, key: AttemptKey, graceMs: number): void
  /** End, log and outputs are safe here: the host may forget the attempt (H9). */
  release(host: string, key: AttemptKey): void
  onReport(listener: (report: HostReport) => void): () => void
}
