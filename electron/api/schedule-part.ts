// The schedules of the workspace: what the triggers watch, and what the screens show of the times to come.
import type { SchedulePart, WorkspaceNow, WorkspacePart } from './parts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Db } from '../store/open.ts'
import { listOccurrences } from '../store/occurrences.ts'
import type { Schedule } from '../triggers/cron-triggers.ts'
import type { NextFire } from '../../shared/api/views.ts'
import { minHeap } from '../../shared/schedule/min-heap.ts'
import { nextFire } from '../../shared/schedule/next-fires.ts'

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

interface Armed {
  schedule: Schedule
  /** null: never again. */
  at: number | null
}

export function makeSchedulePart({ db, clock, workspace }: SchedulePartOptions): SchedulePart {
  let from: WorkspaceNow | null = null
  let armed = new Map<string, Armed[]>()

  /** The first fire of each trigger, kept until it has passed: ten thousand pipelines are listed often. */
  const arm = async (): Promise<ReadonlyMap<string, Armed[]>> => {
    const present = await workspace.load()
    const now = clock.now()
    if (present !== from) {
      armed = Map.groupBy(
        schedulesOf(present).map((schedule) => ({ schedule, at: Number.NEGATIVE_INFINITY })),
        ({ schedule }) => schedule.pipeline,
      )
      from = present
    }
    for (const each of armed.values()) {
      for (const one of each) {
        if (one.at !== null && one.at <= now) one.at = nextFire(one.schedule.trigger, now)
      }
    }
    return armed
  }

  return {
    async next(limit) {
      return merged([...(await arm()).values()].flat(), limit)
    },
    async soonest() {
      const times = new Map<string, number>()
      for (const [pipeline, each] of await arm()) {
        const [first] = merged(each, 1)
        if (first !== undefined) times.set(pipeline, first.at)
      }
      return times
    },
    async nextOf(pipeline, limit) {
      return merged((await arm()).get(pipeline) ?? [], limit)
    },
    occurrences: (pipeline, limit) => listOccurrences(db, { pipeline, limit }),
  }
}

function merged(armed: readonly Armed[], limit: number): NextFire[] {
  const heap = minHeap<{ schedule: Schedule; at: number }>((a, b) =>
    a.at === b.at ? a.schedule.pipeline < b.schedule.pipeline : a.at < b.at,
  )
  for (const { schedule, at } of armed) if (at !== null) heap.push({ schedule, at })
  const fires: NextFire[] = []
  while (fires.length < limit) {
    const first = heap.pop()
    if (first === undefined) break
    const { schedule, at } = first
    const { pipeline, environment, index, trigger } = schedule
    const { cron, timezone } = trigger
    fires.push({ pipeline, environment, trigger: index, cron, timezone, at })
    const after = nextFire(trigger, at)
    if (after !== null) heap.push({ schedule, at: after })
  }
  return fires
}
