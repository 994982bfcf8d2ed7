// P11: many cron triggers armed: what a fire costs, and how late it is decided.
import { join } from 'node:path'
import type { Clock } from '../../electron/ports/clock.ts'
import { occurrenceLedger } from '../../electron/store/occurrences.ts'
import { openStore } from '../../electron/store/open.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { CronTriggersOptions, Schedule } from '../../electron/triggers/cron-triggers.ts'
import { openCronTriggers } from '../../electron/triggers/cron-triggers.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'
import type { BenchRow, Figure } from './figure.ts'
import { ms } from './figure.ts'

const few = 100
const many = 100_000
const fires = 10_000
const growthGoal = 1.3
const lateGoalMs = 50
const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC']

export const schedulesArmed: BenchRow = {
  name: 'P11',
  title: 'many schedules armed',
  secondsMax: 180,
  async measure({ dir }) {
    const small = await costPerFire(few, join(dir, 'few.db'))
    const large = await costPerFire(many, join(dir, 'many.db'))
    const ratio = large / small
    const cost: Figure = {
      row: 'P11',
      what: `${many.toLocaleString('en')} schedules, cost per fire`,
      ours: `${large.toFixed(0)} us`,
      reference: `${small.toFixed(0)} us at ${few}`,
      ratio,
      goal: `<= ${growthGoal}x`,
      met: ratio <= growthGoal,
      note: '',
    }
    return [cost, await lateness(join(dir, 'late.db'))]
  },
}

/** Microseconds, each fire with its row on disk, over as many fires whatever is armed. */
async function costPerFire(count: number, file: string): Promise<number> {
  const clock = virtualClock()
  // Every schedule fires once a day, so a day of few costs as many fires as minutes of many.
  const schedules = Array.from({ length: count }, (_, index) => daily(index))
  let fired = 0
  const close = open(file, { schedules: () => schedules, clock, fire: () => void fired++ })
  await clock.flow(3_600_000)
  const before = fired
  const startedAt = performance.now()
  while (fired - before < fires) await clock.flow(600_000)
  const cost = ((performance.now() - startedAt) * 1000) / (fired - before)
  close()
  return cost
}

async function lateness(file: string): Promise<Figure> {
  const schedules = Array.from({ length: many }, (_, index) => daily(index))
  schedules.push({
    ...daily(0),
    pipeline: 'now',
    trigger: { ...daily(0).trigger, cron: '* * * * *' },
  })
  let armedAt = Number.POSITIVE_INFINITY
  const lateMs = await new Promise<number>((resolve) => {
    const close = open(file, {
      schedules: () => schedules,
      clock: systemClock,
      fire({ pipeline, dueAt }) {
        // One that was due while the others were being armed had to wait for that.
        if (pipeline !== 'now' || dueAt < armedAt) return
        resolve(Date.now() - dueAt)
        setImmediate(close)
      },
    })
    armedAt = Date.now()
  })
  return {
    row: 'P11',
    what: 'lateness of a fire',
    ours: ms(lateMs),
    reference: '-',
    ratio: null,
    goal: `< ${lateGoalMs} ms`,
    met: lateMs < lateGoalMs,
    note: 'By the real clock, with the fires of all others in between.',
  }
}

function daily(index: number): Schedule {
  const cron = `${index % 60} ${Math.floor(index / 60) % 24} * * *`
  const timezone = zones[index % zones.length] ?? 'UTC'
  return {
    pipeline: `p${index}`,
    environment: 'dev',
    index: 0,
    trigger: { kind: 'cron', cron, timezone, dst: null },
  }
}

function open(
  file: string,
  options: Omit<CronTriggersOptions, 'ledger'> & { clock: Clock },
): () => void {
  const store = openStore(file)
  const triggers = openCronTriggers({ ...options, ledger: occurrenceLedger(store.db) })
  return () => {
    triggers.close()
    store.close()
  }
}
