// The document about a run that most commands give with --json. Its keys are promised in docs/cli.md: only ever add.
import type { Client } from '../../shared/api/contract.ts'
import type { HostChoice, LogProof } from '../../shared/run/events.ts'
import type { ParamValue } from '../../shared/pipeline/spec.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type {
  ApprovalView,
  AttemptView,
  RunView,
  Said,
  TaskView,
} from '../../shared/run/run-view.ts'
import type { TaskState } from '../../shared/run/states.ts'
import type { FollowedRun } from './follow-run.ts'
import { survivorsOf } from './run-notes.ts'
import { isoTime } from './words.ts'

export interface AttemptJson {
  number: number
  host: string
  exit: number | null
  signal: string | null
  startedAt: string | null
  endedAt: string | null
  logBytes: number
  /** By what the log was found equal to the host's: `sha256`, `blake2b512` or `gmac`; null: it was not compared. */
  logVerified: LogProof | null
  /** User and system time; null: not known. */
  cpuMs: number | null
  /** So much memory at least, all processes together; null: not known, as of one that ran for less than a second. */
  peakBytes: number | null
  /** Why its outcome is not known; null: it is. */
  unknown: string | null
  /** Processes that could not be ended. */
  survivors: readonly string[]
  /** Why this host of its pool; null: there was no choice. */
  chosen: HostChoice | null
  /** Whether the copy of an attempt that was given up or failed over is proved gone; null: of all others. */
  fence: 'due' | 'done' | null
}

export interface RunJson {
  run: string
  pipeline: string
  version: string
  env: string
  state: string
  /** Who holds it back, and with which run above it (null: alone); null: nobody. */
  paused: (SaidJson & { through: string | null }) | null
  /** Who lets it end, and after which task (null: at once); null: nobody. */
  stopAsked: (SaidJson & { after: string | null }) | null
  tasks: TaskJson[]
}

export interface TaskJson {
  task: string
  item: number | null
  state: string
  host: string | null
  /** Why it ended so; empty while it has not. */
  why: string
  /** What an item stands for; null: it is no item. */
  value: JsonValue
  /** Items of a fan-out per state, and all of them; null: its list is not known, or it has none. */
  items: { total: number; counts: Partial<Record<TaskState, number>> } | null
  /** The run of a sub-pipeline; null: it has none. */
  child: string | null
  approval: ApprovalJson | null
  held: SaidJson | null
  marked: (SaidJson & { state: string }) | null
  /** The last that any attempt saved. */
  checkpoint: { attempt: number; savedAt: string | null; values: Record<string, string> } | null
  /** Why what it made its checkpoint could not be saved; null: it could. */
  unsaved: { attempt: number; why: string } | null
  attempts: AttemptJson[]
}

export interface SaidJson {
  by: string
  reason: string
  at: string | null
}

export interface ApprovalJson {
  message: string
  askedAt: string | null
  /** null: it waits without end. */
  dueAt: string | null
  decision: 'approved' | 'rejected' | null
  /** null: nobody has answered, or nobody in time. */
  by: string | null
  reason: string
  values: Record<string, ParamValue>
}

export async function runJson(client: Client, followed: FollowedRun): Promise<RunJson> {
  const { view, graph } = followed
  const hostOf = new Map(graph.map(({ name, host }) => [name, host]))
  const tasks: TaskJson[] = []
  for (const each of Object.values(view.tasks)) {
    const { task, item, attempts } = each
    const open = (attempt: AttemptView): Promise<number> =>
      openLogBytes(client, view, { task, item, attempt: attempt.number })
    tasks.push({
      ...taskJson(each),
      host: attempts.at(-1)?.host ?? hostOf.get(task) ?? null,
      attempts: await Promise.all(attempts.map((attempt) => attemptJson(attempt, open))),
    })
  }
  const { paused, stopAsked } = view
  return {
    run: view.run,
    pipeline: view.pipeline,
    version: view.version,
    env: view.environment,
    state: view.state,
    paused: paused === undefined ? null : { ...said(paused), through: paused.through ?? null },
    stopAsked: stopAsked === undefined ? null : { ...said(stopAsked), after: stopAsked.after },
    tasks,
  }
}

function taskJson(view: TaskView): Omit<TaskJson, 'host' | 'attempts'> {
  const { task, item, state, why, value, fan, child, approval, held, marked } = view
  const { checkpoint, unsaved } = view
  return {
    task,
    item,
    state,
    why,
    value: value ?? null,
    items: fan === undefined ? null : { total: fan.list.length, counts: fan.counts },
    child: child ?? null,
    approval: approval === undefined ? null : approvalJson(approval),
    held: saidJson(held),
    marked: marked === undefined ? null : { ...said(marked), state: marked.state },
    checkpoint: checkpoint === undefined ? null : checkpointJson(checkpoint),
    unsaved: unsaved === undefined ? null : { attempt: unsaved.attempt, why: unsaved.why },
  }
}

export function approvalJson({ message, askedAt, dueAt, decided }: ApprovalView): ApprovalJson {
  return {
    message,
    askedAt: isoTime(askedAt),
    dueAt: isoTime(dueAt),
    decision: decided?.decision ?? null,
    by: decided?.by ?? null,
    reason: decided?.reason ?? '',
    values: decided?.values ?? {},
  }
}

function checkpointJson({
  attempt,
  savedAt,
  values,
}: NonNullable<TaskView['checkpoint']>): TaskJson['checkpoint'] {
  return { attempt, savedAt: isoTime(savedAt), values }
}

function saidJson(words: Said | undefined): SaidJson | null {
  return words === undefined ? null : said(words)
}

function said({ by, reason, at }: Said): SaidJson {
  return { by, reason, at: isoTime(at) }
}

async function attemptJson(
  attempt: AttemptView,
  openLogBytes: (attempt: AttemptView) => Promise<number>,
): Promise<AttemptJson> {
  const { number, host, end, log, startingAt, hostStartedAt, fenced } = attempt
  return {
    number,
    host,
    exit: end?.outcome === 'exited' ? end.exit : null,
    signal: end?.outcome === 'signalled' || end?.outcome === 'timed_out' ? end.signal : null,
    // By one clock, the host's, where it has told: an end may be heard of long after it happened.
    startedAt: isoTime(hostStartedAt ?? startingAt),
    endedAt: isoTime(end === null ? null : (end.hostEndedAt ?? end.endedAt)),
    logBytes: log?.bytes ?? (await openLogBytes(attempt)),
    logVerified: log?.verified ?? null,
    cpuMs: end?.cpuMs ?? null,
    peakBytes: end?.peakBytes ?? null,
    unknown: attempt.unknownWhy,
    survivors: [...survivorsOf(end), ...survivorsOf(fenced ?? null)],
    chosen: attempt.chosen ?? null,
    fence: fenced === undefined ? null : fenced === null ? 'due' : 'done',
  }
}

async function openLogBytes(
  client: Client,
  view: RunView,
  attempt: { task: string; item: number | null; attempt: number },
): Promise<number> {
  return (await client.call('log.info', { run: view.run, ...attempt })).bytes
}
