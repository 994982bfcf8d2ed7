// The shapes that screens and the command line show. All times: ms since 1970 UTC, engine clock.
import type {
  ApprovalSpec,
  ParamSpec,
  ParamValue,
  PoolPick,
  RemedySpec,
  TaskEffect,
  UnknownPolicy,
} from '../pipeline/spec.ts'
import type { Question } from './question.ts'
import type { Problem } from '../pipeline/problem.ts'
import type { LogGap, ResumeDecision, RunCause, RunEvent } from '../run/events.ts'
import type { DecisionCounts } from '../run/recovery-counts.ts'
import type { RunId, VersionId } from '../run/ids.ts'
import type { RunState, TaskState } from '../run/states.ts'
import type { RunView } from '../run/run-view.ts'

export interface RunRow {
  run: RunId
  pipeline: string
  environment: string
  version: VersionId
  state: RunState
  cause: RunCause
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  /** Task runs per state; states with none are absent. */
  counts: Partial<Record<TaskState, number>>
  /** What people are asked, by `taskKey`; absent: nothing. */
  asks?: Readonly<Record<string, string>>
  /** Nothing of it starts, because a person said so. */
  isPaused?: true
}

export interface GraphNode {
  name: string
  needs: readonly string[]
  /** Host names as the plan bound them, or as the file says before a run. */
  host: string
  run: string
  remedies: readonly RemedySpec[]
  effect?: TaskEffect
  /** What is done about an unknown outcome, as the engine takes the task's policy; absent for a file that never ran. */
  unknown?: UnknownRule
  /** The pool its host is chosen from, with all that may take it; absent: it has one host. */
  pool?: { name: string; hosts: readonly string[] }
  /** The inline group it stands in, `a` or `a.b`. */
  group?: string
  /** When it starts, where that is not once all its needs have succeeded: `one_failed`, `failed(a) || skipped(b)`. */
  rule?: string
  /** `${{ }}` that decides whether it starts at all. */
  when?: string
  part?: 'setup' | 'teardown' | 'final'
  /** Of a tear-down: the set-ups whose work it undoes. */
  undoes?: readonly string[]
  fanOut?: { maxParallel: number | null; join: 'all' | 'any' | number }
  /** It chooses which of those that need it go on. */
  isBranch?: true
  mayFail?: true
  /** It is a question to a person. */
  approval?: ApprovalSpec
  /** It is a run of this pipeline. */
  pipeline?: string
}

export interface UnknownRule {
  then: UnknownPolicy['then']
  /** After so long without a word; null: never by itself, a person must. */
  actsAfterMs: number | null
  /** Why a person may not let another host have it meanwhile; null: they may. */
  failoverNo: string | null
}

/** First message of `run.watch`; the events that follow are folded onto `view` by the client. */
export type RunWatch =
  | {
      kind: 'snapshot'
      row: RunRow
      view: RunView
      graph: readonly GraphNode[]
      events: readonly RunEvent[]
    }
  | { kind: 'events'; events: readonly RunEvent[] }

export type RunsWatch = { kind: 'snapshot'; rows: readonly RunRow[] } | { kind: 'row'; row: RunRow }

export interface NextFire {
  pipeline: string
  environment: string
  trigger: number
  cron: string
  timezone: string
  at: number
}

export interface PipelineRow {
  name: string
  file: string
  description: string
  taskCount: number
  problems: readonly Problem[]
  /** Newest first, 14 at most, over all environments. */
  lastRuns: readonly RunRow[]
  nextFireAt: number | null
}

export interface PipelineDetail extends PipelineRow {
  text: string
  params: readonly ParamSpec[]
  environments: readonly string[]
  defaultEnvironment: string
  graph: readonly GraphNode[]
  triggers: readonly { cron: string; timezone: string; next: readonly number[] }[]
}

