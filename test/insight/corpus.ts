// Reads the labelled faults of test/data/rca and turns each into the facts that root cause is decided from.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Change } from '../../shared/api/views.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import { newTaskView, type RunView } from '../../shared/run/run-view.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { Baseline, RunFacts, TaskLog } from '../../electron/insight/facts.ts'
import { cleanLine } from '../../electron/insight/mask.ts'
import { baselineOf } from '../../electron/insight/novelty.ts'
import { snapshotOf } from './make-facts.ts'

export interface Label {
  fault: string
  class: string
  subtype: string
  root_task: string
  failing_task: string
  evidence_regex: string
  evidence_task: string
  host_level: boolean
  changed: string
  transient: boolean
  also_ok: string[]
  blocked_tasks: string[]
}

interface CaseTask {
  id: string
  host: string
  deps: string[]
  state: 'success' | 'failed' | 'upstream_failed'
  exit_code: number | null
  timed_out: boolean | null
  started: number | null
  duration_s: number | null
}

interface CaseRun {
  tasks: CaseTask[]
  params: Record<string, string | number>
  env: Record<string, string>
  hostFacts: string[]
  files: Record<string, string>
  commands: Record<string, string>
  logs: Record<string, string>
}

export interface Case {
  id: string
  label: Label
  runs: { h1: CaseRun; h2: CaseRun; faulty: CaseRun }
}

export function readCases(path: string | URL): Case[] {
  return JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as Case[]
}

export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function logOf(text: string): TaskLog {
  return {
    attempt: 1,
    whole: true,
    lines: linesOf(text).map((raw, index) => ({ line: index + 1, text: cleanLine(raw) })),
  }
}

function endOf(task: CaseTask): AttemptEnd {
  const endedAt = Math.round(((task.started ?? 0) + (task.duration_s ?? 0)) * 1000)
  const times = { endedAt, hostStartedAt: null, hostEndedAt: null, cpuMs: null, peakBytes: null }
  if (task.timed_out === true) return { ...times, outcome: 'timed_out', signal: 'SIGTERM' }
  return { ...times, outcome: 'exited', exit: task.exit_code ?? 0 }
}

const states = {
  success: 'succeeded',
  failed: 'failed',
  upstream_failed: 'upstream_failed',
} as const

function viewOf(run: CaseRun, id: string): RunView {
  const tasks: RunView['tasks'] = {}
  for (const task of run.tasks) {
    const view = newTaskView(task.id, null)
    view.state = states[task.state]
    if (task.state !== 'upstream_failed') {
      view.attempts.push({
        number: 1,
        host: task.host,
        state: 'ended',
        startingAt: Math.round((task.started ?? 0) * 1000),
        hostStartedAt: null,
        end: endOf(task),
        unknownWhy: null,
        log: null,
        snapshot: hostOf(run.hostFacts),
      })
    }
    tasks[task.id] = view
  }
  const failed = run.tasks.some((task) => task.state === 'failed')
  return {
    run: id as RunId,
    pipeline: 'case',
    environment: 'dev',
    version: 'v' as VersionId,
    params: run.params,
    logicalDate: null,
    cause: { kind: 'person', by: 'test' },
    state: failed ? 'failed' : 'succeeded',
    createdAt: 0,
    startedAt: 0,
    endedAt: 0,
    cancelAsked: null,
    resumes: 0,
    seq: 1,
    counts: {},
    tasks,
  }
}

function planOf(run: CaseRun): RunPlan {
  return {
    pipeline: 'case',
    environment: 'dev',
    version: 'v' as VersionId,
    params: run.params,
    logicalDate: null,
    tasks: run.tasks.map((task) => ({
      name: task.id,
      needs: task.deps,
      hosts: [task.host],
      run: run.commands[task.id] ?? `bash ${task.id}.sh`,
      env: {},
      timeoutMs: 60_000,
      graceMs: 3000,
      retries: { max: 0, delayMs: 0, backoff: 'fixed', capMs: 0, jitter: 0 },
      effect: 'idempotent',
      files: [],
      inputs: {},
      outputs: {},
      remedies: [],
      codeHash: '',
    })),
  }
}

function changesOf(before: CaseRun, after: CaseRun): Change[] {
  const changes: Change[] = []
  type Values = Readonly<Record<string, string | number>>
  const diff = (what: 'param' | 'env' | 'script', old: Values, now: Values): void => {
    for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const [a, b] = [String(old[name] ?? ''), String(now[name] ?? '')]
      if (a === b || name.startsWith('PARAM_')) continue
      const stem = name.replace(/\.\w+$/, '')
      const task = what === 'script' && after.tasks.some((one) => one.id === stem) ? stem : null
      changes.push({ what, task, name, before: a, after: b })
    }
  }
  diff('param', before.params, after.params)
  diff('env', before.env, after.env)
  diff('script', before.files, after.files)
  return changes
}

// The out-of-memory counters and fill levels that the export noted right after the run.
function hostOf(facts: readonly string[]): HostSnapshot {
  let oomKills = 0
  for (const line of facts) {
    const kills = /oom_kill (\d+)$/.exec(line)
    if (kills !== null) oomKills = Math.max(oomKills, Number(kills[1]))
    const refusals = /memory\.failcnt:(\d+)$/.exec(line)
    if (refusals !== null && Number(refusals[1]) > 0) oomKills = Math.max(oomKills, 1)
  }
  return snapshotOf({ oomKills })
}

/** The facts of one run of a case against the good runs named. */
export function factsOf(
  one: Case,
  which: 'faulty' | 'h1' | 'h2',
  good: readonly ('h1' | 'h2')[],
): RunFacts {
  const run = one.runs[which]
  const logs = new Map(Object.entries(run.logs).map(([task, text]) => [task, logOf(text)]))
  const baselines = new Map<string, Baseline>()
  for (const { id } of run.tasks) {
    const texts = good.map((name) => one.runs[name].logs[id]).filter((text) => text !== undefined)
    baselines.set(id, baselineOf(texts.map(logOf)))
  }
  const last = good[0]
  return {
    view: viewOf(run, which),
    plan: planOf(run),
    lastGoodRun: last === undefined ? null : (last as string as RunId),
    restless: new Set(),
    changes: last === undefined ? [] : changesOf(one.runs[last], run),
    logs,
    baselines,
    hostsBefore: new Map(),
  }
}
