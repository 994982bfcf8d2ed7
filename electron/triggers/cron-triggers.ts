// Fires cron triggers: a heap of next times and one timer.
//   T3  A decision is in the ledger before its run is asked for. A crash between the two asks again, by the same
//       name, which starts nothing twice (E3).
//   T4  An occurrence is decided once: the ledger keeps the first decision, whatever the clock does. A clock that
//       goes back waits until it is past what is decided; one that goes forward misses what it leapt over (T1).
//   T5  A trigger that says something else than before is a new trigger: it begins when it is first seen.
import { decideOccurrences } from './decide-occurrences.ts'
import type { Schedule } from './decide-occurrences.ts'
import { fireQueue } from './fire-queue.ts'
import type { Clock } from '../ports/clock.ts'
import type { OccurrenceLedger, TriggerWatch } from '../ports/occurrence-ledger.ts'
import type { NextFire, OccurrenceRow } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { minHeap } from '../../shared/schedule/min-heap.ts'
import { nextFire } from '../../shared/schedule/next-fires.ts'

export type { Schedule } from './decide-occurrences.ts'

/** One firing to start a run for. */
export interface Occurrence {
  pipeline: string
  environment: string
  trigger: number
  dueAt: number
  run: RunId
}

export interface CronTriggersOptions {
  /** Of the workspace as it is now. Asked at the start and on `reload`. */
  schedules: () => readonly Schedule[]
  ledger: OccurrenceLedger
  clock: Clock
  /** Starts the run under its given id. May be called again for the same id. A rejection makes the row `skipped`. */
  fire: (occurrence: Occurrence) => void | Promise<void>
  /** How late the newest of what was missed may still run; 0: it is not caught up. */
  catchUpMs?: number
  /** A fault of the ledger; the decision is tried again. */
  onError?: (error: unknown) => void
}

export interface CronTriggers {
  /** The workspace changed. Unchanged triggers keep their place. */
  reload(): void
  /** Soonest first. */
  next(limit: number): NextFire[]
  close(): void
}

/** The clock is looked at this often, for it may have been moved, or the machine may have slept. */
const lookMsMax = 30_000
/** A clock this far behind what is decided was wrong before, not now. */
const backMsMax = 24 * 3_600_000
/** An unsettled occurrence is asked for again only this long after it was due. */
const askAgainMsMax = 3_600_000
const neverRecorded =
  'Sluice stopped before its run was recorded, and came back too late to start it.'

interface Armed {
  schedule: Schedule
  watch: TriggerWatch
  /** Not in the ledger yet. */
  fresh: boolean
  /** null: never again. */
  nextAt: number | null
  live: boolean
}

