// What must hold over the whole history of a run that has ended, read again by slow rules of its own.
import { isDeepStrictEqual } from 'node:util'
import { loadPlan } from '../../electron/store/run-queries.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { foldEvent, newRunView } from '../../shared/run/fold.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { isRunEnd, isTaskEnd, TASK_MOVES } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { must } from './broken.ts'
import type { Life } from './life.ts'
import { checkFolds, plannedOf } from './promises.ts'
import { checkResumed, newResumed } from './resume-promises.ts'
import { expectedFor } from './rule-oracle.ts'
import type { SimCase } from './sim-case.ts'

export function checkHistory(life: Life, run: RunId): void {
  const { world } = life
  checkFolds(life, run)
  const events = world.events(run)
  const first = events[0]
  if (first?.kind !== 'run.created') return
  const planOf = (version: RunView['version']): RunPlan => {
    const plan = loadPlan(world.store.db, run, version)
    if (plan === null) throw new Error(`No plan for ${version}`)
    return plan
  }
  let plan = planOf(first.version)
  const view = newRunView(
    first,
    plan.tasks.map(({ name }) => name),
  )
  const states = new Map<string, TaskState>()
  const resumed = newResumed()
  const unbound = askedFor(life.sim)
  for (const event of events) {
    life.tally.add(`event ${event.kind}`)
    if (!life.hasStepped) must(event.at >= view.createdAt, 'time goes on')
    if (event.kind === 'run.resumed') plan = planOf(event.version)
    checkBegin(view, plan, event, unbound)
    noteBegun(unbound, event)
    checkAttempt(view, plan, event)
    checkResumed(resumed, view, plan, event)
    foldEvent(view, event)
    if ('task' in event) checkMoves(view, event, states)
  }
  checkEnded(view)
  life.tally.add(`run ${view.state}`)
}

/** By name: what a person asks for runs, whatever a branch chose. The reason that a plan tells may be another one. */
function askedFor({ deeds }: SimCase): Set<string> {
  const names = deeds.flatMap((deed) => {
    if (deed.do !== 'resume') return []
    const { from, forced } = deed.options
    return [...from.map((key) => parseTaskKey(key).task), ...forced.map(({ task }) => task)]
  })
  return new Set(names)
}

/** What has begun once was not left out by a branch: a resume takes it up whatever was chosen since. */
function noteBegun(names: Set<string>, event: RunEvent): void {
  const { kind } = event
  const isBegin =
    kind === 'task.queued' ||
    kind === 'task.expanded' ||
    kind === 'task.child' ||
    kind === 'approval.asked'
  if (isBegin && (!('item' in event) || event.item === null)) names.add(event.task)
}

function checkMoves(
  view: RunView,
  event: Extract<RunEvent, { task: string }>,
  states: Map<string, TaskState>,
): void {
  for (const task of touched(view, event)) {
    const key = taskKey(task.task, task.item)
    const before = states.get(key) ?? 'waiting'
    if (before !== task.state && event.kind !== 'task.expanded' && event.kind !== 'task.reset')
      must(
        TASK_MOVES[before].includes(task.state),
        'no terminal state is left, and moves are legal',
        () => `${key}: ${before} to ${task.state}`,
      )
    states.set(key, task.state)
  }
}

function checkEnded(view: RunView): void {
  must(isRunEnd(view.state), 'everything ends', () => `run ${view.state}`)
  const counts: RunView['counts'] = {}
  for (const task of Object.values(view.tasks)) {
    const key = taskKey(task.task, task.item)
    must(isTaskEnd(task.state), 'everything ends', () => `${key} ${task.state}`)
    for (const attempt of task.attempts) {
      must(
        attempt.state === 'ended',
        'everything ends',
        () => `attempt ${attempt.number} of ${key}`,
      )
      must(attempt.log !== null, 'each log is closed', () => key)
    }
    if (task.fan === undefined) counts[task.state] = (counts[task.state] ?? 0) + 1
  }
  must(isDeepStrictEqual({ ...view.counts }, counts), 'a run counts its task runs')
}

function touched(view: RunView, event: Extract<RunEvent, { task: string }>): TaskView[] {
  const key = taskKey(event.task, 'item' in event ? event.item : null)
  const own = view.tasks[key]
  if (own === undefined) return []
  if (event.kind !== 'task.expanded' && event.kind !== 'task.reset') return [own]
  return [
    own,
    ...(own.fan?.list ?? []).flatMap((_, at) => view.tasks[taskKey(event.task, at)] ?? []),
  ]
}

