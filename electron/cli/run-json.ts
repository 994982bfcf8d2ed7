// The document of `run`, `show`, `resume` and `cancel` with --json. Its keys are promised in docs/cli.md: only ever add.
import type { Client } from '../../shared/api/contract.ts'
import type { HostChoice, LogProof } from '../../shared/run/events.ts'
import type { AttemptView, RunView } from '../../shared/run/run-view.ts'
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
  tasks: {
    task: string
    item: number | null
    state: string
    host: string | null
    attempts: AttemptJson[]
  }[]
}

export async function runJson(client: Client, followed: FollowedRun): Promise<RunJson> {
  const { view, graph } = followed
  const hostOf = new Map(graph.map(({ name, host }) => [name, host]))
  const tasks: RunJson['tasks'] = []
  for (const { task, item, state, attempts } of Object.values(view.tasks)) {
    const open = (attempt: AttemptView): Promise<number> =>
      openLogBytes(client, view, { task, item, attempt: attempt.number })
    tasks.push({
      task,
      item,
      state,
      host: attempts.at(-1)?.host ?? hostOf.get(task) ?? null,
      attempts: await Promise.all(attempts.map((attempt) => attemptJson(attempt, open))),
    })
  }
  return {
    run: view.run,
    pipeline: view.pipeline,
    version: view.version,
    env: view.environment,
    state: view.state,
    tasks,
  }
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
