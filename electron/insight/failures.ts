// Which task runs failed, first of the cascade first.
import type { AttemptView, RunView, TaskView } from '../../shared/run/fold.ts'

export interface Failure {
  task: TaskView
  attempt: AttemptView
}

/** Empty when nothing failed: a run that succeeded has no cause, whatever its logs say. */
export function failuresOf(view: RunView): Failure[] {
  if (view.state === 'succeeded') return []
  const found: Failure[] = []
  for (const task of Object.values(view.tasks)) {
    if (task.state !== 'failed' && task.state !== 'retrying' && task.state !== 'unknown') continue
    const attempt = task.attempts.findLast((one) => one.end !== null && isBad(one))
    if (attempt !== undefined) found.push({ task, attempt })
  }
  const ended = found.filter(({ task }) => task.state === 'failed')
  return (ended.length > 0 ? ended : found).toSorted((a, b) => endOf(a) - endOf(b))
}

function isBad(attempt: AttemptView): boolean {
  const end = attempt.end
  if (end === null || end.outcome === 'cancelled') return false
  return end.outcome !== 'exited' || end.exit !== 0 || (end.missingOutputs?.length ?? 0) > 0
}

function endOf({ attempt }: Failure): number {
  return attempt.end?.endedAt ?? 0
}
