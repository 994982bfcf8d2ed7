// The recovery plan's rules, read again slowly: each decision is held against what the run was before.
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { isRunEnd, isTaskGood } from '../../shared/run/states.ts'
import { must } from './broken.ts'

interface Resumed {
  view: RunView
  before: RunPlan
  after: RunPlan
  options: RecoveryOptions
}

export function checkDecisions(resumed: Resumed, decisions: readonly ResumeDecision[]): void {
  const { after } = resumed
  const made = new Map(decisions.map((one) => [taskKey(one.task, one.item), one] as const))
  for (const task of after.tasks) {
    const own = made.get(task.name)
    must(own !== undefined, 'a plan decides about every task', () => task.name)
    if (own !== undefined) checkOne(resumed, task, own, made)
  }
  for (const one of decisions) if (one.item !== null) checkItem(resumed, one)
}

type Made = ReadonlyMap<string, ResumeDecision>

function checkOne(resumed: Resumed, task: PlannedTask, own: ResumeDecision, made: Made): void {
  const { view, options } = resumed
  const now = view.tasks[task.name]
  const found = (): string =>
    `${task.name} was ${now?.state ?? 'absent'}: ${own.decision}, ${own.reason}`
  must(own.reason !== '', 'a decision has a reason', found)
  if (isLive(now)) return must(own.decision === 'attach', 'what lives is attached to', found)
  // In a run that goes on it has its turn still before it.
  if (now?.state === 'waiting' && !isRunEnd(view.state) && own.decision === 'attach') return
  const force = options.forced.find((one) => one.task === task.name && one.item === null)
  if (force !== undefined) {
    const isKept = force.decision === 'run' ? own.decision === 'run' : own.decision !== 'run'
    return must(isKept, 'what a person has forced is so', found)
  }
  if (task.effect === 'irreversible' && hasBegun(view, task.name))
    must(
      own.decision !== 'run' || isOfItems(own, now) || !mayHaveWorked(now),
      'what is irreversible and may have begun is not run again unasked',
      found,
    )
  checkReuse(resumed, task, own, made)
  const needs = task.needs.map((need) => made.get(need)?.decision)
  const isBad = now?.state === 'failed' || now?.state === 'cancelled'
  if (isBad && !options.only && task.effect !== 'irreversible' && now.fan === undefined)
    must(
      own.decision === 'run' || needs.includes('refuse'),
      'what failed runs again where it may',
      found,
    )
  must(own.decision !== 'attach', 'only what has not ended is attached to', found)
}

function checkReuse(resumed: Resumed, task: PlannedTask, own: ResumeDecision, made: Made): void {
  const { view, before, after, options } = resumed
  const now = view.tasks[task.name]
  if (now === undefined || !isTaskGood(now.state)) return
  const old = before.tasks.find(({ name }) => name === task.name)
  const found = (): string => `${task.name} was ${now.state}: ${own.decision}, ${own.reason}`
  const again = task.needs.filter((need) => made.get(need)?.decision === 'run')
  const isAsked = reaches(after, task.name, options)
  const isChanged = old?.codeHash !== task.codeHash
  // A set-up that was undone runs again for others, and what only needed it does not.
  const isPlain = task.setup !== true && task.teardown === undefined && task.isFinal !== true
  const undone = after.tasks.some(({ setup, name }) => setup === true && again.includes(name))
  const hasItems = now.fan !== undefined
  if (!isAsked && !isChanged && again.length === 0 && isPlain && !hasItems)
    must(own.decision === 'reuse', 'what succeeded is reused', found)
  if ((isAsked || isChanged) && !hasItems)
    must(own.decision !== 'reuse', 'what was asked for, or has changed, is not reused', found)
  // What is refused before it keeps it from running; then its old result is all there is.
  const isBarred = task.needs.some((need) => made.get(need)?.decision === 'refuse')
  if (again.length > 0 && !undone && !isBarred)
    must(own.decision !== 'reuse', 'what comes after a task that runs again is not reused', found)
}

function checkItem({ view, options, after }: Resumed, one: ResumeDecision): void {
  const now = view.tasks[taskKey(one.task, one.item)]
  const found = (): string =>
    `${taskKey(one.task, one.item)} was ${now?.state ?? 'absent'}: ${one.decision}, ${one.reason}`
  must(!isLive(now), 'what lives is attached to', found)
  const isForced = options.forced.some(
    (force) => force.task === one.task && force.item === one.item,
  )
  const task = after.tasks.find(({ name }) => name === one.task)
  if (isForced || task?.effect !== 'irreversible' || now === undefined || !began(now)) return
  must(
    one.decision !== 'run' || !mayHaveWorked(now),
    'what is irreversible and may have begun is not run again unasked',
    found,
  )
}

/** Some of its items run again; each has a decision of its own. */
function isOfItems(own: ResumeDecision, now: TaskView | undefined): boolean {
  return now?.fan !== undefined && own.anew !== true
}

// Held up or skipped, it is to be begun for the first time, whatever attempts an earlier resume has left.
function mayHaveWorked(now: TaskView | undefined): boolean {
  return now !== undefined && now.state !== 'upstream_failed' && now.state !== 'skipped'
}

function isLive(now: TaskView | undefined): boolean {
  const live = ['running', 'unknown', 'queued', 'retrying']
  return now !== undefined && live.includes(now.state)
}

function hasBegun(view: RunView, task: string): boolean {
  return Object.values(view.tasks).some((one) => one.task === task && began(one))
}

function began({ attempts }: TaskView): boolean {
  return attempts.some(({ end }) => end?.outcome !== 'not_started')
}

/** A person asked for it by name, or for all that is upstream of what was asked for. */
function reaches({ tasks }: RunPlan, name: string, { from, upstream }: RecoveryOptions): boolean {
  if (from.includes(name)) return true
  const heads = new Set(from.map((key) => key.replace(/\[\d+\]$/, '')))
  const isBefore = (one: string): boolean =>
    tasks.some((task) => task.needs.includes(one) && (heads.has(task.name) || isBefore(task.name)))
  return upstream && isBefore(name)
}
