// The task run to look at for a cause: of a fan-out, which has no log of its own, the item that the evidence is from.
import type { RootCause } from '../../shared/api/views.ts'
import { parseTaskKey, type RunView } from '../../shared/run/run-view.ts'

export function rootRunOf(
  { rootTask, evidence, via }: Pick<RootCause, 'rootTask' | 'evidence' | 'via'>,
  tasks: RunView['tasks'],
): { task: string; item: number | null } {
  // It lies in another run: here, the task that is that run stands for it.
  if (via?.[0] !== undefined) return parseTaskKey(via[0].task)
  if (tasks[rootTask]?.fan === undefined) return parseTaskKey(rootTask)
  const told = evidence.map(({ task }) => parseTaskKey(task)).find(({ task }) => task === rootTask)
  if (told !== undefined && told.item !== null) return told
  const failed = Object.values(tasks).find(
    ({ task, item, state }) => task === rootTask && item !== null && state === 'failed',
  )
  return { task: rootTask, item: failed?.item ?? null }
}

/** The same in the run below that the cause lies in, whose tasks are not known here. */
export function deepRootOf({ rootTask, evidence }: Pick<RootCause, 'rootTask' | 'evidence'>): {
  task: string
  item: number | null
} {
  const told = evidence.map(({ task }) => parseTaskKey(task)).find(({ task }) => task === rootTask)
  return told ?? { task: rootTask, item: null }
}
