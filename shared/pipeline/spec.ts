// What a pipeline file and a workspace file mean, once read and checked. Plain values, every default filled in.

import type { JsonValue } from '../run/json.ts'

export type ParamType = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'choice'
export type ParamValue = string | number | boolean

export interface ParamSpec {
  name: string
  type: ParamType
  /** null: the caller must give a value. */
  default: ParamValue | null
  description: string
  /** Only for `choice`. */
  choices: readonly string[]
}

/** What running a task twice would do; governs retry and resume. `idempotent` when the file says nothing. */
export type TaskEffect = 'pure' | 'idempotent' | 'external' | 'irreversible'

/**
 * What is done when the outcome of an attempt is unknown because its link or its host is gone (`on_unknown`).
 * `waitMs` from the moment it became unknown, then: `fail` calls it lost; `failover` starts it on another host of its pool,
 * where its effect allows that and only after the first copy's lease has run out; `ask` waits for a person without end.
 */
export interface UnknownPolicy {
  /** 0..30 days. */
  waitMs: number
  then: 'fail' | 'failover' | 'ask'
}

/** Failures by what they look like. An empty list says nothing; what one list names is enough. */
export interface FailureMatch {
  /** Exit codes, 1..255. */
  exits: readonly number[]
  /** Cause classes of `docs/root-cause.md`, and the transport's own. */
  causes: readonly string[]
  /** RE2 patterns, each looked for in the lines of the attempt's log. */
  patterns: readonly string[]
}

export interface RetrySpec {
  /** Attempts after the first; 0..100. */
  max: number
  /** Only such failures are tried again; absent: all are. */
  on?: FailureMatch
  /** Such failures are not tried again, whatever `on` says. */
  never?: FailureMatch
  delayMs: number
  backoff: 'fixed' | 'linear' | 'exponential'
  /** No wait is longer than this. */
  capMs: number
  /** Share of the wait that is random, 0..1: 0 waits exactly, 1 is full jitter. */
  jitter: number
}

/** A known way out of a known failure, offered beside the cause. */
export interface RemedySpec {
  title: string
  /** Cause class that it answers; null: any failure of the task. */
  cause: string | null
  /** Host name as the pipeline uses it. */
  host: string
  run: string
}

/** When a task starts, given how its needs ended. Names and meaning as in Airflow, whose truth table the tests hold us to. */
export type TriggerRule =
  | 'all_success'
  | 'all_failed'
  | 'all_done'
  | 'all_done_min_one_success'
  | 'all_skipped'
  | 'one_success'
  | 'one_failed'
  | 'one_done'
  | 'none_failed'
  | 'none_failed_min_one_success'
  | 'none_skipped'
  | 'always'

/** A condition over the states of needs: true, false, or not yet known while the needs that matter go on. */
export type StateCondition =
  | { op: 'all' | 'any'; of: readonly StateCondition[] }
  | { op: 'not'; of: StateCondition }
  | { op: 'is'; task: string; state: 'succeeded' | 'failed' | 'skipped' | 'done' }

/** A task for each item of a list. */
export interface FanOutSpec {
  /** A list, or `${{ }}` that gives one when the task is about to start. */
  over: readonly JsonValue[] | string
  /** Items at once; null: no limit of its own. */
  maxParallel: number | null
  /** When the whole counts as succeeded: all items did, at least one did, or this share (0..1) did. */
  join: 'all' | 'any' | number
  /** Items that have not begun are cancelled as soon as the join cannot succeed any more. */
  failFast: boolean
}

/** A run of another pipeline as a task of this one. */
export interface SubPipelineSpec {
  pipeline: string
  /** Values may hold `${{ }}`. */
  params: Readonly<Record<string, string>>
}

/** A person decides before the run goes on. */
export interface ApprovalSpec {
  /** What is asked; may hold `${{ }}`. */
  message: string
  /** What may be filled in; the answers are the task's output values. */
  form: readonly ParamSpec[]
  /** null: it waits without end. */
  timeoutMs: number | null
  /** What happens after `timeoutMs`. */
  onTimeout: 'approve' | 'reject'
}

/** Which of the tasks that need this one go on; the others, and what only they lead to, are skipped. */
export interface BranchSpec {
  /** `${{ }}` that gives a name, a list of names, or true (all) or false (none), once the task has succeeded. */
  choose: string
  /** `direct`: those not chosen are skipped and their downstream follows by its rules. `all`: everything downstream of them is skipped. */
  skips: 'direct' | 'all'
}

export interface TeardownSpec {
  /** Set-up tasks whose work it undoes. */
  of: readonly string[]
  /** Its failure fails the run. */
  failsRun: boolean
}

