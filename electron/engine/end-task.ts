// A task run ends, by whatever decided so; what waited for it is followed up from the draft's agenda.
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import type { LiveTask } from './state.ts'

export type TaskEndState = 'succeeded' | 'failed' | 'upstream_failed' | 'skipped' | 'cancelled'

export function endTask(draft: Draft, task: LiveTask, state: TaskEndState, why: string): void {
  emitTask(draft, task, { kind: 'task.ended', ...nameOf(task), state, why })
}