export interface HostFacts {
  /** `uname -sm`. */
  system: string
  /** Name of the agent's shell, where it can be told. */
  shell: string
  bootId: string
  /** Host clock minus ours, ms. */
  clockOffsetMs: number
  /** Hash of the agent, 64 hex digits. */
  agent: string
  /** What the host lacks, each with what that costs. Empty is best. */
  lacks: readonly string[]
  /** What `hosts check` looked at; empty until the host was checked. */
  checks: readonly HostCheck[]
}

/** One thing a host has or lacks. */
export interface HostCheck {
  /** Stable, for scripts: `login_shell`, `setsid`, `sha256`, `proc`, `folder`, `disk`, `tmp`, `clock`, `sftp`, `sessions`, ... */
  id: string
  level: 'good' | 'note' | 'bad'
  /** What was found: `fish 3.7, prints 2 lines before our marker, takes 1.8 s`. */
  found: string
  /** What it costs, and the setting or package that mends it; empty where there is nothing to say. */
  cost: string
}

/** Bytes on their way to or from a host. */
export interface Transfer {
  /** A path in the workspace or the working folder. */
  path: string
  direction: 'to' | 'from'
  bytes: number
  totalBytes: number
}

export type LinkState = 'idle' | 'connecting' | 'linked' | 'down' | 'refused'

/** What a lost Sluice left on a host (H9): gone, or of a preview what would go. */
export interface HostSweep {
  host: string
  /** Older than so many days. */
  days: number
  isPreview: boolean
  /** Attempts that do not run, of whatever home. */
  attempts: readonly { key: string; logBytes: number }[]
  /** What belongs to no attempt: paths below Sluice's folder there. */
  files: readonly string[]
}

export interface HostRow {
  name: string
  kind: 'local' | 'ssh'
  /** `user@address:port` as far as it is known. */
  address: string
  labels: readonly string[]
  slots: number
  /** Attempts that hold a slot. */
  used: number
  /** Task runs that wait for a slot here. */
  queued: number
  link: LinkState
  /** Why it is down or refused, and what to do; empty otherwise. */
  why: string
  facts: HostFacts | null
  roundTripMs: number | null
  lastSeenAt: number | null
  /** An unknown host key that waits for a person: `SHA256:...`. */
  askFingerprint: string | null
  /** The key that waits, as OpenSSH draws it; empty where none does. */
  askRandomart: string
  /** A changed key: what was known and what was shown, as `ed25519 SHA256:...`. Never accepted from a screen. */
  changedKey: { known: readonly string[]; shown: string } | null
  /** Names of pools it is in. */
  pools: readonly string[]
  /** Takes no new work, because a person said so; null: it does. `draining`: until what runs there has ended. */
  cordon: HostCordon | null
  /** 1: nothing went wrong of late; near 0: the engine gives it work last. */
  health: { score: number; why: string }
  /** 16 at most. */
  transfers: readonly Transfer[]
}

export interface HostCordon {
  kind: 'cordoned' | 'draining' | 'drained'
  by: string
  reason: string
  at: number
}

export interface PoolRow {
  name: string
  hosts: readonly string[]
  pick: PoolPick
  /** null: what its hosts allow. */
  slots: number | null
  used: number
  queued: number
}

/** Why a task run waits, and what each host of its pool says. */
export interface PlacementView {
  /** One sentence. */
  why: string
  hosts: readonly { host: string; verdict: 'free' | 'busy' | 'closed' | 'down'; why: string }[]
  /** Where it is not a host that stands in the way. */
  limit?: { kind: 'pool' | 'environment' | 'pipeline' | 'semaphore'; name: string }
}

/** A question of a login that waits for a person. */
export interface AskRow {
  id: string
  question: Question
  askedAt: number
  /** The operating system can keep the answer. */
  canRemember: boolean
}

export type AsksWatch = { kind: 'snapshot'; asks: readonly AskRow[] }

/** Output as bytes, which a link carries as they are; the last item says why it ended. */
export type ShellWatch = Uint8Array | { kind: 'ended'; why: string }

export interface AuditRow {
  seq: number
  at: number
  by: string
  action: string
  subject: string
  details: Readonly<Record<string, string | number | boolean | null>>
  reason: string
  /** sha256 over this row and the hash before it, 64 hex digits. */
  hash: string
}

