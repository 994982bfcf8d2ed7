// A pipeline version bound to one environment and one set of params: exactly what a run will execute.
// Pinned in the store when the run is created; nothing in it changes afterwards.
import type {
  ApprovalSpec,
  BoundSecret,
  BranchSpec,
  FanOutSpec,
  ParamType,
  ParamValue,
  PoolPick,
  RemedySpec,
  RetrySpec,
  StateCondition,
  TaskEffect,
  TeardownSpec,
  TriggerRule,
  UnknownPolicy,
} from '../pipeline/spec.ts'
import type { VersionId } from './ids.ts'

/** A workspace file as it was when the version was taken; its bytes are in the blob store. */
export interface PlannedFile {
  /** Relative to the working folder, with `/`, never absolute or with `..`. */
  path: string
  sha256: string
  bytes: number
  /** Permission bits, e.g. 0o755. */
  mode: number
}

/** A run of another pipeline, pinned with its plan; what depends on `params` is evaluated when it starts. */
export interface PlannedChild {
  plan: RunPlan
  /** Values that hold `${{ }}`; the plan's `params` have the others. */
  late: Readonly<Record<string, { template: string; type: ParamType; choices: readonly string[] }>>
}

/** What a task has besides its command; each field is absent where the file says nothing. Meanings: `TaskSpec`. */
export interface PlannedRules {
  trigger?: TriggerRule | StateCondition
  when?: string
  fanOut?: FanOutSpec
  branch?: BranchSpec
  setup?: true
  teardown?: TeardownSpec
  isFinal?: true
  allowFailure?: true
  group?: string
  priority?: number
  semaphores?: Readonly<Record<string, number>>
  /** By environment variable. The value itself is in no plan. */
  secrets?: Readonly<Record<string, BoundSecret>>
  approval?: ApprovalSpec
  child?: PlannedChild
  /** Environment variables whose `${{ }}` can be evaluated only when the task starts. `env` has the others. */
  lateEnv?: Readonly<Record<string, string>>
}

export interface PlannedTask extends PlannedRules {
  name: string
  needs: readonly string[]
  /** Hosts of the workspace that may take it, best first; never empty. */
  hosts: readonly string[]
  /** The pool that `hosts` came from; null for a host of its own name. Absent in plans of older versions. */
  pool?: { name: string; pick: PoolPick } | null
  run: string
  /** Every `${{ }}` already evaluated. */
  env: Readonly<Record<string, string>>
  timeoutMs: number | null
  graceMs: number
  retries: RetrySpec
  effect: TaskEffect
  /** Absent in plans of older versions: a day, then lost. */
  onUnknown?: UnknownPolicy
  /** Absent in plans of older versions: no limit. */
  logLimitBytes?: number
  files: readonly PlannedFile[]
  inputs: Readonly<Record<string, { task: string; output: string }>>
  outputs: Readonly<Record<string, string>>
  /** `host` is a host of the workspace here, or the task's pool, which stands for the host of its last attempt. */
  remedies: readonly RemedySpec[]
  /** sha256 over command, env, files, inputs, outputs and hosts: equal hash, equal work. */
  codeHash: string
}

export interface RunPlan {
  pipeline: string
  environment: string
  version: VersionId
  params: Readonly<Record<string, ParamValue>>
  logicalDate: string | null
  /** Those of the environment, for expressions that are evaluated while the run goes on. */
  vars?: Readonly<Record<string, string>>
  verdict?: 'leaves'
  retryBudget?: number
  slots?: number
  tasks: readonly PlannedTask[]
}
