// What follows from what was decided: each task run is looked at when something that it waits for has changed, never by
// looking at all (E6). Nothing here calls itself: chains may be 100,000 long.
import { isTaskBad } from '../../shared/run/states.ts'
import { waitRetry } from './attempts.ts'
import { begin, isPerItem, skippedByWhen } from './begin.ts'
import { endTask, endUnbegun } from './end-task.ts'
import { endSucceeded } from './branches.ts'
import { parentOf } from './children.ts'
import { emit, emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { advanceFan, expandFanOut } from './fan-out.ts'
import { stopIfDue } from './hold.ts'
import { budgetOf } from './judge-attempt.ts'
import { retryDelayMs } from './retry.ts'
import { isCancelled, isCleanUp, isHeldBack, isStopping } from './said.ts'
import type { LiveRun, LiveTask } from './state.ts'
import { countNeed } from './trigger-rule.ts'
import { leaveLanes } from './lanes.ts'
import { judgeRun, judgeTask, whyNot } from './verdict.ts'

export function followUp(draft: Draft): void {
  const { runs, ended, affected, fans, children, done } = draft.agenda
  for (;;) {
    // All that has ended counts before anything is decided by it.
    const task = ended.pop()
    if (task !== undefined) {
      afterEnd(draft, task)
      continue
    }
    const next = affected.pop()
    if (next !== undefined) {
      decideOne(draft, next)
      continue
    }
    const run = runs.pop()
    const [head] = fans
    const child = children.pop()
    const [over] = done
    if (run !== undefined) decideWaiting(draft, run)
    if (child !== undefined) afterChild(draft, child)
    if (head !== undefined) {
      fans.delete(head)
      advanceFan(draft, head)
    } else if (over !== undefined && run === undefined && child === undefined) {
      done.delete(over)
      endRunIfDone(draft, over)
    } else if (run === undefined && child === undefined) return
  }
}

function afterEnd(draft: Draft, task: LiveTask): void {
  const { run, head, view } = task
  if (head !== null) draft.agenda.fans.add(head)
  if (run.view.stopAsked?.after === view.task) stopIfDue(draft, run)
  if (task.planned.setup === true) failGuarded(draft, task)
  for (const next of task.downstream) {
    countNeed(next.needs, view.state, 1)
    draft.agenda.affected.push(next)
  }
  if (run.openBody === 0) affectFinals(draft, run)
}

/** Every task run that waits: of a new run, or of one that was resumed or let go on. */
function decideWaiting(draft: Draft, run: LiveRun): void {
  for (const task of run.taskByName.values()) {
    if (task.fan !== null && task.view.state === 'running') draft.agenda.fans.add(task)
    else if (task.head === null) draft.agenda.affected.push(task)
  }
}

function decideOne(draft: Draft, task: LiveTask): void {
  if (task.view.state !== 'waiting') return
  const verdict = judgeTask(task)
  if (verdict === 'wait') return
  if (verdict !== 'run') return endUnbegun(draft, task, verdict, whyNot(task, verdict))
  if (isHeldBack(task)) return
  if (isCancelled(task) || (isStopping(task.run) && !isCleanUp(task)))
    return endTask(draft, task, 'cancelled', 'the run was cancelled')
  if (!isPerItem(draft, task) && skippedByWhen(draft, task)) return
  if (task.planned.fanOut !== undefined) expandFanOut(draft, task)
  else begin(draft, task)
}

// A set-up that failed ends all that builds on it, however far, at once.
function failGuarded(draft: Draft, setup: LiveTask): void {
  const { state } = setup.view
  if (state !== 'skipped' && !isTaskBad(state)) return
  for (const task of setup.guards) {
    if (task.view.state !== 'waiting') continue
    const words = `needs its set-up ${setup.planned.name}`
    endUnbegun(draft, task, state === 'skipped' ? 'skipped' : 'upstream_failed', words)
  }
}

function affectFinals(draft: Draft, run: LiveRun): void {
  if (run.isFinalizing) return
  run.isFinalizing = true
  for (const { name, isFinal } of run.plan.tasks) {
    const task = isFinal === true ? run.taskByName.get(name) : undefined
    if (task !== undefined) draft.agenda.affected.push(task)
  }
}

function afterChild(draft: Draft, child: LiveRun): void {
  const task = parentOf(draft, child)
  if (task === null) return
  const { state, run, resumes } = child.view
  if (state === 'succeeded') return endSucceeded(draft, task)
  const why = `its run ${run} ${state}`
  if (isCancelled(task)) return endTask(draft, task, 'cancelled', why)
  if (state === 'cancelled') return endTask(draft, task, 'failed', why)
  const { retries, effect } = task.planned
  const budget = budgetOf(task)
  const isSpent = budget !== null && budget.used >= budget.max
  if (effect === 'irreversible' || resumes >= retries.max || isSpent)
    return endTask(draft, task, 'failed', why)
  const dueAt = draft.now + retryDelayMs(resumes + 1, retries, draft.roll())
  emitTask(draft, task, { kind: 'task.retrying', ...nameOf(task), dueAt })
  waitRetry(draft, task)
}

/** A run ends when every task run has ended and every log is here. */
function endRunIfDone(draft: Draft, run: LiveRun): void {
  if (run.open > 0 || run.openLogs > 0 || run.view.state !== 'running') return
  emit(draft, run, { kind: 'run.ended', state: judgeRun(run) })
  draft.state.runs.delete(run.view.run)
  leaveLanes(draft.state, run)
  draft.agenda.children.push(run)
}
