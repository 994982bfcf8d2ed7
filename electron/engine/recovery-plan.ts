// The recovery plan: what a resume will reuse, run again, attach to or refuse, each with its reason. Pure.
//   1  What succeeded is reused, unless it is asked for, its work changed, or something upstream runs again.
//   2  What failed, was held up or was cancelled runs again; what was skipped is decided again when something before it is.
//   3  What lives, or whose outcome is not known, is attached to: never a second copy.
//   4  What is irreversible and may have begun is refused, and so is all that needs it. A person may force it, with a reason.
//   5  Of a fan-out only those items run again that have to; of a sub-pipeline only what has to, in the run that it had.
//   6  What a tear-down has undone is set up again for whoever needs it; that alone runs nothing else again.
import { isDeepStrictEqual } from 'node:util'
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { downstreamOf, graphOf, topologicalOrder, upstreamOf } from '../../shared/graph/graph.ts'
import type { Graph } from '../../shared/graph/graph.ts'
import { isRunEnd, isTaskGood } from '../../shared/run/states.ts'
import { decideHead } from './recovery-items.ts'
import type { Fanned } from './recovery-items.ts'
import { decideOwn, decideRepeat, hasBegun } from './recovery-own.ts'
import type { Asked, Own } from './recovery-own.ts'
import { judgeRun } from './verdict.ts'

export interface RecoveryQuestion {
  view: RunView
  /** The plan the run has. */
  before: RunPlan
  /** The plan to go on with: the same, or one made of the present files. */
  after: RunPlan
  options: RecoveryOptions
}

/**
 * One decision per task of `after`, in its order. After a fan-out that goes on come its items, as far as they run again or
 * are refused.
 */
export function planRecovery(question: RecoveryQuestion): ResumeDecision[] {
  const { after } = question
  const graph = graphOf(after.tasks)
  const taskByName = new Map(after.tasks.map((task) => [task.name, task]))
  const order = topologicalOrder(graph).flatMap((name) => taskByName.get(name) ?? [])
  const asked = whatIsAsked(question, graph)
  let decided = decideAll(question, order, asked)
  // Set-ups that are wanted again may have set-ups of their own, so this is asked until nothing new comes of it.
  for (let wanted = undoneSetups(question, graph, decided); wanted.size > 0;) {
    for (const [name, why] of wanted) asked.undone.set(name, why)
    decided = decideAll(question, order, asked)
    wanted = undoneSetups(question, graph, decided)
    for (const name of asked.undone.keys()) wanted.delete(name)
  }
  return after.tasks.flatMap((task) => {
    const own = decided.get(task.name)
    if (own === undefined) throw new Error(`No decision for ${task.name}`)
    return [own.decision, ...own.items]
  })
}

/** A resume makes sense: something runs again, or as people have marked its tasks by now the run ends otherwise. */
export function changesAnything(
  { view, after }: Pick<RecoveryQuestion, 'view' | 'after'>,
  decisions: readonly ResumeDecision[],
): boolean {
  if (decisions.some((one) => one.decision === 'run')) return true
  // What may not run again counts as it is; what is new and may not run has no end yet.
  const isCounted = ({ task, item, decision }: ResumeDecision): boolean =>
    decision === 'reuse' || (decision === 'refuse' && view.tasks[taskKey(task, item)] !== undefined)
  if (!isRunEnd(view.state) || !decisions.every(isCounted)) return false
  return judgeRun({ view, plan: after }) !== view.state
}

interface Decided {
  decision: ResumeDecision
  items: ResumeDecision[]
  /** It runs again only because a tear-down has undone it. */
  isUndone: boolean
}

interface AskedFor extends Asked {
  /** Set-up task -> why it is wanted again. */
  undone: Map<string, string>
}

function whatIsAsked({ view, before, after, options }: RecoveryQuestion, graph: Graph): AskedFor {
  const reasons = new Map<string, string>()
  for (const key of options.from) reasons.set(key, 'was asked for')
  if (options.upstream) {
    const heads = options.from.map((key) => key.replace(/\[\d+\]$/, ''))
    for (const name of upstreamOf(graph, ...heads))
      if (!reasons.has(name)) reasons.set(name, 'was asked for, being upstream')
  }
  const forced = new Map(options.forced.map((one) => [taskKey(one.task, one.item), one] as const))
  return {
    reasons,
    forced,
    only: options.only,
    isLive: !isRunEnd(view.state),
    hasOtherParams: !isDeepStrictEqual(before.params, after.params),
    undone: new Map(),
  }
}