/** Nothing begins, and nothing is given up, but as the rules say. */
function checkBegin(
  view: RunView,
  plan: RunPlan,
  event: RunEvent,
  /** Whom no branch leaves out any more. */
  unbound: ReadonlySet<string>,
): void {
  if (!('task' in event) || !('item' in event) || event.item !== null) return
  const now = view.tasks[event.task]
  const task = plannedOf(plan, event.task)
  if (task === undefined || now?.state !== 'waiting') return
  const stateOf = (name: string): TaskState => view.tasks[name]?.state ?? 'waiting'
  switch (event.kind) {
    case 'task.queued':
    case 'task.expanded':
    case 'task.child':
    case 'approval.asked': {
      must(
        view.paused === undefined && now.held === undefined,
        'nothing begins while it is held back',
        () => event.task,
      )
      if (task.isFinal === true) return checkFinal(view, plan, task)
      if (!unbound.has(event.task)) checkChosen(view, plan, task)
      if (task.teardown !== undefined)
        return must(
          task.needs.every((need) => isTaskEnd(stateOf(need))),
          'a tear-down waits for all that it needs',
          () => event.task,
        )
      const expected = expectedFor(task, stateOf)
      return must(
        expected === null || expected === 'run',
        'nothing begins but as its rule says',
        () => `${event.task} should ${expected}: ${task.needs.map(stateOf).join(' ')}`,
      )
    }
    case 'task.ended': {
      if (task.isFinal === true || task.teardown !== undefined) return
      if (!/^(needs (?!its set-up)|its rule|its condition on)/.test(event.why)) return
      const expected = expectedFor(task, stateOf)
      const told =
        event.state === 'cancelled' && view.cancelAsked !== null ? 'upstream_failed' : event.state
      return must(
        expected === null || expected === told,
        'nothing is given up but as its rule says',
        () =>
          `${event.task} ${event.state}, should ${expected}: ${task.needs.map(stateOf).join(' ')}`,
      )
    }
    default:
  }
}

/** A choice stands for as long as who made it stays as it is. */
function checkChosen(view: RunView, plan: RunPlan, { name, needs }: PlannedTask): void {
  for (const need of needs) {
    const chooser = view.tasks[need]
    const { branch } = plannedOf(plan, need) ?? {}
    if (branch === undefined || chooser?.state !== 'succeeded' || chooser.marked !== undefined)
      continue
    const end = chooser.attempts.at(-1)?.end
    const values = end?.outcome === 'exited' ? (end.values ?? {}) : {}
    const isChosen = (one: PlannedTask): boolean =>
      one.needs.includes(need) &&
      (branch.choose.includes('outputs.go') ? values['go'] === true : values['next'] === one.name)
    // What a chosen one leads to as well goes on.
    must(
      [name, ...before(plan, name)].some((one) => isChosen(plannedOf(plan, one)!)),
      'nothing begins that a branch left out',
      () => `${name}, left out by ${need}`,
    )
  }
}

function before(plan: RunPlan, name: string, found = new Set<string>()): Set<string> {
  for (const need of plannedOf(plan, name)?.needs ?? []) {
    if (found.has(need)) continue
    found.add(need)
    before(plan, need, found)
  }
  return found
}

function checkFinal(view: RunView, plan: RunPlan, task: PlannedTask): void {
  const open = plan.tasks.find(
    ({ name, isFinal }) => isFinal !== true && !isTaskEnd(view.tasks[name]?.state ?? 'waiting'),
  )
  must(open === undefined, 'final tasks come last', () => `${task.name} before ${open?.name ?? ''}`)
}

/** Attempts are numbered without holes, never beside each other, and never more than the retries allow. */
function checkAttempt(view: RunView, plan: RunPlan, event: RunEvent): void {
  if (event.kind !== 'attempt.starting') return
  const key = taskKey(event.task, event.item)
  const task = view.tasks[key]
  const planned = plannedOf(plan, event.task)
  const before = task?.attempts ?? []
  const found = (): string => `attempt ${event.number} of ${key}`
  must(event.number === before.length + 1, 'E3: attempts are numbered one by one', found)
  must(
    before.every(({ state }) => state === 'ended'),
    'at most one live attempt per task run',
    found,
  )
  const made = event.number - (task?.attemptsBefore ?? 0)
  must(made <= 1 + (planned?.retries.max ?? 0), 'no more retries than are allowed', found)
  const last = before.at(-1)
  const isFirst = last === undefined || made === 1
  must(
    planned?.effect !== 'irreversible' || isFirst || last.end?.outcome === 'not_started',
    'what is irreversible and may have begun is not tried again',
    found,
  )
  must(planned?.hosts.includes(event.host) === true, 'an attempt goes to a host of its task', found)
}
