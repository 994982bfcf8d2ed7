// The schedules of the workspace: what the triggers watch, and what the Schedule page shows.
import type { SchedulePart, WorkspaceNow, WorkspacePart } from './parts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Db } from '../store/open.ts'
import { listOccurrences } from '../store/occurrences.ts'
import type { Schedule } from '../triggers/cron-triggers.ts'
import type { NextFire } from '../../shared/api/views.ts'
import { nextFire } from '../../shared/schedule/next-fires.ts'

/** Fires of one trigger that a list may hold. */
const firesPerTriggerMax = 20

/** Triggers fire in the default environment. A pipeline with errors has none. */
export function schedulesOf(workspace: WorkspaceNow): Schedule[] {
  const environment = workspace.spec.defaultEnvironment
  return workspace.pipelines.flatMap(({ name, spec }) =>
    (spec?.triggers ?? []).map((trigger, index) => ({
      pipeline: name,
      environment,
      index,
      trigger,
    })),
  )
}

export interface SchedulePartOptions {
  db: Db
  clock: Clock
  workspace: WorkspacePart
}

export function makeSchedulePart(options: SchedulePartOptions): SchedulePart {
  const { db, clock, workspace } = options
  return {
    async next(limit) {
      const schedules = schedulesOf(await workspace.load())
      const fires = schedules.flatMap((schedule) => firesOf(schedule, clock.now()))
      return fires.sort((a, b) => a.at - b.at || (a.pipeline < b.pipeline ? -1 : 1)).slice(0, limit)
    },
    occurrences: (pipeline, limit) => listOccurrences(db, { pipeline, limit }),
  }
}

function firesOf({ pipeline, environment, index, trigger }: Schedule, from: number): NextFire[] {
  const fires: NextFire[] = []
  let at = nextFire(trigger, from)
  while (at !== null && fires.length < firesPerTriggerMax) {
    const { cron, timezone } = trigger
    fires.push({ pipeline, environment, trigger: index, cron, timezone, at })
    at = nextFire(trigger, at)
  }
  return fires
}
