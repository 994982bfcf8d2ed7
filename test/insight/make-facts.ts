// Builds facts for a small pipeline, a failing task and a log at a time.
import type { Change } from '../../shared/api/views.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import { newTaskView, type RunView } from '../../shared/run/run-view.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import type { RemedySpec } from '../../shared/pipeline/spec.ts'
import type { TaskState } from '../../shared/run/states.ts'
import type { RunFacts, TaskLog } from '../../electron/insight/facts.ts'
import { linesIn } from '../../electron/insight/log-excerpt.ts'
import { baselineOf } from '../../electron/insight/novelty.ts'

export interface TaskSketch {
  needs?: string[]
  host?: string
  state?: TaskState
  end?: EndSketch
  log?: string
  /** Logs of good runs. */
  good?: string[]
  remedies?: RemedySpec[]
  timeoutMs?: number
}

type Outcome<T> = T extends unknown ? Omit<T, keyof Times> : never
interface Times {
  endedAt: number
  hostStartedAt: number | null
  hostEndedAt: number | null
  cpuMs: number | null
  peakBytes: number | null
}
export type EndSketch = Outcome<AttemptEnd>

export function exited(exit: number): EndSketch {
  return { outcome: 'exited', exit }
}

export function logFrom(text: string): TaskLog {
  return { attempt: 1, whole: true, lines: linesIn(Buffer.from(text), 1) }
}

/** Tasks in order; one with an `end` that is no success has failed. */
export function makeFacts(
  sketch: Record<string, TaskSketch>,
  more: {
    changes?: Change[]
    /** By host: what it was like when an attempt failed there, and in a good run. */
    hosts?: Record<string, HostSnapshot>
    hostsBefore?: Record<string, HostSnapshot>
    restless?: string[]
    state?: RunView['state']
  } = {},
): RunFacts {
  const tasks = Object.entries(sketch)
  const hasGood = tasks.some(([, one]) => one.good !== undefined)
  return {
    view: withSnapshots(viewOf(sketch, more.state ?? 'failed'), more.hosts ?? {}),
    plan: planOf(sketch),
    lastGoodRun: hasGood ? ('20260101-000000-goodgood' as RunId) : null,
    changes: more.changes ?? [],
    restless: new Set(more.restless),
    logs: new Map(tasks.map(([name, one]) => [name, logFrom(one.log ?? '')])),
    baselines: new Map(
      tasks.map(([name, one]) => [name, baselineOf((one.good ?? []).map(logFrom))]),
    ),
    hostsBefore: new Map(Object.entries(more.hostsBefore ?? {})),
  }
}

function withSnapshots(view: RunView, hosts: Record<string, HostSnapshot>): RunView {
  for (const attempt of Object.values(view.tasks).flatMap((task) => task.attempts)) {
    const snapshot = hosts[attempt.host]
    if (snapshot !== undefined) attempt.snapshot = snapshot
  }
  return view
}

/** A host that is well and says all there is to say, but for `odd`. */
export function snapshotOf(odd: Partial<HostSnapshot> = {}): HostSnapshot {
  return {
    takenAt: 1_000_000_000,
    isPrompt: true,
    clockOffsetMs: 0,
    uptimeMs: 900_000_000,
    cores: 4,
    load: [0.5, 0.4, 0.3],
    memory: { totalBytes: 16e9, availableBytes: 9e9, swapFreeBytes: 0 },
    group: null,
    oomKills: 0,
    disks: [
      {
        path: '/',
        totalBytes: 40e9,
        freeBytes: 12e9,
        inodes: 1e6,
        inodesFree: 9e5,
        readOnly: false,
      },
    ],
    limits: { 'open files': '1024' },
    processes: [{ pid: 7, user: 'etl', cpu: 3, residentBytes: 4e8, command: 'java' }],
    kernel: [],
    missing: [],
    ...odd,
  }
}

function viewOf(sketch: Record<string, TaskSketch>, state: RunView['state']): RunView {
  const tasks: RunView['tasks'] = {}
  let endedAt = 1_000
  for (const [name, one] of Object.entries(sketch)) {
    const view = newTaskView(name, null)
    const end = one.end ?? exited(0)
    view.state = one.state ?? (end.outcome === 'exited' && end.exit === 0 ? 'succeeded' : 'failed')
    endedAt += 1_000
    if (view.state === 'succeeded' || view.state === 'failed') {
      const times = {
        endedAt,
        hostStartedAt: null,
        hostEndedAt: null,
        cpuMs: null,
        peakBytes: null,
      }
      view.attempts.push({
        number: 1,
        host: one.host ?? 'edge',
        state: 'ended',
        startingAt: endedAt - 500,
        hostStartedAt: null,
        end: { ...times, ...end },
        unknownWhy: null,
        log: null,
      })
    }
    tasks[name] = view
  }
  return {
    run: '20260102-000000-badbadba' as RunId,
    pipeline: 'orders',
    environment: 'dev',
    version: 'v' as VersionId,
    params: {},
    logicalDate: null,
    cause: { kind: 'person', by: 'test' },
    state,
    createdAt: 0,
    startedAt: 0,
    endedAt,
    cancelAsked: null,
    resumes: 0,
    seq: 1,
    counts: {},
    tasks,
  }
}

function planOf(sketch: Record<string, TaskSketch>): RunPlan {
  return {
    pipeline: 'orders',
    environment: 'dev',
    version: 'v' as VersionId,
    params: {},
    logicalDate: null,
    tasks: Object.entries(sketch).map(([name, one]): PlannedTask => ({
      name,
      needs: one.needs ?? [],
      hosts: [one.host ?? 'edge'],
      run: `./${name}.sh`,
      env: {},
      timeoutMs: one.timeoutMs ?? null,
      graceMs: 10_000,
      retries: { max: 0, delayMs: 0, backoff: 'fixed', capMs: 0, jitter: 0 },
      effect: 'idempotent',
      files: [],
      inputs: {},
      outputs: {},
      remedies: one.remedies ?? [],
      codeHash: '',
    })),
  }
}
