import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { listOccurrences, occurrenceLedger } from '../../electron/store/occurrences.ts'
import { openStore } from '../../electron/store/open.ts'
import type { Store } from '../../electron/store/open.ts'
import { openCronTriggers } from '../../electron/triggers/cron-triggers.ts'
import type {
  CronTriggersOptions,
  Occurrence,
  Schedule,
} from '../../electron/triggers/cron-triggers.ts'
import { isRunId } from '../../shared/run/ids.ts'
import { firesBetween } from '../../shared/schedule/next-fires.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2026, 0, 5, 12, 0, 30)

function schedule(cron: string, pipeline = 'orders', index = 0, timezone = 'UTC'): Schedule {
  return {
    pipeline,
    environment: 'dev',
    index,
    trigger: { kind: 'cron', cron, timezone, dst: null },
  }
}

function makeWorld(schedules: Schedule[], extra: Partial<CronTriggersOptions> = {}) {
  const clock = virtualClock(start)
  const store: Store = openStore(':memory:')
  onTestFinished(() => store.close())
  const fired: Occurrence[] = []
  const world = {
    clock,
    store,
    fired,
    schedules,
    open: () =>
      openCronTriggers({
        schedules: () => world.schedules,
        ledger: occurrenceLedger(store.db),
        clock,
        fire: (occurrence) => void fired.push(occurrence),
        ...extra,
      }),
    rows: () =>
      listOccurrences(store.db, { pipeline: null, limit: 1000 })
        .toReversed()
        .map((row) => `${new Date(row.dueAt).toISOString().slice(5, 16)} ${row.decision}`),
    reasons: () =>
      listOccurrences(store.db, { pipeline: null, limit: 1000 }).map((row) => row.reason),
  }
  return world
}

test('a trigger fires at its times, each with a row and a run of its own name', async () => {
  const world = makeWorld([schedule('0 * * * *')])
  const triggers = world.open()
  await world.clock.flow(2 * hour)
  expect(world.rows()).toEqual(['01-05T13:00 ran', '01-05T14:00 ran'])
  expect(world.fired.map((each) => each.dueAt)).toEqual([
    start + 59.5 * minute,
    start + 119.5 * minute,
  ])
  expect(world.fired.every((each) => isRunId(each.run))).toBe(true)
  expect(new Set(world.fired.map((each) => each.run)).size).toBe(2)
  expect(triggers.next(5)).toEqual([
    expect.objectContaining({
      pipeline: 'orders',
      at: Date.UTC(2026, 0, 5, 15),
      cron: '0 * * * *',
    }),
  ])
  triggers.close()
  await world.clock.flow(day)
  expect(world.fired.length).toBe(2)
})

test('the run of an occurrence has the same name in another home and another life', async () => {
  const names = await Promise.all(
    [1, 2].map(async () => {
      const world = makeWorld([schedule('0 * * * *')])
      world.open()
      await world.clock.flow(hour)
      return world.fired[0]?.run
    }),
  )
  expect(names[0]).toBe(names[1])
  expect(names[0]).toMatch(/^20260105-130000-[0-9a-z]{8}$/)
})

test('T1: what was due while nothing ran is missed, and the next one runs', async () => {
  const world = makeWorld([schedule('0 * * * *')])
  world.open().close()
  world.clock.advance(3 * hour)
  world.open()
  expect(world.rows()).toEqual(['01-05T13:00 missed', '01-05T14:00 missed', '01-05T15:00 missed'])
  expect(world.reasons()[0]).toBe('Sluice was not running at that time.')
  await world.clock.flow(hour)
  expect(world.rows().at(-1)).toBe('01-05T16:00 ran')
  expect(world.fired.length).toBe(1)
})

test('T1: the newest of what was missed is caught up when the window says so', async () => {
  const world = makeWorld([schedule('0 * * * *')], { catchUpMs: hour })
  world.open().close()
  world.clock.advance(3 * hour)
  world.open()
  await world.clock.flow(0)
  expect(world.rows()).toEqual([
    '01-05T13:00 missed',
    '01-05T14:00 missed',
    '01-05T15:00 caught_up',
  ])
  expect(world.fired.map((each) => each.dueAt)).toEqual([Date.UTC(2026, 0, 5, 15)])
})

test('T2: a year of absence lists the newest hundred and says that there were more', () => {
  const world = makeWorld([schedule('* * * * *')])
  world.open().close()
  world.clock.advance(365 * day)
  world.open()
  expect(world.rows().length).toBe(100)
  expect(world.reasons().at(-1)).toBe(
    'Sluice was not running at that time. Earlier ones since 2026-01-05T12:00:30Z are not listed.',
  )
})