export function openCronTriggers(options: CronTriggersOptions): CronTriggers {
  const { ledger, clock, catchUpMs = 0, onError = ignore } = options
  const armedByKey = new Map<string, Armed>()
  let heap = minHeap(isSooner)
  let cancelTimer = ignore
  let lastNow = clock.now()
  let closed = false

  const queue = fireQueue(async (row) => {
    const outcome = await handOver(row, options.fire)
    if (closed) return // unsettled as it is, the next start asks again (T3)
    try {
      if (outcome === row) ledger.settle(row)
      else ledger.revise(outcome)
    } catch (error) {
      onError(error)
    }
  })

  const place = (armed: Armed, now: number): void => {
    const { watch } = armed
    if (watch.throughAt - now > backMsMax) armed.watch = { ...watch, throughAt: now }
    armed.nextAt = nextFire(armed.schedule.trigger, Math.max(now, armed.watch.throughAt))
    if (armed.nextAt !== null) heap.push(armed)
  }

  /** Decides what is due of `armeds`, in one commit (T3). */
  const decide = (armeds: readonly Armed[], now: number, absent: boolean): void => {
    const rows: OccurrenceRow[] = []
    const moved: Armed[] = []
    for (const armed of armeds) {
      const { throughAt } = armed.watch
      const span = { throughAt: Math.min(throughAt, now), now, absent }
      const decided = decideOccurrences(armed.schedule, span, catchUpMs)
      rows.push(...decided)
      if (decided.length > 0 || armed.fresh) moved.push(armed)
    }
    const watches = moved.map(({ watch }) => {
      return { ...watch, throughAt: Math.max(watch.throughAt, now) }
    })
    const added = ledger.record(rows, watches)
    for (const [index, armed] of moved.entries()) {
      armed.watch = watches[index]!
      armed.fresh = false
    }
    for (const row of added) if (row.run !== null) queue.add(row)
  }

  const takeDue = (now: number): Armed[] => {
    const due: Armed[] = []
    for (
      let first = heap.peek();
      first !== undefined && dueIn(first, now) <= 0;
      first = heap.peek()
    ) {
      heap.pop()
      if (first.live) due.push(first)
    }
    return due
  }

  const look = (): void => {
    const now = clock.now()
    if (lastNow - now > backMsMax) {
      heap = minHeap(isSooner)
      for (const armed of armedByKey.values()) place(armed, now)
    }
    lastNow = now
    const due = takeDue(now)
    try {
      if (due.length > 0) decide(due, now, false)
    } catch (error) {
      onError(error)
      for (const armed of due) heap.push(armed)
      return arm(lookMsMax)
    }
    for (const armed of due) place(armed, now)
    arm(0)
  }

  const arm = (delayMsMin: number): void => {
    cancelTimer()
    const first = heap.peek()
    if (closed || first === undefined) return
    const delayMs = Math.max(dueIn(first, clock.now()), delayMsMin)
    cancelTimer = clock.after(Math.min(delayMs, lookMsMax), look)
  }

  const takeIn = (now: number, absent: boolean): void => {
    const present = options.schedules().map((schedule) => ({ schedule, key: keyOf(schedule) }))
    const keys = new Set(present.map(({ key }) => key))
    const watches = ledger.watches().map((watch) => ({ watch, key: keyOfWatch(watch) }))
    const watchByKey = new Map(watches.map(({ watch, key }) => [key, watch]))
    const added: { key: string; armed: Armed }[] = []
    for (const { schedule, key } of present) {
      const says = textOf(schedule)
      const armed = armedByKey.get(key)
      if (armed?.watch.says === says) armed.schedule = schedule
      else added.push({ key, armed: newArmed(schedule, says, watchByKey.get(key), now) })
    }
    ledger.forget(watches.filter(({ key }) => !keys.has(key)).map(({ watch }) => watch))
    decide(
      added.map(({ armed }) => armed),
      now,
      absent,
    )
    for (const [key, armed] of armedByKey) {
      if (keys.has(key)) continue
      armed.live = false
      armedByKey.delete(key)
    }
    for (const { key, armed } of added) {
      const before = armedByKey.get(key)
      if (before !== undefined) before.live = false
      armedByKey.set(key, armed)
      place(armed, now)
    }
  }

  const askAgain = (now: number): void => {
    for (const row of ledger.unsettled()) {
      if (now - row.dueAt <= askAgainMsMax) queue.add(row)
      else ledger.revise({ ...row, decision: 'missed', reason: neverRecorded, run: null })
    }
  }

  askAgain(lastNow)
  takeIn(lastNow, true)
  arm(0)

  return {
    reload() {
      if (closed) return
      look() // what is due by now is decided by what was said before
      takeIn(clock.now(), false)
      arm(0)
    },
    next(limit) {
      const waiting = [...armedByKey.values()].flatMap((armed) => nextFireOf(armed))
      return waiting.sort((left, right) => left.at - right.at).slice(0, limit)
    },
    close() {
      closed = true
      cancelTimer()
      queue.close()
    },
  }
}

async function handOver(
  row: OccurrenceRow,
  fire: CronTriggersOptions['fire'],
): Promise<OccurrenceRow> {
  const { pipeline, environment, trigger, dueAt, run } = row
  if (run === null) throw new Error(`An occurrence without a run was queued: ${pipeline} ${dueAt}`)
  try {
    await fire({ pipeline, environment, trigger, dueAt, run })
    return row
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ...row, decision: 'skipped', reason, run: null }
  }
}

function ignore(): void {}

function isSooner(left: Armed, right: Armed): boolean {
  return dueIn(left, 0) < dueIn(right, 0)
}

function dueIn({ nextAt }: Armed, now: number): number {
  return nextAt === null ? Number.POSITIVE_INFINITY : nextAt - now
}

function newArmed(
  schedule: Schedule,
  says: string,
  kept: TriggerWatch | undefined,
  now: number,
): Armed {
  const { pipeline, environment, index } = schedule
  const known = kept?.says === says
  const watch = known ? kept : { pipeline, environment, trigger: index, says, throughAt: now }
  return { schedule, watch, fresh: !known, nextAt: null, live: true }
}

function keyOf({ pipeline, environment, index }: Schedule): string {
  return JSON.stringify([pipeline, environment, index])
}

function keyOfWatch({ pipeline, environment, trigger }: TriggerWatch): string {
  return JSON.stringify([pipeline, environment, trigger])
}

function textOf({ trigger }: Schedule): string {
  return JSON.stringify([trigger.cron, trigger.timezone, trigger.dst?.gap, trigger.dst?.fold])
}

function nextFireOf({ schedule, nextAt }: Armed): NextFire[] {
  if (nextAt === null) return []
  const { pipeline, environment, index, trigger } = schedule
  const { cron, timezone } = trigger
  return [{ pipeline, environment, trigger: index, cron, timezone, at: nextAt }]
}