export type HostsWatch =
  | { kind: 'snapshot'; rows: readonly HostRow[] }
  | { kind: 'row'; row: HostRow }

export interface EvidenceLine {
  task: string
  /** 1-based line of the attempt's log. */
  line: number
  text: string
}

/** One thing that differs from the last good run. */
export interface Change {
  what: 'version' | 'script' | 'param' | 'env' | 'host' | 'input' | 'duration' | 'none'
  task: string | null
  name: string
  before: string
  after: string
}

/** One thing the host said about itself when the attempt failed (H10), in words. */
export interface HostFact {
  /** `disk /data`, `memory`, `kernel`, `clock`, ... */
  label: string
  value: string
  /** It may explain the failure, or will soon make another. */
  isAlarming: boolean
}

export interface RootCause {
  rootTask: string
  /** Number of the attempt the evidence is from; null: it failed without one. */
  attempt: number | null
  /**
   * The way to the run that failed, where a task is a run of its own: each such task and its run, outermost first. The rest
   * is then about the last of these runs, but for `waiting`. Absent: it is about the run that was asked.
   */
  via?: readonly { task: string; run: RunId }[]
  /** A class of the taxonomy in `docs/root-cause.md`, or `unknown`. */
  class: string
  /** Two sentences at most: what happened, in words a person on call understands. */
  summary: string
  /** Five at most, each a real line. */
  evidence: readonly EvidenceLine[]
  changed: readonly Change[]
  /** Task runs downstream that this failure holds up, in the run that was asked. */
  waiting: readonly string[]
  /** Exit code or signal, in words. */
  exitWords: string
  confidence: 'high' | 'medium' | 'low'
  transient: boolean
  hostLevel: boolean
  /** What would have told more. */
  evidenceGaps: readonly string[]
  /** Alarming ones first; empty where the host was not asked or had nothing to say. 24 at most. */
  hostFacts: readonly HostFact[]
  remedies: readonly (RemedySpec & { index: number })[]
  lastGoodRun: RunId | null
}

export interface ResumePreview {
  run: RunId
  version: VersionId
  /** True when the file's present version differs from the run's. */
  fixedDiffers: boolean
  plan: readonly ResumeDecision[]
  /** Task runs; a fan-out counts by its items where they differ. */
  counts: DecisionCounts
  /** Names this very plan: what is done must be what was shown. */
  planId: string
}

export interface LogInfo {
  /** Where the log ends. What is missing in its middle is counted: offsets are those at the host. */
  bytes: number
  closed: boolean
  /**
   * In order. `log.read` gives nothing inside one and `log.follow` ends where one begins: a reader says so and goes on
   * behind it. One whose size is null reaches to the end.
   */
  gaps: readonly LogGap[]
}

export interface OccurrenceRow {
  pipeline: string
  environment: string
  trigger: number
  dueAt: number
  decision: 'ran' | 'skipped' | 'missed' | 'caught_up' | 'held'
  reason: string
  run: RunId | null
}

export interface PlanRow {
  task: string
  needs: readonly string[]
  hosts: readonly string[]
  why: string
}

export interface RunPreview {
  pipeline: string
  environment: string
  version: VersionId
  params: Readonly<Record<string, ParamValue>>
  tasks: readonly PlanRow[]
}

/** The engine starts nothing on any host, because a person said so. `drained`: nothing of it runs any more. */
export interface EngineDrain {
  kind: 'draining' | 'drained'
  by: string
  reason: string
  at: number
  /** Attempts that hold a slot, over all hosts. */
  running: number
}

/** The first comes at once, then one per change. */
export interface EngineWatch {
  /** null: it starts what is due. */
  drain: EngineDrain | null
}

export interface SystemInfo {
  version: string
  home: string
  workspace: string
  environments: readonly string[]
  defaultEnvironment: string
  face: 'desktop' | 'serve' | 'cli' | 'demo'
  pid: number
  /** Absent: the engine starts what is due. */
  drain?: EngineDrain
}
