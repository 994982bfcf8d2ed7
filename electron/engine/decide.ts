// The engine's decisions.
//   E1  A decision is a function of the state and its input: clock, free slots and dice come in. The state changes only by
//       folding the events that were decided. The same inputs replay to the same events.
//   E2  Events are committed before their effects start (`loop.ts`). A crash between the two repeats the effect, and a host
//       refuses an attempt key it has already seen.
//   E3  Attempt keys are derived (run, task, item, number): deciding again after any loss names the same thing.
//   E4  A task run leaves `running` only on an end its host reported, or to `unknown`. `unknown` ends by a report, by its
//       policy, or by a person.
//   E5  Slots hold over runs and restarts: an attempt holds one from `attempt.starting` to `attempt.ended`.
//   E6  The cost of a decision grows with what changed, not with the size of the graph.
//   E7  A restart reads unfinished runs, watches their attempts, and goes on. There is no other recovery code path.
import { cancelAttempt } from './attempts.ts'
import { endTask } from './end-task.ts'
import { emit } from './draft.ts'
import type { Draft } from './draft.ts'
import { liftPause } from './pause.ts'
import { isCleanUp } from './said.ts'
import type { LiveRun, LiveTask } from './state.ts'

/**
 * What has not begun never will; what runs is told to stop, and the run waits for the proof. Clean-up still runs, unless
 * `all` is asked, which a second cancel does.
 */
export function decideCancel(
  draft: Draft,
  run: LiveRun,
  order: { by: string; reason: string; all: boolean },
): void {
  const { by, reason, all } = order
  emit(draft, run, { kind: 'run.cancel_asked', by, reason, ...(all ? { all } : {}) })
  dropUnbegun(draft, run, 'the run was cancelled', all)
  liftPause(draft, run, by)
  for (const task of run.taskByName.values()) {
    if (isCleanUp(task) && !all) continue
    if (task.view.state === 'running' || task.view.state === 'unknown') stop(draft, task, order)
  }
  draft.agenda.runs.push(run)
}

function stop(
  draft: Draft,
  task: LiveTask,
  order: { by: string; reason: string; all: boolean },
): void {
  const { approval, child } = task.view
  // Its items say when it has ended.
  if (task.fan !== null) return
  if (approval?.decided === null) return endTask(draft, task, 'cancelled', 'the run was cancelled')
  const run = child === undefined ? undefined : draft.state.runs.get(child)
  if (run !== undefined) return decideCancel(draft, run, order)
  cancelAttempt(draft, task)
}

/** Ends what waits: of a run that was cancelled or stopped. */
export function dropUnbegun(draft: Draft, run: LiveRun, why: string, all: boolean): void {
  for (const task of run.taskByName.values()) {
    if (isCleanUp(task) && !all) continue
    const { state } = task.view
    if (state === 'waiting' || state === 'queued' || state === 'retrying')
      endTask(draft, task, 'cancelled', why)
  }
}
