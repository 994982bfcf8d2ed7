// A planned run begins, and the version it was made of is remembered with it.
import type { Engine } from '../engine/engine.ts'
import { rememberVersion } from '../store/versions.ts'
import type { RunCause } from '../../shared/run/events.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { ApiParts, PlannedNow } from './parts.ts'

/** Also for what starts runs without a call: triggers. */
export function startPlanned(
  parts: Pick<ApiParts, 'db' | 'clock'>,
  engine: Engine,
  start: { planned: PlannedNow; cause: RunCause; run?: RunId },
): RunId {
  const { planned, ...request } = start
  remember(parts, planned)
  return engine.start({ ...request, plan: planned.plan })
}

export function remember(
  { db, clock }: Pick<ApiParts, 'db' | 'clock'>,
  { plan, source }: PlannedNow,
): void {
  const { version, pipeline } = plan
  rememberVersion(db, { version, pipeline, ...source, firstSeenAt: clock.now() })
}