export interface TaskSpec {
  name: string
  needs: readonly string[]
  /** What it is: a command on a host, a run of another pipeline, or a question to a person. Absent: a command. */
  pipeline?: SubPipelineSpec
  approval?: ApprovalSpec
  /** Absent: `all_success`. */
  trigger?: TriggerRule | StateCondition
  /** `${{ }}` that gives true or false once the trigger rule lets it start; false skips it. */
  when?: string
  fanOut?: FanOutSpec
  branch?: BranchSpec
  setup?: boolean
  teardown?: TeardownSpec
  /** It starts once everything else has ended, however that was. */
  isFinal?: boolean
  /** Its failure does not fail the run. */
  allowFailure?: boolean
  /** The inline group it stands in, `a` or `a.b`; absent: none. */
  group?: string
  /** -1000..1000, higher first; absent: that of the pipeline. */
  priority?: number
  /** Semaphore of the workspace -> how much of it an attempt holds; 1 or more. */
  semaphores?: Readonly<Record<string, number>>
  /** Environment variable of the task -> secret of the environment. */
  secrets?: Readonly<Record<string, string>>
  /** A name the environment binds, a host or a pool of the workspace, or `local`. */
  host: string
  /** Shell text for `sh`. Never templated: values reach it as environment variables. */
  run: string
  /** Values may hold `${{ }}`. */
  env: Readonly<Record<string, string>>
  timeoutMs: number | null
  /** Between TERM and KILL. */
  graceMs: number
  retries: RetrySpec
  effect: TaskEffect
  onUnknown: UnknownPolicy
  /** Of each attempt's log so much is kept, half from its head and half from its tail; 64 KB or more. */
  logLimitBytes: number
  /** Workspace files (paths or globs) that travel with the task, besides those its command names. */
  files: readonly string[]
  /** Path in the working folder -> output of an upstream task. */
  inputs: Readonly<Record<string, { task: string; output: string }>>
  /** Output name -> path in the working folder. */
  outputs: Readonly<Record<string, string>>
  remedies: readonly RemedySpec[]
  description: string
}

/** What a cron trigger does with a wall-clock time that a DST change removes or repeats. */
export interface DstPolicy {
  gap: 'skip' | 'shift'
  fold: 'first' | 'last' | 'both'
}

export interface CronTrigger {
  kind: 'cron'
  cron: string
  /** IANA name. */
  timezone: string
  /** null: as Debian's cron does (fixed times shift and fire once, wildcards follow the wall clock). */
  dst: DstPolicy | null
}

export type TriggerSpec = CronTrigger

export interface PipelineSpec {
  name: string
  description: string
  /** Whether any failed task fails the run (absent), or only those that nothing comes after, as in Airflow. */
  verdict?: 'any' | 'leaves'
  /** Retries of all tasks of one run together; absent: no limit. */
  retryBudget?: number
  /** Attempts of this pipeline at once, over all its runs; absent: no limit. */
  slots?: number
  /** For tasks that name none; absent: 0. */
  priority?: number
  params: readonly ParamSpec[]
  triggers: readonly TriggerSpec[]
  /** For every task; a task's own `env` wins. */
  env: Readonly<Record<string, string>>
  /** In the order of the file. */
  tasks: readonly TaskSpec[]
}

export interface HostSpec {
  name: string
  kind: 'local' | 'ssh'
  /** Entry of the OpenSSH config; null when `address` says where. */
  ssh: string | null
  address: string | null
  port: number | null
  user: string | null
  /** Path of a private key; `~` stands for the home folder. */
  key: string | null
  labels: readonly string[]
  /** Attempts that may run there at once; 1..10,000. */
  slots: number
  /** Where the agent keeps its things on the host; null: `~/.sluice`. */
  folder: string | null
  /** Days for which the working folder of a failed attempt stays there, 0..30; 0: it goes with its attempt. Absent: 3. */
  keepFailedDays?: number
  /** The one way in that is taken; absent: as its configuration needs. */
  transport?: 'ssh2' | 'openssh'
}

/** How a pool chooses among the hosts that could take a task. */
export type PoolPick =
  | 'least_busy' // the smallest share of slots in use
  | 'in_order' // the first of the list that can
  | 'spread' // the one that has the fewest attempts of the same run

export interface PoolSpec {
  name: string
  /** Hosts named by it and those with all its labels, in the order of the file; never empty. */
  hosts: readonly string[]
  pick: PoolPick
  /** Attempts in the whole pool at once; null: what its hosts allow. */
  slots: number | null
}

/** A limit over hosts, runs and pipelines: a licence, a warehouse, an interface that counts calls. */
export interface SemaphoreSpec {
  name: string
  /** Weights of the attempts that hold it at once; null: no limit. */
  slots: number | null
  /** Attempts that may start within any window of `perMs`; null: no limit. */
  starts: { max: number; perMs: number } | null
}

/** Where the value of a secret is when a task starts: a variable of the engine's process, or a file of its machine, whole. */
export type SecretSource = { env: string; file?: never } | { file: string; env?: never }

/** A secret of an environment, as a task gets it. */
export interface BoundSecret {
  secret: string
  from: SecretSource
}

export interface EnvironmentSpec {
  name: string
  /** Attempts in it at once, over all pipelines; absent: no limit. */
  slots?: number
  /** Name in a pipeline -> name of a host or a pool. */
  hosts: Readonly<Record<string, string>>
  vars: Readonly<Record<string, string>>
  secrets?: Readonly<Record<string, SecretSource>>
}

export interface WorkspaceSpec {
  /** Always holds `local`. */
  hosts: readonly HostSpec[]
  /** Names are unlike those of hosts. */
  pools: readonly PoolSpec[]
  semaphores?: readonly SemaphoreSpec[]
  environments: readonly EnvironmentSpec[]
  /** The first environment of the file, or `default` when it names none. */
  defaultEnvironment: string
}