test('T3: a crash between the decision and its run asks again, under the same name', async () => {
  const world = makeWorld([schedule('0 * * * *')], {
    fire: (occurrence) => {
      world.fired.push(occurrence)
      return new Promise(() => {}) // the process dies before an answer
    },
  })
  world.open()
  await world.clock.flow(hour)
  world.open()
  await world.clock.flow(0)
  expect(world.fired.length).toBe(2)
  expect(world.fired[0]).toEqual(world.fired[1])
})

test('T3: a run that was recorded before the crash is not asked for again, however late', async () => {
  const world = makeWorld([schedule('0 13 * * *')], {
    fire: (occurrence) => {
      world.fired.push(occurrence)
      world.store.db
        .prepare(
          `insert into run (run, pipeline, environment, version, state, cause, params, created_at, resumes, seq, counts)
           values (?, 'orders', 'dev', 'v', 'queued', '{}', '{}', 0, 0, 1, '{}')`,
        )
        .run(occurrence.run)
      return new Promise(() => {})
    },
  })
  world.open()
  await world.clock.flow(hour)
  await world.clock.flow(3 * hour)
  world.open()
  await world.clock.flow(0)
  expect(world.fired.length).toBe(1)
  expect(world.rows()).toEqual(['01-05T13:00 ran'])
})

test('T3: asked again too late, it is missed', async () => {
  const world = makeWorld([schedule('0 13 * * *')], {
    fire: (occurrence) => {
      world.fired.push(occurrence)
      return new Promise(() => {})
    },
  })
  const first = world.open()
  await world.clock.flow(hour)
  first.close()
  await world.clock.flow(3 * hour)
  world.open()
  await world.clock.flow(0)
  expect(world.fired.length).toBe(1)
  expect(world.rows()).toEqual(['01-05T13:00 missed'])
  expect(world.reasons()).toEqual([expect.stringMatching(/before its run was recorded/)])
})

test('a run that cannot be started leaves a skipped row with the reason', async () => {
  const world = makeWorld([schedule('0 * * * *')], {
    fire: () => Promise.reject(new Error('orders.yaml has 2 problems')),
  })
  world.open()
  await world.clock.flow(hour)
  expect(world.rows()).toEqual(['01-05T13:00 skipped'])
  expect(world.reasons()).toEqual(['orders.yaml has 2 problems'])
})

test('T4: a clock that goes back fires nothing twice', async () => {
  const world = makeWorld([schedule('*/10 * * * *')])
  world.open()
  await world.clock.flow(hour)
  const before = world.fired.length
  world.clock.step(-30 * minute)
  await world.clock.flow(29 * minute)
  expect(world.fired.length).toBe(before)
  await world.clock.flow(12 * minute)
  expect(world.fired.length).toBe(before + 1)
  expect(new Set(world.fired.map((each) => each.dueAt)).size).toBe(before + 1)
})

test('T4: a clock that goes forward, or a machine that slept, misses what was leapt over', async () => {
  const world = makeWorld([schedule('0 * * * *')])
  world.open()
  world.clock.step(5 * hour + 10 * minute)
  await world.clock.flow(minute)
  expect(world.rows()).toEqual([
    '01-05T13:00 missed',
    '01-05T14:00 missed',
    '01-05T15:00 missed',
    '01-05T16:00 missed',
    '01-05T17:00 missed',
  ])
  expect(world.reasons()[0]).toMatch(/the machine slept, or its clock was moved/)
  await world.clock.flow(hour)
  expect(world.rows().at(-1)).toBe('01-05T18:00 ran')
})

test('T4: a clock that was years ahead for a while does not stop the schedule', async () => {
  const world = makeWorld([schedule('0 * * * *')])
  world.open()
  world.clock.step(1000 * day + 10 * minute)
  await world.clock.flow(minute)
  world.clock.step(-1000 * day - 10 * minute)
  await world.clock.flow(2 * hour)
  expect(world.fired.map((each) => each.dueAt)).toEqual([
    Date.UTC(2026, 0, 5, 13),
    Date.UTC(2026, 0, 5, 14),
  ])
})

test('T5: a changed trigger begins when it is seen; an unchanged one keeps its place', async () => {
  const world = makeWorld([schedule('0 * * * *'), schedule('30 * * * *', 'stock')])
  const triggers = world.open()
  await world.clock.flow(hour)
  world.schedules = [schedule('15 * * * *'), schedule('30 * * * *', 'stock')]
  triggers.reload()
  await world.clock.flow(hour)
  world.schedules = [schedule('30 * * * *', 'stock')]
  triggers.reload()
  await world.clock.flow(hour)
  const times = world.fired.map(
    (each) => `${each.pipeline} ${new Date(each.dueAt).toISOString().slice(11, 16)}`,
  )
  expect(times).toEqual([
    'stock 12:30',
    'orders 13:00',
    'orders 13:15',
    'stock 13:30',
    'stock 14:30',
  ])
})

