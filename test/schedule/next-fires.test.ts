import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firesBetween, lastFiresBetween, nextFire } from '../../shared/schedule/next-fires.ts'
import { cronRows, cronTrigger, minuteText } from './cron-rows.ts'

interface CoreRow {
  id: string
  expression: string
  timezone: string
  from: string
  inclusive: boolean
  expected: string[]
}
interface DstRow {
  expression: string
  timezone: string
  from: string
  to: string
  fires: string[] | { count: number }
}

const minuteMs = 60_000
const policies = [
  null,
  { gap: 'skip', fold: 'first' },
  { gap: 'skip', fold: 'last' },
  { gap: 'skip', fold: 'both' },
  { gap: 'shift', fold: 'first' },
  { gap: 'shift', fold: 'last' },
  { gap: 'shift', fold: 'both' },
] as const

test('the portable core of 369 rows is answered as all programs answer it', () => {
  const rows = cronRows<CoreRow>('portable-core.jsonl')
  const wrong = rows.filter((row) => {
    const trigger = cronTrigger(row.expression, row.timezone)
    const from = Date.parse(row.from) - (row.inclusive ? 1 : 0)
    if (row.expected.length === 0) return nextFire(trigger, from) !== null
    const fires = firesBetween(trigger, from, Infinity, row.expected.length)
    return fires.join() !== row.expected.map((text) => Date.parse(text)).join()
  })
  expect(wrong).toEqual([])
  expect(rows.length).toBe(369)
})

test("S4: without a policy, all 85 chains over DST changes are those of Debian's cron", () => {
  const rows = cronRows<DstRow>('dst-debian.jsonl')
  for (const row of rows) {
    const trigger = cronTrigger(row.expression, row.timezone)
    const fires = firesBetween(trigger, Date.parse(row.from) - 1, Date.parse(row.to), 1000)
    const got = Array.isArray(row.fires)
      ? fires.map((at) => new Date(at).toISOString().replace('.000Z', 'Z'))
      : { count: fires.length, every_minute: true }
    expect({ ...row, got }).toEqual({ ...row, got: row.fires })
  }
  expect(rows.length).toBe(85)
})

test('an instant that matches is the fire after the instant before it', () => {
  const rows = cronRows<{ expression: string; timezone: string; at: string; match: boolean }>(
    'match.jsonl',
  )
  const wrong = rows.filter((row) => {
    const at = Date.parse(row.at)
    return (nextFire(cronTrigger(row.expression, row.timezone), at - 1) === at) !== row.match
  })
  expect(wrong).toEqual([])
})

// New York 2025: 02:00 to 03:00 is missing on March 9 (07:00Z), 01:00 to 02:00 comes twice on November 2 (05:00Z, 06:00Z).
test.each([
  ['30 2 * * *', { gap: 'skip', fold: 'first' }, []],
  ['30 2 * * *', { gap: 'shift', fold: 'first' }, ['2025-03-09T07:00Z']],
  ['0,30 2,3 * * *', { gap: 'shift', fold: 'first' }, ['2025-03-09T07:00Z', '2025-03-09T07:30Z']],
  ['*/30 2 * * *', { gap: 'shift', fold: 'both' }, ['2025-03-09T07:00Z']],
  ['*/30 2 * * *', null, []],
] as const)('S3: the gap, %s with %o', (cron, dst, expected) => {
  const from = Date.parse('2025-03-09T06:59Z')
  const fires = firesBetween(cronTrigger(cron, 'America/New_York', dst), from, from + 3_600_000, 9)
  expect(fires.map(minuteText)).toEqual(expected)
})

test.each([
  ['30 1 * * *', { gap: 'skip', fold: 'first' }, ['05:30']],
  ['30 1 * * *', { gap: 'skip', fold: 'last' }, ['06:30']],
  ['30 1 * * *', { gap: 'skip', fold: 'both' }, ['05:30', '06:30']],
  ['*/30 * * * *', { gap: 'skip', fold: 'first' }, ['05:00', '05:30', '07:00', '07:30']],
  ['*/30 * * * *', { gap: 'skip', fold: 'last' }, ['06:00', '06:30', '07:00', '07:30']],
  ['0,30 1 * * *', null, ['05:00', '05:30']],
  ['*/30 1 * * *', null, ['05:00', '05:30', '06:00', '06:30']],
] as const)('the fold, %s with %o', (cron, dst, expected) => {
  const from = Date.parse('2025-11-02T04:59Z')
  const to = Date.parse('2025-11-02T07:59Z')
  const fires = firesBetween(cronTrigger(cron, 'America/New_York', dst), from, to, 99)
  expect(fires.map((at) => minuteText(at)?.slice(11, 16))).toEqual(expected)
})

test('asked between the two passes of a fold, the second pass follows the policy', () => {
  const between = Date.parse('2025-11-02T05:45Z')
  const next = (fold: 'first' | 'last' | 'both') =>
    minuteText(
      nextFire(cronTrigger('30 1 * * *', 'America/New_York', { gap: 'skip', fold }), between),
    )
  expect(next('both')).toBe('2025-11-02T06:30Z')
  expect(next('last')).toBe('2025-11-02T06:30Z')
  expect(next('first')).toBe('2025-11-03T06:30Z')
})

