// Failures without an attempt that could tell why: a question answered with no, a run of another pipeline, a value that could
// not be had. There is no log to read: the record of the task run says it all.
import type { RootCause } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { failuresOf } from './failures.ts'
import { waitingOf } from './family.ts'

/** The task run that failed first, where that was not for an attempt; null: it was, or nothing failed. */
export function unbegunFirst(view: RunView): TaskView | null {
  const [failure] = failuresOf(view)
  const first = unbegunOf(view).toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))[0]
  if (first === undefined || failure === undefined) return first ?? null
  const isLater = failure.task.state !== 'failed' || failure.since > (first.endedAt ?? 0)
  return isLater ? first : null
}

function unbegunOf(view: RunView): TaskView[] {
  if (view.state === 'succeeded') return []
  const tasks = Object.values(view.tasks).filter(({ state }) => state === 'failed')
  const failedOf = new Set(tasks.flatMap(({ task, item }) => (item === null ? [] : [task])))
  return tasks.filter((task) => {
    // Its items stand for it.
    if (task.item === null && failedOf.has(task.task)) return false
    const last = task.attempts.at(-1)
    if (last === undefined || last.number <= task.attemptsBefore) return true
    // A branch that could not be told: its command had done well.
    return last.end?.outcome === 'exited' && last.end.exit === 0 && isWhole(last.end)
  })
}

function isWhole(end: { missingOutputs?: readonly string[]; badValues?: string }): boolean {
  return (end.missingOutputs ?? []).length === 0 && end.badValues === undefined
}

export function explainUnbegun(
  { view, plan, lastGoodRun }: { view: RunView; plan: RunPlan; lastGoodRun: RunId | null },
  task: TaskView,
): RootCause {
  const needs = plan.tasks.find(({ name }) => name === task.task)?.needs ?? []
  const [cause, summary] = judge(task, needs)
  return {
    rootTask: task.task,
    attempt: null,
    class: cause,
    summary,
    evidence: [],
    changed: [],
    waiting: waitingOf({ view, plan }, task.task),
    exitWords: '',
    confidence: 'high',
    transient: false,
    hostLevel: false,
    evidenceGaps: [],
    hostFacts: [],
    remedies: [],
    lastGoodRun,
  }
}

/** Its class, and two sentences: what happened, and what to do about it. */
function judge(task: TaskView, needs: readonly string[]): [string, string] {
  const { approval, child, item } = task
  const why = item === null ? capital(task.why) : `Item ${item}: ${task.why}`
  const decided = approval?.decided
  if (approval !== undefined && decided?.decision === 'rejected') {
    const question = `the question "${approval.message}"`
    if (decided.by === null)
      return [
        'not_answered',
        `Nobody answered ${question} in time, which counts as no. ${askAgain}`,
      ]
    const reason = decided.reason === '' ? '' : `: ${decided.reason}`
    return ['rejected', `${decided.by} said no to ${question}${reason}. ${askAgain}`]
  }
  if (child !== undefined)
    return ['sub_run_failed', `${why}. Look at that run, then resume this one: it goes on with it.`]
  // A resume that reuses what handed it on would end as this did.
  const from =
    needs.length === 0 ? '' : `Mend what ${listed(needs)} hands on and resume from there, or mend`
  return [
    'unusable_value',
    `${why}. ${from || 'Mend'} the pipeline file and resume with it as it is then.`,
  ]
}

function listed(names: readonly string[]): string {
  return names.length === 1
    ? (names[0] ?? '')
    : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

const askAgain = 'A resume asks again; marked as succeeded, the run goes on without an answer.'

function capital(why: string): string {
  return why.charAt(0).toUpperCase() + why.slice(1)
}
