// What a recovery plan promised is kept until the next one: what was to run is taken back, and what was to stay stays.
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import { must } from './broken.ts'

export interface Resumed {
  /** Ended before, to run again, and not taken back yet. */
  readonly owed: Set<string>
  /** To stay as they are. */
  readonly kept: Set<string>
}

export function newResumed(): Resumed {
  return { owed: new Set(), kept: new Set() }
}

/** `view`: before the event. */
export function checkResumed(
  resumed: Resumed,
  view: RunView,
  plan: RunPlan,
  event: RunEvent,
): void {
  const { owed, kept } = resumed
  if (event.kind === 'run.resumed') {
    owed.clear()
    kept.clear()
    for (const { task, item, decision } of event.decisions) {
      const key = taskKey(task, item)
      const now = view.tasks[key]
      if (decision === 'run' && now !== undefined && isTaskEnd(now.state)) owed.add(key)
      if (decision === 'reuse' || decision === 'refuse') kept.add(key)
    }
  } else if (event.kind === 'task.reset') {
    const key = taskKey(event.task, event.item)
    must(!kept.has(key), 'what a plan reuses or refuses stays as it is', () => key)
    owed.delete(key)
  } else if (event.kind === 'task.marked') {
    // It is decided again what it holds up.
    kept.clear()
  } else if (!isOfResume(event, plan)) {
    const late = [...owed][0]
    must(late === undefined, 'what a plan runs again is taken back at once', () => late ?? '')
  }
}

/** It is written with the resume, before anything goes on. */
function isOfResume(event: RunEvent, plan: RunPlan): boolean {
  if (event.kind !== 'task.ended') return false
  const { task } = parseTaskKey(event.task)
  return event.state === 'upstream_failed' || !plan.tasks.some(({ name }) => name === task)
}
