// What a pipeline file and a workspace file mean, once read and checked. Plain values, every default filled in.

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

export interface RetrySpec {
  /** Attempts after the first; 0..100. */
  max: number
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

export interface TaskSpec {
  name: string
  needs: readonly string[]
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

export interface EnvironmentSpec {
  name: string
  /** Name in a pipeline -> name of a host or a pool. */
  hosts: Readonly<Record<string, string>>
  vars: Readonly<Record<string, string>>
}

export interface WorkspaceSpec {
  /** Always holds `local`. */
  hosts: readonly HostSpec[]
  /** Names are unlike those of hosts. */
  pools: readonly PoolSpec[]
  environments: readonly EnvironmentSpec[]
  /** The first environment of the file, or `default` when it names none. */
  defaultEnvironment: string
}
