// Pausing a run: nothing of it starts, nor of the runs below it; what runs goes on, and retries wait. Each run below has the
// pause in its own history, with the run that it came from, and only that run's end of it lifts it: what a person paused
// apart stays paused.
import { AppError } from '../../shared/api/app-error.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { leaveLane } from './books.ts'
import { emit } from './draft.ts'
import type { Draft } from './draft.ts'
import { letGo } from './recover.ts'
import type { LiveRun } from './state.ts'

interface Pause {
  by: string
  reason: string
  /** Of a run below: the one that a person paused. */
  through?: RunId
}

/** Doing it again changes nothing, but of a run that was paused with another: it stays paused when that goes on. */
export function decidePause(
  draft: Draft,
  run: LiveRun,
  { by, reason }: Omit<Pause, 'through'>,
): void {
  const { paused, cancelAsked } = run.view
  if (paused !== undefined && paused.through === undefined) return
  if (cancelAsked !== null)
    throw new AppError('conflict', `Run ${run.view.run} is being cancelled.`)
  pauseOne(draft, run, { by, reason })
  pauseBelow(draft, run, { by, reason, through: run.view.run })
}

/** Throws AppError('conflict') where it is paused with a run above it. */
export function decideUnpause(draft: Draft, run: LiveRun, by: string): void {
  const { paused } = run.view
  if (paused === undefined) return
  if (paused.through !== undefined)
    throw new AppError('conflict', `Run ${run.view.run} is paused with run ${paused.through}.`, {
      hint: `To let both go on: sluice unpause ${paused.through}`,
    })
  liftPause(draft, run, by)
  const above = pauseAbove(draft, run)
  if (above === null) return
  pauseOne(draft, run, above)
  pauseBelow(draft, run, above)
}

/** Whatever is above it: a run that is cancelled has to come to its end. */
export function liftPause(draft: Draft, run: LiveRun, by: string): void {
  if (run.view.paused === undefined) return
  const through = run.view.paused.through ?? run.view.run
  emit(draft, run, { kind: 'run.unpaused', by })
  for (const task of run.taskByName.values()) letGo(draft, task)
  draft.agenda.runs.push(run)
  for (const below of runsBelow(draft, run))
    if (below.view.paused?.through === through) liftPause(draft, below, by)
}

function pauseOne(draft: Draft, run: LiveRun, pause: Pause): void {
  emit(draft, run, { kind: 'run.paused', ...pause })
  for (const task of run.taskByName.values()) leaveLane(draft, task)
}

function pauseBelow(draft: Draft, run: LiveRun, pause: Pause): void {
  for (const below of runsBelow(draft, run)) {
    const { paused, cancelAsked } = below.view
    // Paused apart, and what is below it with it.
    if (paused !== undefined && paused.through === undefined) continue
    if (cancelAsked === null && paused?.through !== pause.through) pauseOne(draft, below, pause)
    pauseBelow(draft, below, pause)
  }
}

/** Those that a task of it waits for. */
function runsBelow(draft: Draft, run: LiveRun): LiveRun[] {
  return [...run.taskByName.values()].flatMap(({ view }) => {
    if (view.child === undefined || view.state !== 'running') return []
    return draft.state.runs.get(view.child) ?? []
  })
}

/** As the nearest paused run above it has it. */
function pauseAbove(draft: Draft, run: LiveRun): Pause | null {
  const { cause } = run.view
  const parent = cause.kind === 'parent' ? draft.state.runs.get(cause.run) : undefined
  if (parent === undefined) return null
  const { paused } = parent.view
  if (paused === undefined) return pauseAbove(draft, parent)
  const { by, reason, through = parent.view.run } = paused
  return { by, reason, through }
}