function decideAll(
  question: RecoveryQuestion,
  order: readonly PlannedTask[],
  asked: AskedFor,
): Map<string, Decided> {
  const { view, before } = question
  const planned = new Map(before.tasks.map((task) => [task.name, task]))
  const decided = new Map<string, Decided>()
  const finals = order.filter((task) => task.isFinal === true)
  for (const task of order) if (task.isFinal !== true) decideOne(task)
  const again = [...decided.values()].find(({ decision }) => decision.decision === 'run')
  for (const task of finals) decideOne(task, again?.decision.task)
  return decided

  function decideOne(task: PlannedTask, first?: string): void {
    const now = view.tasks[task.name]
    const runs = [now, ...(now?.fan?.list ?? []).map((_, at) => view.tasks[taskKey(task.name, at)])]
    const began = runs.some((one) => one !== undefined && hasBegun(one))
    const own: Own = { task, now, before: planned.get(task.name), began }
    const upstream = task.needs.flatMap((need) => decided.get(need) ?? [])
    decided.set(task.name, join(view, own, upstream, asked, first))
  }
}

// What the task itself says, then what comes from upstream, then what a person has forced.
function join(
  view: RunView,
  own: Own,
  upstream: readonly Decided[],
  asked: AskedFor,
  finalFor: string | undefined,
): Decided {
  const { task } = own
  const force = asked.forced.get(task.name)
  const plain = isFannedOut(own.now)
    ? decideHead({ ...own, now: own.now }, view, asked)
    : { decision: decideOwn(own, asked), items: [] }
  const isLive = plain.decision.decision === 'attach'
  if (force !== undefined && !isLive) return forcedDecision(own, force)
  const undone = asked.undone.get(task.name)
  const joined = joinUpstream(own, plain, upstream, finalFor)
  if (undone !== undefined && joined.decision.decision === 'reuse')
    return { decision: decideRepeat(own, undone), items: [], isUndone: true }
  return joined
}

function joinUpstream(
  own: Own,
  plain: { decision: ResumeDecision; items: ResumeDecision[] },
  upstream: readonly Decided[],
  finalFor: string | undefined,
): Decided {
  const { task, now } = own
  const { decision } = plain
  const same = { ...plain, isUndone: false }
  if (decision.decision === 'attach' || decision.decision === 'refuse') return same
  const refused = upstream.find((one) => one.decision.decision === 'refuse')
  const isStrict = (task.trigger ?? 'all_success') === 'all_success'
  if (refused !== undefined && isStrict && task.teardown === undefined) {
    if (decision.decision === 'reuse') return same
    const reason = `needs ${refused.decision.task}, which is refused`
    return { decision: { ...decision, decision: 'refuse', reason }, items: [], isUndone: false }
  }
  const again = upstream.find(
    (one) => one.decision.decision === 'run' && (!one.isUndone || task.teardown !== undefined),
  )
  const name = again?.decision.task ?? finalFor
  if (name === undefined) return same
  const reason =
    again === undefined ? `comes last, and ${name} runs again` : `needs ${name}, which runs again`
  // All of a list, all of a sub-pipeline: what they were made from is made anew.
  if (decision.decision === 'run' && !isFannedOut(now) && task.child === undefined) return same
  if (again === undefined && decision.decision === 'run') return same
  return { decision: { ...decideRepeat(own, reason), ...anewOf(own) }, items: [], isUndone: false }
}

function forcedDecision(own: Own, force: { decision: 'run' | 'leave'; reason: string }): Decided {
  const name = { task: own.task.name, item: null }
  const why = force.reason === '' ? '' : `: ${force.reason}`
  if (force.decision === 'run') {
    const decision = { ...name, decision: 'run' as const, reason: `forced${why}`, ...anewOf(own) }
    return { decision, items: [], isUndone: false }
  }
  const decision = isTaskGood(own.now?.state ?? 'waiting')
    ? ('reuse' as const)
    : ('refuse' as const)
  // Its items with it: one that was taken back alone would wait for a head that has ended.
  return {
    decision: { ...name, decision, reason: `left as it is${why}` },
    items: [],
    isUndone: false,
  }
}

function anewOf({ task, now }: Own): { anew?: true } {
  return isFannedOut(now) || task.child !== undefined ? { anew: true } : {}
}

function isFannedOut(now: TaskView | undefined): now is Fanned {
  return now?.fan !== undefined
}

// Rule 6.
function undoneSetups(
  { view, after }: RecoveryQuestion,
  graph: Graph,
  decided: ReadonlyMap<string, Decided>,
): Map<string, string> {
  const wanted = new Map<string, string>()
  for (const { name, teardown } of after.tasks) {
    if ((view.tasks[name]?.attempts.length ?? 0) === 0) continue
    const past = downstreamOf(graph, name)
    for (const setup of teardown?.of ?? []) {
      if (decided.get(setup)?.decision.decision !== 'reuse') continue
      const user = [...downstreamOf(graph, setup)].find(
        (one) => one !== name && !past.has(one) && decided.get(one)?.decision.decision === 'run',
      )
      if (user !== undefined) wanted.set(setup, `${name} has undone it, and ${user} needs it again`)
    }
  }
  return wanted
}
