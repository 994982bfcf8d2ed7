// What must hold: at every moment, and over the whole history of a run read again by slow rules of its own.
import { isDeepStrictEqual } from 'node:util'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { foldEvent, newRunView } from '../../shared/run/fold.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'
import { isRunEnd, isTaskEnd, TASK_MOVES } from '../../shared/run/states.ts'
import type { TaskState } from '../../shared/run/states.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { KilledAfterCommit } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'
import { HOSTS } from './random-case.ts'
import type { SimCase } from './random-case.ts'
import { expectedFor } from './rule-oracle.ts'

export function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`Broken: ${promise}`)
}

export function allRuns(world: World): RunId[] {
  return world.store.db.prepare<[], RunId>('select run from run order by run').pluck().all()
}

/** Between two acts. */
export function checkNow(world: World, sim: SimCase): void {
  const bug = world.fatal.find((error) => !(error instanceof KilledAfterCommit))
  must(bug === undefined, `no fatal error: ${bug instanceof Error ? bug.stack : String(bug)}`)
  for (const name of HOSTS) {
    const host = world.host(name)
    must(host.liveMax <= sim.slots, `slots of ${name}: ${host.liveMax} > ${sim.slots}`)
    for (const [key, count] of host.starts) must(count === 1, `${key} was started ${count} times`)
  }
  const used = world.engine.poolLoad('pool').used
  must(
    sim.poolSlots === null || used <= sim.poolSlots,
    `slots of the pool: ${used} > ${sim.poolSlots ?? 0}`,
  )
  checkCopies(world)
  if (world.fatal.length > 0) return
  let held = 0
  const hasFences = world.store.db.prepare('select 1 from fence').get() !== undefined
  for (const run of allRuns(world)) {
    const live = world.engine.live(run)
    // Of a run that has ended only copies under a fence may hold anything.
    if (live === null && !hasFences) continue
    const view = live ?? world.view(run)
    const plan = planOf(world, run)
    for (const task of Object.values(view.tasks)) {
      const open = task.attempts.filter((attempt) => attempt.state !== 'ended').length
      must(open <= 1, `${taskKey(task.task, task.item)} has ${open} live attempts`)
      const weight = plannedOf(plan, task.task)?.semaphores?.['db'] ?? 0
      held += weight * (open + task.attempts.filter(keepsWeights).length)
    }
    const { retryBudget } = plan
    must(
      retryBudget === undefined || (view.retries ?? 0) <= retryBudget,
      `retries of ${run}: ${view.retries ?? 0} > ${retryBudget ?? 0}`,
    )
    if (live === null) continue
    checkFans(view, plan)
    checkNobodyForgotten(view, plan)
  }
  must(held <= sim.semaphoreSlots, `the semaphore: ${held} > ${sim.semaphoreSlots}`)
}

// Given up and not proved gone; one that was failed over is stopped by its lease.
function keepsWeights({ end, fenced }: AttemptView): boolean {
  return fenced === null && end?.outcome === 'lost' && end.cause !== 'failed_over'
}

const plans = new WeakMap<World, Map<RunId, RunPlan>>()

// A life never changes a plan, and reading it is most of what a look costs.
function planOf(world: World, run: RunId): RunPlan {
  let known = plans.get(world)
  if (known === undefined) plans.set(world, (known = new Map()))
  let plan = known.get(run)
  if (plan === undefined) known.set(run, (plan = world.stored(run).plan))
  return plan
}

/** With a lease, no two copies of one task run live at once, whatever the engine thinks of them. */
function checkCopies(world: World): void {
  const leased = new Map<string, string>()
  for (const name of HOSTS) {
    for (const [key, { order, end }] of world.host(name).attempts) {
      if (end !== null || order.leaseMs === null) continue
      const { run, task, item, number } = parseAttemptKey(key)
      // Whoever gives up an attempt and resumes the run vouches that the copy is dead.
      const told = world.stored(run).view.tasks[taskKey(task, item)]?.attempts[number - 1]?.end
      if (told?.outcome === 'lost' && told.cause === 'given_up') continue
      const of = `${run} ${taskKey(task, item)}`
      const before = leased.get(of)
      must(before === undefined, `two live copies of ${of}: ${before} and ${key}`)
      leased.set(of, key)
    }
  }
}

