// Plays runs as an engine would tell them: events with times, folded by the real fold.
import type { GraphNode, RunRow } from '../../shared/api/views.ts'
import type { AttemptEnd, RunCause, RunEvent, RunEventBody } from '../../shared/run/events.ts'
import { foldEvent, newRunView } from '../../shared/run/fold.ts'
import { parseTaskKey, type RunView } from '../../shared/run/run-view.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'

export interface ScriptedRun {
  row: RunRow
  view: RunView
  graph: readonly GraphNode[]
  events: RunEvent[]
}

export interface RunSpec {
  run: string
  pipeline: string
  environment: string
  at: number
  graph: readonly GraphNode[]
  cause: RunCause
  params?: Record<string, string | number | boolean>
}

export const version = 'a41f09c27be55d10'.repeat(4) as VersionId

export function newRun(spec: RunSpec): ScriptedRun {
  const created: Extract<RunEvent, { kind: 'run.created' }> = {
    run: spec.run as RunId,
    seq: 1,
    at: spec.at,
    kind: 'run.created',
    pipeline: spec.pipeline,
    environment: spec.environment,
    version,
    params: spec.params ?? {},
    logicalDate: null,
    cause: spec.cause,
  }
  const view = newRunView(
    created,
    spec.graph.map((node) => node.name),
  )
  const run: ScriptedRun = {
    view,
    graph: spec.graph,
    events: [created],
    row: {
      run: view.run,
      pipeline: spec.pipeline,
      environment: spec.environment,
      version,
      state: 'queued',
      cause: spec.cause,
      createdAt: spec.at,
      startedAt: null,
      endedAt: null,
      counts: { waiting: spec.graph.length },
    },
  }
  return run
}

export function tell(run: ScriptedRun, at: number, body: RunEventBody): RunEvent {
  const event = { run: run.view.run, seq: run.view.seq + 1, at, ...body } as RunEvent
  foldEvent(run.view, event)
  run.events.push(event)
  const { asks: _asks, isPaused: _isPaused, ...row } = run.row
  run.row = {
    ...row,
    ...(run.view.asks !== undefined && { asks: { ...run.view.asks } }),
    ...(run.view.paused !== undefined && { isPaused: true as const }),
    state: run.view.state,
    startedAt: run.view.startedAt,
    endedAt: run.view.endedAt,
    counts: { ...run.view.counts },
  }
  return event
}

/** The events of one attempt's start, without its end. `key`: `load` or `load[3]`. */
export function startAttempt(run: ScriptedRun, key: string, at: number): RunEvent[] {
  const which = parseTaskKey(key)
  const number = (run.view.tasks[key]?.attempts.length ?? 0) + 1
  const host = run.graph.find((node) => node.name === which.task)?.host ?? 'local'
  return [
    tell(run, at, { kind: 'task.queued', ...which }),
    tell(run, at + 120, { kind: 'attempt.starting', ...which, number, host }),
    tell(run, at + 140, {
      kind: 'attempt.running',
      ...which,
      number,
      pid: 4000 + run.view.seq,
      bootId: 'b0075e1f',
      hostStartedAt: at + 130,
    }),
  ]
}

export function endAttempt(
  run: ScriptedRun,
  key: string,
  at: number,
  exit: number,
  why = '',
): RunEvent[] {
  const which = parseTaskKey(key)
  const attempt = run.view.tasks[key]?.attempts.at(-1)
  if (attempt === undefined) throw new Error(`${key} has no attempt to end`)
  const end: AttemptEnd = {
    outcome: 'exited',
    exit,
    endedAt: at,
    hostStartedAt: attempt.hostStartedAt,
    hostEndedAt: at - 5,
    cpuMs: 310,
    peakBytes: 21_000_000,
  }
  const { number } = attempt
  return [
    tell(run, at, { kind: 'attempt.ended', ...which, number, end }),
    tell(run, at + 2, {
      kind: 'attempt.log_closed',
      ...which,
      number,
      bytes: 1840,
      sha256: null,
      gaps: [],
    }),
    tell(run, at + 3, {
      kind: 'task.ended',
      ...which,
      state: exit === 0 ? 'succeeded' : 'failed',
      why,
    }),
  ]
}

/** Runs every task for some seconds, layer by layer; from `failing` on, what needs it fails with it. */
export function playWhole(run: ScriptedRun, failing: string | null, dice: () => number): void {
  const start = run.view.createdAt + 200
  tell(run, start, { kind: 'run.started' })
  const ends = new Map<string, number>()
  const bad = new Set<string>()
  let last = start
  for (const node of run.graph) {
    const ready = Math.max(start, ...node.needs.map((need) => ends.get(need) ?? start))
    if (node.needs.some((need) => bad.has(need))) {
      bad.add(node.name)
      tell(run, last + 5, {
        kind: 'task.ended',
        task: node.name,
        item: null,
        state: 'upstream_failed',
        why: `${node.needs.find((need) => bad.has(need)) ?? ''} did not succeed`,
      })
      continue
    }
    const took = 800 + dice() * 14_000
    const fails = node.name === failing
    startAttempt(run, node.name, ready + 10)
    endAttempt(run, node.name, ready + took, fails ? 65 : 0, fails ? 'exit 65' : '')
    ends.set(node.name, ready + took)
    if (fails) bad.add(node.name)
    last = Math.max(last, ready + took)
  }
  tell(run, last + 20, { kind: 'run.ended', state: bad.size > 0 ? 'failed' : 'succeeded' })
}
