// Whether a waiting task run may begin, given how those before it have ended; and how a run has ended. Pure.
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { isTaskBad, isTaskGood } from '../../shared/run/states.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import type { LiveRun, LiveTask } from './state.ts'
import { judgeCondition, judgeRule } from './trigger-rule.ts'
import type { Verdict } from './trigger-rule.ts'

type State = LiveTask['view']['state']

export function judgeTask(task: LiveTask): Verdict {
  const { planned, needs, run } = task
  if (planned.isFinal === true && run.openBody > 0) return 'wait'
  if (planned.teardown !== undefined) return judgeTeardown(task, planned.teardown.of)
  for (const { view } of task.setups) {
    if (view.state === 'skipped') return 'skipped'
    if (isTaskBad(view.state)) return 'upstream_failed'
  }
  const { trigger = 'all_success' } = planned
  if (typeof trigger === 'string') return judgeRule(trigger, needs)
  return judgeCondition(trigger, (name) => stateOf(run, name))
}

// It runs when all before it has ended and one of its set-ups has succeeded: what they made must go.
function judgeTeardown(task: LiveTask, setups: readonly string[]): Verdict {
  const { total, succeeded, failed, upstreamFailed, skipped } = task.needs
  if (succeeded + failed + upstreamFailed + skipped < total) return 'wait'
  const states = setups.map((name) => stateOf(task.run, name))
  if (states.length === 0 || states.some(isTaskGood)) return 'run'
  return states.every((state) => state === 'skipped') ? 'skipped' : 'upstream_failed'
}

/** Why it does not begin, naming the need that says so. */
export function whyNot(task: LiveTask, verdict: 'skipped' | 'upstream_failed'): string {
  const { trigger = 'all_success', needs, teardown } = task.planned
  const isCause = (state: State): boolean =>
    verdict === 'skipped' ? state === 'skipped' : isTaskBad(state)
  const setup = task.setups.find(({ view }) => isCause(view.state))
  if (setup !== undefined) return `needs its set-up ${setup.planned.name}`
  if (typeof trigger !== 'string') return 'its condition on other tasks is false'
  const cause = [...needs, ...(teardown?.of ?? [])].find((need) => isCause(stateOf(task.run, need)))
  if (cause === undefined) return `its rule is ${trigger}`
  const words = verdict === 'skipped' ? `needs ${cause}, which was skipped` : `needs ${cause}`
  return trigger === 'all_success' ? words : `${words}; its rule is ${trigger}`
}

function stateOf(run: LiveRun, name: string): State {
  return run.taskByName.get(name)?.view.state ?? 'waiting'
}

/** How the tasks of a run that have ended would have it end. Items count by their heads. */
export function judgeRun({
  view,
  plan,
}: {
  view: RunView
  plan: RunPlan
}): 'succeeded' | 'failed' | 'cancelled' {
  const stateOfTask = ({ name }: PlannedTask): State => view.tasks[name]?.state ?? 'waiting'
  const cancelled = plan.tasks.some((task) => stateOfTask(task) === 'cancelled')
  const isAsked = view.cancelAsked !== null || view.stopAsked !== undefined
  if (cancelled && isAsked) return 'cancelled'
  const counting = plan.tasks.filter(counts)
  const inner = new Set(plan.verdict === 'leaves' ? counting.flatMap(({ needs }) => needs) : [])
  const failed = counting.some((task) => {
    const state = stateOfTask(task)
    return isTaskBad(state) && state !== 'cancelled' && !inner.has(task.name)
  })
  if (failed) return 'failed'
  return cancelled ? 'cancelled' : 'succeeded'
}

/** Its failure may fail the run. A tear-down that does not count hides no leaf before it. */
function counts({ allowFailure, teardown }: PlannedTask): boolean {
  return allowFailure !== true && (teardown === undefined || teardown.failsRun)
}
