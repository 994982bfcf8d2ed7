// The way from a run to the run that failed in it, in words: `load > run 20260112-021500-a1b2c3d4 > check`.
import type { RootCause } from '../api/views.ts'
import type { RunId } from './ids.ts'

/** The run that the cause is in; null: the one that was asked. */
export function causeRun({ via }: Pick<RootCause, 'via'>): RunId | null {
  return via?.at(-1)?.run ?? null
}

export function causePath({ via, rootTask }: Pick<RootCause, 'via' | 'rootTask'>): string {
  const steps = (via ?? []).flatMap(({ task, run }) => [task, `run ${run}`])
  return [...steps, rootTask].join(' > ')
}
