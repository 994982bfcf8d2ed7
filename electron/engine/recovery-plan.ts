// The recovery plan: what a resume will reuse, run again, attach to or refuse, each with its reason. Pure.
//   1  What succeeded is reused, unless it is asked for, its work changed, or something upstream runs again.
//   2  What failed, was held up or was cancelled runs again.
//   3  What lives, or whose outcome is not known, is attached to: never a second copy.
//   4  What is irreversible and may have begun is refused, and so is all that needs it.
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { assertNever } from '../../shared/run/states.ts'
import { endInWords } from './words.ts'

export interface RecoveryQuestion {
  view: RunView
  /** The plan the run has. */
  before: RunPlan
  /** The plan to go on with: the same, or one made of the present files. */
  after: RunPlan
  /** Run this task and all downstream of it again; null: from the point of failure. */
  from: string | null
}

/** One decision per task of `after`, in its order. */
export function planRecovery(question: RecoveryQuestion): ResumeDecision[] {
  const { view, before, after, from } = question
  const plannedBefore = new Map(before.tasks.map((task) => [task.name, task]))
  const decided = new Map<string, ResumeDecision>()
  for (const task of inOrder(after.tasks)) {
    const upstream = task.needs.map((need) => decided.get(need)).filter((one) => one !== undefined)
    const own = decideOwn(task, view.tasks[task.name], plannedBefore.get(task.name), from)
    decided.set(task.name, joinUpstream(own, task, upstream))
  }
  return after.tasks.map((task) => {
    const decision = decided.get(task.name)
    if (decision === undefined) throw new Error(`No decision for ${task.name}`)
    return decision
  })
}

/** Something runs again, so a resume makes sense. */
export function changesAnything(decisions: readonly ResumeDecision[]): boolean {
  return decisions.some((one) => one.decision === 'run')
}

function decideOwn(
  task: PlannedTask,
  now: TaskView | undefined,
  before: PlannedTask | undefined,
  from: string | null,
): ResumeDecision {
  if (now === undefined || before === undefined) return run(task, 'is new in this version')
  switch (now.state) {
    case 'running':
    case 'queued':
    case 'retrying':
      return decision(task, 'attach', `is ${now.state}${onHost(now)}`)
    case 'unknown':
      return decision(task, 'attach', `may still run${onHost(now)}: its outcome is not known`)
    case 'succeeded':
    case 'reused':
      return decideGood(task, now, before, from)
    case 'failed':
      return decideFailed(task, now)
    case 'upstream_failed':
      return run(task, `was held up: ${now.why}`)
    case 'cancelled':
      return now.attempts.length === 0
        ? run(task, 'was cancelled before it started')
        : decideFailed(task, now)
    case 'skipped':
      return run(task, `was skipped: ${now.why}`)
    case 'waiting':
      return run(task, 'has not run yet')
    default:
      return assertNever(now.state)
  }
}

function decideGood(
  task: PlannedTask,
  now: TaskView,
  before: PlannedTask,
  from: string | null,
): ResumeDecision {
  if (from === task.name) return mayRepeat(task, now, 'was asked for')
  const changed = whatChanged(before, task)
  if (changed !== '') return mayRepeat(task, now, `succeeded, but ${changed}`)
  return decision(task, 'reuse', `succeeded${onHost(now)}`)
}

function decideFailed(task: PlannedTask, now: TaskView): ResumeDecision {
  const end = now.attempts.at(-1)?.end ?? null
  const words = end === null ? now.why : endInWords(end)
  return mayRepeat(task, now, words.startsWith(now.state) ? words : `${now.state}: ${words}`)
}

// Rule 4. An attempt that never started did nothing.
function mayRepeat(task: PlannedTask, now: TaskView, reason: string): ResumeDecision {
  const began = now.attempts.some(
    (attempt) => attempt.end === null || attempt.end.outcome !== 'not_started',
  )
  if (task.effect === 'irreversible' && began) {
    return decision(task, 'refuse', `${reason}; its effect is irreversible and it may have begun`)
  }
  return run(task, reason)
}

function joinUpstream(
  own: ResumeDecision,
  task: PlannedTask,
  upstream: readonly ResumeDecision[],
): ResumeDecision {
  if (own.decision === 'attach' || own.decision === 'refuse') return own
  const refused = upstream.find((one) => one.decision === 'refuse')
  if (refused !== undefined) {
    if (own.decision === 'reuse') return own
    return decision(task, 'refuse', `needs ${refused.task}, which is refused`)
  }
  if (own.decision === 'run') return own
  const again = upstream.find((one) => one.decision === 'run')
  if (again === undefined) return own
  if (task.effect === 'irreversible') {
    return decision(
      task,
      'refuse',
      `needs ${again.task}, which runs again, but its own effect is irreversible`,
    )
  }
  return run(task, `needs ${again.task}, which runs again`)
}

/** Names the first thing that differs; empty when the work is the same. */
function whatChanged(before: PlannedTask, after: PlannedTask): string {
  if (before.codeHash === after.codeHash) return ''
  if (before.run !== after.run) return 'its command changed'
  for (const file of after.files) {
    const old = before.files.find((one) => one.path === file.path)
    if (old === undefined || old.sha256 !== file.sha256) return `${file.path} changed`
  }
  for (const [name, value] of Object.entries(after.env)) {
    if (before.env[name] !== value) return `its variable ${name} changed`
  }
  if (before.hosts.join() !== after.hosts.join())
    return `its host changed to ${after.hosts.join(', ')}`
  return 'its definition changed'
}

function inOrder(tasks: readonly PlannedTask[]): PlannedTask[] {
  const byName = new Map(tasks.map((task) => [task.name, task]))
  const unmet = new Map(tasks.map((task) => [task.name, task.needs.length]))
  const downstream = new Map<string, string[]>()
  for (const task of tasks) {
    for (const need of task.needs) {
      const list = downstream.get(need)
      if (list === undefined) downstream.set(need, [task.name])
      else list.push(task.name)
    }
  }
  const order = tasks.filter((task) => task.needs.length === 0)
  for (const task of order) {
    for (const next of downstream.get(task.name) ?? []) {
      const left = (unmet.get(next) ?? 0) - 1
      unmet.set(next, left)
      const ready = byName.get(next)
      if (left === 0 && ready !== undefined) order.push(ready)
    }
  }
  return order
}

function onHost(task: TaskView): string {
  const attempt = task.attempts.at(-1)
  return attempt === undefined ? '' : ` on ${attempt.host} (attempt ${attempt.number})`
}

function run(task: PlannedTask, reason: string): ResumeDecision {
  return decision(task, 'run', reason)
}

function decision(
  task: PlannedTask,
  what: ResumeDecision['decision'],
  reason: string,
): ResumeDecision {
  return { task: task.name, item: null, decision: what, reason }
}
