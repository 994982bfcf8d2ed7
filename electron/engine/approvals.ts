// A task that is a question to a person. It holds no slot; its answers are its output values.
import { AppError } from '../../shared/api/app-error.ts'
import type { ApprovalSpec, ParamValue } from '../../shared/pipeline/spec.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { endSucceeded } from './branches.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { endTask } from './end-task.ts'
import { evaluatedText } from './evaluated.ts'
import type { LiveTask } from './state.ts'

export interface ApprovalAnswer {
  decision: 'approved' | 'rejected'
  by: string
  reason: string
  /** By the names of the form; checked by the caller. */
  values: Record<string, ParamValue>
}

export function askPerson(draft: Draft, task: LiveTask, approval: ApprovalSpec): void {
  const message = evaluatedText(draft, approval.message, task)
  if (!message.ok) {
    const why = `its message cannot be evaluated: ${message.why}`
    return endTask(draft, task, 'failed', why)
  }
  const dueAt = approval.timeoutMs === null ? null : draft.now + approval.timeoutMs
  emitTask(draft, task, { kind: 'approval.asked', ...nameOf(task), message: message.value, dueAt })
  waitAnswer(draft, task)
}

/** Nobody answers in time: what then, was decided by the file. */
export function waitAnswer(draft: Draft, task: LiveTask): void {
  const dueAt = task.view.approval?.dueAt ?? null
  if (dueAt === null) return
  const { item } = task.view
  draft.state.due.add(dueAt, {
    kind: 'approval',
    run: task.run.view.run,
    task: taskKey(task.planned.name, item),
  })
}

/** Throws AppError('conflict') where nobody is asked any more. */
export function decideApproval(draft: Draft, task: LiveTask, answer: ApprovalAnswer): void {
  if (!isAsked(task)) {
    throw new AppError(
      'conflict',
      `Task ${taskKey(task.planned.name, task.view.item)} asks nobody: it is ${task.view.state}.`,
    )
  }
  decide(draft, task, answer)
}

export function decideApprovalDue(draft: Draft, task: LiveTask): void {
  const { approval } = task.planned
  if (!isAsked(task) || approval === undefined) return
  if ((task.view.approval?.dueAt ?? Number.POSITIVE_INFINITY) > draft.now) return
  const decision = approval.onTimeout === 'approve' ? 'approved' : 'rejected'
  const values = Object.fromEntries(
    approval.form.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]])),
  ) as Record<string, ParamValue>
  decide(draft, task, { decision, by: null, reason: 'nobody answered in time', values })
}

function isAsked(task: LiveTask): boolean {
  return task.view.state === 'running' && task.view.approval?.decided === null
}

function decide(
  draft: Draft,
  task: LiveTask,
  answer: Omit<ApprovalAnswer, 'by'> & { by: string | null },
): void {
  emitTask(draft, task, { kind: 'approval.decided', ...nameOf(task), ...answer })
  const { decision, by, reason } = answer
  const who = by === null ? '' : ` by ${by}`
  const why = `${decision}${who}${reason === '' ? '' : `: ${reason}`}`
  if (decision === 'approved') endSucceeded(draft, task, why)
  else endTask(draft, task, 'failed', why)
}
