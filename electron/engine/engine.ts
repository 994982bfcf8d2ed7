// The engine as the rest of the app sees it. `loop.ts` implements it.
import type { PlacementView } from '../../shared/api/views.ts'
import type {
  ResumeDecision,
  RunCause,
  RunEvent,
  UnknownDecision,
} from '../../shared/run/events.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import type { ApprovalAnswer } from './approvals.ts'
import type { Mark } from './mark.ts'

export interface ResumeRequest {
  run: RunId
  /** The plan to go on with: the pinned one, or one made from the present files. Same task names may differ in work. */
  plan: RunPlan
  options: RecoveryOptions
}

/** A task run of a run; `item` null: the task itself. */
export interface TaskRef {
  run: RunId
  task: string
  item: number | null
}

export interface Engine {
  /** Recorded durably when it returns. `run` is given for an occurrence (E3); an id that exists already starts nothing. */
  start(request: { plan: RunPlan; cause: RunCause; run?: RunId }): RunId
  /**
   * Recorded durably when it returns; the run ends when every live attempt is proved gone. Clean-up (tear-downs, final
   * tasks) still runs; a second cancel ends that too. Throws AppError('conflict') on an ended run.
   */
  cancel(run: RunId, by: string, reason: string): void
  /** Pure preview. Throws AppError('conflict') where a resume makes no sense (the run goes on by itself, or there is nothing to do). */
  previewResume(request: ResumeRequest): ResumeDecision[]
  /** Does what the preview says and gives it back. */
  resume(request: ResumeRequest, by: string): ResumeDecision[]
  /**
   * A person decides about an unknown outcome. `fail` and `failover` fence the first copy when its host is back.
   * Throws AppError('conflict') where the attempt is not unknown, or the effect or the pool allows no failover.
   */
  settle(request: TaskRef & { decision: UnknownDecision; by: string; reason: string }): void
  /** A person answers an approval; `values` are checked by the caller. Throws AppError('conflict') where nobody is asked. */
  approve(request: TaskRef & ApprovalAnswer): void
  /**
   * A person says how it counts. In a live run what it held up goes on; an ended run stays ended until it is resumed.
   * Throws AppError('conflict') where the task run lives or counts so already.
   */
  mark(request: TaskRef & Mark): void
  /** Nothing starts until `unpause`; what runs goes on. Throws AppError('conflict') on an ended run. */
  pause(run: RunId, said: { by: string; reason: string }): void
  unpause(run: RunId, by: string): void
  /** Throws AppError('conflict') where the task run has begun or ended. */
  hold(request: TaskRef & { by: string; reason: string }): void
  unhold(request: TaskRef & { by: string }): void
  /** What runs goes on to its end, then the run ends. `after`: only once this task has ended. */
  stopAfter(run: RunId, said: { by: string; reason: string; after: string | null }): void
  /** Why a task run waits; null when it does not wait for a host. */
  placement(task: TaskRef): PlacementView | null
  /** How a host has fared of late, for its row. */
  health(host: string): { score: number; why: string }
  /** What people or the workspace say about hosts has changed: look at the queues again. */
  stir(): void
  /** A remark in the run's history that changes no state (a remedy that was run). */
  record(
    run: RunId,
    event: Extract<RunEvent, { kind: 'remedy.ran' }> extends infer E
      ? Omit<E, 'run' | 'seq' | 'at'>
      : never,
  ): void
  /** The live view of a run that has not ended, or null. Callers must not change it. */
  live(run: RunId): RunView | null
  /** After each commit, in order. */
  onEvents(listener: (events: readonly RunEvent[]) => void): () => void
  /** Attempts that hold a slot, and task runs that wait for one. */
  load(host: string): { used: number; queued: number }
  poolLoad(pool: string): { used: number; queued: number }
  /** Attempts that hold a slot, over all hosts: what a drain waits for. */
  used(): number
  /** E7: read unfinished runs, watch their attempts, go on. Once, before anything else. */
  recover(): void
  /** Resolves once every attempt whose end and log are stored is forgotten by its host (H9). */
  whenReleased(): Promise<void>
  /** Stops deciding. Attempts go on at the hosts. */
  close(): void
}
