// Which task runs failed, first of the cascade first.
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'

export interface Failure {
  task: TaskView
  /** The latest bad one. */
  attempt: AttemptView
  /** When its first attempt failed: retries must not make the first of a cascade look late. */
  since: number
}

/** Empty when nothing failed: a run that succeeded has no cause, whatever its logs say. */
export function failuresOf(view: RunView): Failure[] {
  if (view.state === 'succeeded') return []
  const found: Failure[] = []
  for (const task of Object.values(view.tasks)) {
    if (task.state !== 'failed' && task.state !== 'retrying' && task.state !== 'unknown') continue
    const bad = task.attempts.filter(
      (one) => one.number > task.attemptsBefore && one.end !== null && isBad(one),
    )
    const attempt = bad.at(-1)
    if (attempt !== undefined) found.push({ task, attempt, since: bad[0]?.end?.endedAt ?? 0 })
  }
  const ended = found.filter(({ task }) => task.state === 'failed')
  return (ended.length > 0 ? ended : found).toSorted((a, b) => a.since - b.since)
}

function isBad(attempt: AttemptView): boolean {
  const end = attempt.end
  if (end === null || end.outcome === 'cancelled') return false
  if (end.outcome !== 'exited' || end.exit !== 0) return true
  return (end.missingOutputs?.length ?? 0) > 0 || end.badValues !== undefined
}
