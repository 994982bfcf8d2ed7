// Pasts of task runs in short, and what a resume makes of them in words.
import { planRecovery, type RecoveryQuestion } from '../../electron/engine/recovery-plan.ts'
import type { AttemptEnd, ResumeDecision } from '../../shared/run/events.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { ForcedDecision, RecoveryOptions } from '../../shared/run/recovery.ts'
import { newTaskView, parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'

export type Tasks = Record<string, TaskSketch>
export type Past = Record<string, Partial<TaskView> & { state: TaskState }>

export interface Case {
  tasks: Tasks
  /** Those of the version to go on with, where they differ. */
  after?: Tasks
  past: Past
  /** Those to go on with, where they differ. */
  params?: RunPlan['params']
  options?: Partial<RecoveryOptions>
  isLive?: boolean
}

export function decide(one: Case): ResumeDecision[] {
  return planRecovery(questionOf(one))
}

export function questionOf({
  tasks,
  after = tasks,
  past,
  params = {},
  options = {},
  isLive = false,
}: Case): RecoveryQuestion {
  const before = sketchPlan(tasks)
  const views = Object.entries(past).map(([key, view]): [string, TaskView] => {
    const { task, item } = parseTaskKey(key)
    return [key, { ...newTaskView(task, item), ...view }]
  })
  const view: RunView = {
    run: 'r-1' as RunId,
    pipeline: 'sketch',
    environment: 'dev',
    version: 'v1' as VersionId,
    params: {},
    logicalDate: null,
    cause: { kind: 'person', by: 'ana' },
    state: isLive ? 'running' : 'failed',
    createdAt: 0,
    startedAt: 0,
    endedAt: null,
    cancelAsked: null,
    resumes: 0,
    seq: 1,
    counts: {},
    tasks: Object.fromEntries(views),
  }
  return {
    view,
    before,
    after: { ...sketchPlan(after), params },
    options: { ...FROM_FAILURE, ...options },
  }
}

export function inWords(one: Case): Record<string, string> {
  return Object.fromEntries(
    decide(one).map(({ task, item, decision, reason, anew }) => [
      taskKey(task, item),
      `${decision}${anew === true ? ' anew' : ''}: ${reason}`,
    ]),
  )
}

export function made(end: Partial<AttemptEnd> | null, number = 1): Pick<TaskView, 'attempts'> {
  const attempt = { number, host: 'a', state: end === null ? 'running' : 'ended', end }
  return { attempts: [attempt as AttemptView] }
}
export const exited = (exit: number) => made({ outcome: 'exited', exit })
export const unstarted = made({ outcome: 'not_started', message: 'no route' })
export const said = { by: 'ana', reason: 'by hand', at: 1 }
export const good = { state: 'succeeded' as const, ...exited(0) }
export const bad = { state: 'failed' as const, ...exited(1) }
export const force = (
  key: string,
  decision: ForcedDecision['decision'],
  reason = 'so',
): Partial<RecoveryOptions> => ({ forced: [{ ...parseTaskKey(key), decision, reason }] })

export const t: Tasks = { t: {} }
export const better: Tasks = { t: { run: 'true # better' } }
export const pay: Tasks = { t: { effect: 'irreversible' } }
export const child = { plan: sketchPlan({}), late: {} }
export const from = (...keys: string[]): Partial<RecoveryOptions> => ({ from: keys })

export const fan = (...list: string[]) => ({ fan: { list, counts: {} } })
export const list = fan('x', 'y', 'z')
export const failed = { state: 'failed' as const, ...list }