test('T5: a trigger that was away for a while has missed nothing', async () => {
  const world = makeWorld([schedule('0 * * * *')])
  const triggers = world.open()
  world.schedules = []
  triggers.reload()
  await world.clock.flow(5 * hour)
  world.schedules = [schedule('0 * * * *')]
  triggers.reload()
  expect(world.rows()).toEqual([])
  await world.clock.flow(hour)
  expect(world.rows()).toEqual(['01-05T18:00 ran'])
})

test('a ledger that cannot write delays the decision and loses nothing', async () => {
  const errors: unknown[] = []
  const world = makeWorld([schedule('0 * * * *')], { onError: (error) => errors.push(error) })
  world.open()
  world.store.db.exec(
    "create trigger no before insert on occurrence begin select raise(abort, 'disk full'); end",
  )
  await world.clock.flow(hour)
  expect([world.fired.length, errors.length]).toEqual([0, 2])
  world.store.db.exec('drop trigger no')
  await world.clock.flow(minute)
  expect(world.rows()).toEqual(['01-05T13:00 ran'])
  expect(world.fired.length).toBe(1)
})

test('a thousand triggers of one instant are handed over eight at a time', async () => {
  let active = 0
  let activeMax = 0
  const many = Array.from({ length: 1000 }, (_, index) => schedule('0 * * * *', `p${index}`))
  const world = makeWorld(many, {
    fire: async () => {
      active += 1
      activeMax = Math.max(activeMax, active)
      await Promise.resolve()
      active -= 1
    },
  })
  world.open()
  await world.clock.flow(hour)
  await world.clock.flow(0)
  expect(activeMax).toBe(8)
  expect(world.rows().filter((row) => row.endsWith('ran')).length).toBe(1000)
})

test('the ledger is on disk and a second life reads it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-triggers-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const clock = virtualClock(start)
  const life = () => {
    const store = openStore(join(dir, 'sluice.db'))
    const triggers = openCronTriggers({
      schedules: () => [schedule('0 * * * *')],
      ledger: occurrenceLedger(store.db),
      clock,
      fire: () => {},
    })
    return { store, triggers }
  }
  const first = life()
  await clock.flow(hour)
  first.triggers.close()
  first.store.close()
  clock.advance(hour)
  const second = life()
  const rows = listOccurrences(second.store.db, { pipeline: 'orders', limit: 10 })
  expect(rows.map((row) => row.decision)).toEqual(['missed', 'ran'])
  second.triggers.close()
  second.store.close()
})

test('whatever stops, steps and reloads come between, no occurrence is fired twice or left without a row', async () => {
  const actions = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('run' as const),
        ms: fc.integer({ min: 1, max: 40 * minute }),
      }),
      fc.record({
        kind: fc.constant('away' as const),
        ms: fc.integer({ min: 1, max: 40 * minute }),
      }),
      fc.record({
        kind: fc.constant('back' as const),
        ms: fc.integer({ min: 1, max: 40 * minute }),
      }),
      fc.record({
        kind: fc.constant('forward' as const),
        ms: fc.integer({ min: 1, max: 40 * minute }),
      }),
      fc.record({ kind: fc.constant('reload' as const), ms: fc.constant(0) }),
    ),
    { maxLength: 25 },
  )
  await fc.assert(
    fc.asyncProperty(actions, async (steps) => {
      const world = makeWorld([schedule('*/10 * * * *'), schedule('5 * * * *', 'stock')])
      let triggers = world.open()
      let latest = start
      for (const { kind, ms } of steps) {
        if (kind === 'run') await world.clock.flow(ms)
        if (kind === 'reload') triggers.reload()
        if (kind === 'back') world.clock.step(-ms)
        if (kind === 'forward') world.clock.step(ms)
        if (kind === 'away') {
          await world.clock.flow(0)
          triggers.close()
          world.clock.advance(ms)
          triggers = world.open()
        }
        latest = Math.max(latest, world.clock.now())
      }
      triggers.reload()
      await world.clock.flow(0)
      latest = Math.max(latest, world.clock.now())
      const names = world.fired.map((each) => each.run)
      expect(new Set(names).size).toBe(names.length)
      for (const { pipeline, trigger } of world.schedules) {
        const rows = listOccurrences(world.store.db, { pipeline, limit: 1000 }).map(
          (row) => row.dueAt,
        )
        const due = firesBetween(trigger, start, latest, 1000)
        // A jump ahead that was taken back before anyone looked was never seen.
        const seen = due.filter((at) => at <= Math.max(...rows, world.clock.now()))
        expect(rows.toReversed()).toEqual(seen)
      }
      triggers.close()
      world.store.close()
    }),
    { seed: 5, numRuns: 60 },
  )
}, 30_000)
