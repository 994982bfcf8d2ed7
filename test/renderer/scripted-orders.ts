// What people ask of runs, over a scripted client: orders, answers, marks, and resumes by plan.
import { AppError } from '../../shared/api/app-error.ts'
import type { CheckedInputOf, OutputOf } from '../../shared/api/contract.ts'
import type { ResumeDecision, RunEvent, RunEventBody } from '../../shared/run/events.ts'
import { countDecisions } from '../../shared/run/recovery-counts.ts'
import { taskKey, type TaskView } from '../../shared/run/run-view.ts'
import type { Answers } from './scripted-api.ts'
import { tell, type ScriptedRun } from './scripted-run.ts'

const by = 'mara'

export function orderAnswers(
  find: (ref: string) => ScriptedRun,
  publish: (run: ScriptedRun, events: readonly RunEvent[]) => void,
): Answers {
  const told = (ref: string, ...bodies: RunEventBody[]): { run: string } => {
    const run = find(ref)
    publish(
      run,
      bodies.map((body) => tell(run, Date.now(), body)),
    )
    return { run: run.view.run }
  }
  return {
    'run.pause': ({ run, reason }) => told(run, { kind: 'run.paused', by, reason }),
    'run.unpause': ({ run }) => told(run, { kind: 'run.unpaused', by }),
    'run.stop': ({ run, after, reason }) =>
      told(run, { kind: 'run.stop_asked', by, reason, after }),
    'run.hold': ({ run, task, item, reason }) =>
      told(run, { kind: 'task.held', task, item, by, reason }),
    'run.unhold': ({ run, task, item }) => told(run, { kind: 'task.unheld', task, item, by }),
    'run.mark': ({ run, task, item, state, reason }) =>
      told(run, { kind: 'task.marked', task, item, state, by, reason }),
    'run.approve': ({ run, task, item, decision, reason, values }) =>
      told(
        run,
        { kind: 'approval.decided', task, item, decision, by, reason, values },
        {
          kind: 'task.ended',
          task,
          item,
          state: decision === 'approved' ? 'succeeded' : 'failed',
          why: `${decision} by ${by}`,
        },
      ),
    'run.resumePlan': (input) => preview(find(input.run), input),
    'run.resume': ({ planId, ...input }) => {
      const run = find(input.run)
      const made = preview(run, input)
      if (planId !== null && planId !== made.planId)
        throw new AppError('conflict', `The plan for run ${input.run} is another by now.`)
      const decisions = [...made.plan]
      const { version } = run.view
      const again = made.plan.filter(({ decision }) => decision === 'run')
      told(
        input.run,
        { kind: 'run.resumed', version, by, decisions },
        ...again.map(({ task, item }): RunEventBody => ({ kind: 'task.reset', task, item })),
      )
      return made
    },
  }
}

type Options = CheckedInputOf<'run.resumePlan'>

function preview(run: ScriptedRun, options: Options): OutputOf<'run.resumePlan'> {
  const plan = run.graph.flatMap(({ name }) => {
    const head = run.view.tasks[name] as TaskView
    const items = [...(head.fan?.list.keys() ?? [])]
      .map((index) => decide(run.view.tasks[taskKey(name, index)] as TaskView, options))
      .filter(({ decision }) => decision !== 'reuse')
    const own = decide(head, options)
    if (items.length === 0) return [own]
    const total = head.fan?.list.length ?? 0
    const again = items.filter(({ decision }) => decision === 'run').length
    return [{ ...own, reason: `${again} of ${total} items run again` }, ...items]
  })
  const told = plan.map(({ task, item, decision }) => `${taskKey(task, item)} ${decision}`)
  return {
    run: run.view.run,
    version: run.view.version,
    fixedDiffers: true,
    planId: String(told.join().length),
    plan,
    counts: countDecisions(plan, run.view.tasks),
  }
}

function decide({ task, item, state }: TaskView, { from, forced }: Options): ResumeDecision {
  const edit = forced.find((one) => one.task === task && one.item === item)
  const good = state === 'succeeded' || state === 'reused' || state === 'skipped'
  if (edit?.decision === 'run')
    return { task, item, decision: 'run', reason: `forced: ${edit.reason}` }
  if (edit !== undefined)
    return {
      task,
      item,
      decision: good ? 'reuse' : 'refuse',
      reason: `left as it is: ${edit.reason}`,
    }
  if (from.includes(taskKey(task, item)))
    return { task, item, decision: 'run', reason: 'was asked for' }
  if (good)
    return { task, item, decision: 'reuse', reason: 'succeeded, and nothing it uses has changed' }
  if (state === 'running') return { task, item, decision: 'attach', reason: 'is running' }
  return {
    task,
    item,
    decision: 'run',
    reason: state === 'failed' ? 'failed' : 'needs what runs again',
  }
}