function checkFans(view: RunView, plan: RunPlan): void {
  for (const { name, fanOut } of plan.tasks) {
    const head = view.tasks[name]
    if (fanOut === undefined || head?.fan === undefined) continue
    const states = head.fan.list.map((_, at) => view.tasks[taskKey(name, at)]?.state ?? 'waiting')
    const counts: Partial<Record<TaskState, number>> = {}
    for (const state of states) counts[state] = (counts[state] ?? 0) + 1
    must(isDeepStrictEqual({ ...head.fan.counts }, counts), `counts of ${name}`)
    const live = states.filter((state) => state !== 'waiting' && !isTaskEnd(state)).length
    must(fanOut.maxParallel === null || live <= fanOut.maxParallel, `max_parallel of ${name}`)
  }
}

/** Whatever may begin has begun: no task run waits for something that has happened. */
function checkNobodyForgotten(view: RunView, plan: RunPlan): void {
  if (view.paused !== undefined || view.cancelAsked !== null || view.stopAsked !== undefined) return
  const stateOf = (task: string): TaskState => view.tasks[task]?.state ?? 'waiting'
  for (const task of plan.tasks) {
    const now = view.tasks[task.name]
    if (now?.state !== 'waiting' || now.held !== undefined) continue
    if (task.isFinal === true || task.teardown !== undefined) continue
    // A condition may be decided before the engine sees it: it looks at its parts, not at every way they could end.
    const isOpen = task.needs.some((need) => !isTaskEnd(stateOf(need)))
    if (typeof task.trigger === 'object' && isOpen) continue
    const expected = expectedFor(task, stateOf)
    must(
      expected === null || expected === 'wait',
      `${task.name} waits although it should ${expected}: ${task.needs.map(stateOf).join(' ')}`,
    )
  }
}

function plannedOf(plan: RunPlan, name: string): PlannedTask | undefined {
  return plan.tasks.find((task) => task.name === name)
}

/** The whole event log of an ended run, read again. */
export function checkHistory(world: World, run: RunId): void {
  const events = world.events(run)
  const { view: stored, plan } = world.stored(run)
  const first = events[0]
  if (first?.kind !== 'run.created') throw new Error('Broken: the first event creates the run')
  const view = newRunView(
    first,
    plan.tasks.map(({ name }) => name),
  )
  const states = new Map<string, TaskState>()
  for (const event of events) {
    must(event.at >= first.at, 'time goes on')
    checkBegin(view, plan, event)
    foldEvent(view, event)
    if (!('task' in event)) continue
    for (const task of touched(view, event)) {
      const key = taskKey(task.task, task.item)
      const before = states.get(key) ?? 'waiting'
      if (before !== task.state && event.kind !== 'task.expanded' && event.kind !== 'task.reset')
        must(TASK_MOVES[before].includes(task.state), `${key}: ${before} to ${task.state}`)
      states.set(key, task.state)
    }
  }
  must(
    isDeepStrictEqual(
      { ...view, tasks: { ...view.tasks } },
      { ...stored, tasks: { ...stored.tasks } },
    ),
    'the tables are the fold of the events',
  )
  must(isRunEnd(view.state), `${run} ended (${view.state})`)
  for (const task of Object.values(view.tasks)) {
    const key = taskKey(task.task, task.item)
    must(isTaskEnd(task.state), `${key} ended (${task.state})`)
    for (const attempt of task.attempts) must(attempt.log !== null, `the log of ${key} is closed`)
  }
  const counts: RunView['counts'] = {}
  for (const task of Object.values(view.tasks))
    if (task.fan === undefined) counts[task.state] = (counts[task.state] ?? 0) + 1
  must(isDeepStrictEqual({ ...view.counts }, counts), `counts of ${run}`)
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
function checkBegin(view: RunView, plan: RunPlan, event: RunEvent): void {
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
        `${event.task} began while held back`,
      )
      if (task.isFinal === true) return checkFinal(view, plan, task)
      if (task.teardown !== undefined)
        return must(
          task.needs.every((need) => isTaskEnd(stateOf(need))),
          `${event.task} tore down too early`,
        )
      const expected = expectedFor(task, stateOf)
      return must(
        expected === null || expected === 'run',
        `${event.task} began although it should ${expected}: ${task.needs.map(stateOf).join(' ')}`,
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
        `${event.task} ended ${event.state} although it should ${expected}: ${task.needs.map(stateOf).join(' ')}`,
      )
    }
    default:
  }
}

function checkFinal(view: RunView, plan: RunPlan, task: PlannedTask): void {
  const open = plan.tasks.find(
    ({ name, isFinal }) => isFinal !== true && !isTaskEnd(view.tasks[name]?.state ?? 'waiting'),
  )
  must(open === undefined, `${task.name} comes last, and ${open?.name ?? ''} has not ended`)
}