test('S4: the day that Samoa left out is no DST change: its fires are gone', () => {
  const from = Date.parse('2011-12-29T12:00Z')
  const fires = (gap: 'skip' | 'shift' | null) =>
    firesBetween(
      cronTrigger('0 2 * * *', 'Pacific/Apia', gap === null ? null : { gap, fold: 'first' }),
      from,
      from + 47 * 3_600_000,
      9,
    ).map(minuteText)
  expect(fires(null)).toEqual(['2011-12-30T12:00Z'])
  expect(fires('shift')).toEqual(['2011-12-30T10:00Z', '2011-12-30T12:00Z'])
})

test('rare and impossible dates are answered at once', () => {
  const next = (cron: string, from: string) =>
    minuteText(nextFire(cronTrigger(cron, 'Europe/Berlin'), Date.parse(from)))
  expect(next('0 12 29 2 *', '2096-03-01T00:00Z')).toBe('2104-02-29T11:00Z')
  expect(next('0 12 * 2 1#5', '2026-01-01T00:00Z')).toBe('2044-02-29T11:00Z')
  expect(next('0 0 31 2,4,6,9,11 *', '2026-01-01T00:00Z')).toBeNull()
})

test('the newest fires of a long time cost what they are, not what the time is', () => {
  const everyMinute = cronTrigger('* * * * *', 'Europe/Berlin')
  const from = Date.parse('2016-01-01T00:00Z')
  const to = Date.parse('2026-01-01T00:00Z')
  const newest = lastFiresBetween(everyMinute, from, to, 3)
  expect(newest.map((at) => to - at)).toEqual([2 * minuteMs, minuteMs, 0])
  const leap = cronTrigger('0 0 29 2 *', 'Europe/Berlin')
  expect(lastFiresBetween(leap, from, to, 100).map(minuteText)).toEqual([
    '2016-02-28T23:00Z',
    '2020-02-28T23:00Z',
    '2024-02-28T23:00Z',
  ])
})

const zones = [...new Set(cronRows<CoreRow>('from-instants.jsonl').map((row) => row.timezone))]
const starts = cronRows<CoreRow>('from-instants.jsonl')
const field = (min: number, max: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: fc.integer({ min, max }).map(String) },
    fc.integer({ min: 1, max }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([left, right]) => `${left},${right}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map((ends) => `${Math.min(...ends)}-${Math.max(...ends)}`),
  )
const expressions = fc
  .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
  .map((fields) => fields.join(' '))

test('S1: the next fire is later, from every instant of the collection and under every policy', () => {
  fc.assert(
    fc.property(
      expressions,
      fc.constantFrom(...starts),
      fc.integer({ min: -90, max: 90 }),
      fc.constantFrom(...policies),
      (cron, start, minutes, dst) => {
        const trigger = cronTrigger(cron, start.timezone, dst)
        let at = Date.parse(start.from) + minutes * minuteMs
        for (let count = 0; count < 5; count++) {
          const next = nextFire(trigger, at)
          expect(next).toBeGreaterThan(at)
          at = next ?? at
        }
      },
    ),
    { seed: 20_260_101, numRuns: 3000 },
  )
})

// The oracle walks every minute and compares the wall clock's fields: slow, and too simple to be wrong.
test('S2: away from policies, the fires are the minutes whose wall clock matches', () => {
  fc.assert(
    fc.property(
      fc.tuple(field(0, 59), field(0, 23), fc.constantFrom('*', '1-15', '9'), field(0, 6)),
      fc.constantFrom(...zones),
      fc.constantFrom(...starts),
      ([minute, hour, day, weekday], zone, start) => {
        const dayFree = day === '*'
        const weekdayFree = weekday === '*' || weekday === '*/1'
        const readWall = wallClock(zone)
        const from = Math.ceil(Date.parse(start.from) / minuteMs) * minuteMs
        const to = from + 6 * 3_600_000
        const expected: number[] = []
        for (let at = from; at <= to; at += minuteMs) {
          const [min = 0, hr = 0, dom = 0, , dow = 0] = readWall(at)
          const inDay = hits(day, dom)
          const inWeek = hits(weekday, dow)
          const rightDay = dayFree || weekdayFree ? inDay && inWeek : inDay || inWeek
          if (hits(minute, min) && hits(hour, hr) && rightDay) expected.push(at)
        }
        const trigger = cronTrigger(`${minute} ${hour} ${day} * ${weekday}`, zone, {
          gap: 'skip',
          fold: 'both',
        })
        expect(firesBetween(trigger, from - 1, to, 1000)).toEqual(expected)
      },
    ),
    { seed: 20_260_102, numRuns: 150 },
  )
})

function wallClock(zone: string): (at: number) => number[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  })
  const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  return (at: number): number[] => {
    const of: Record<string, string> = {}
    for (const part of format.formatToParts(at)) of[part.type] = part.value
    return [
      Number(of['minute']),
      Number(of['hour']),
      Number(of['day']),
      Number(of['month']),
      days.indexOf(of['weekday'] ?? ''),
    ]
  }
}

function hits(text: string, value: number): boolean {
  return text.split(',').some((element) => {
    const [range = '', step = '1'] = element.split('/')
    const [low, high = low] = range === '*' ? ['0', '99'] : range.split('-')
    const from = range === '*' ? 0 : Number(low)
    return value >= from && value <= Number(high) && (value - from) % Number(step) === 0
  })
}
