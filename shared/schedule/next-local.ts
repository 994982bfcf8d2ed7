// The next wall-clock time that matches a cron expression, on a calendar without zones.
import type { CronExpression } from './cron-expression.ts'
import { dayNumber, daysOfMonth } from './cron-days.ts'

const minuteMs = 60_000
const dayMs = 86_400_000
/** A leap day on a given weekday may be 40 years away; a hundred leave no doubt. */
const yearsMax = 100

/** The first matching minute at or after `localMs` (wall clock, as ms since 1970 would be in UTC); null: never. */
export function nextLocal(expression: CronExpression, localMs: number): number | null {
  const minuteUp = Math.ceil(localMs / minuteMs) * minuteMs
  const date = new Date(minuteUp)
  const today = Math.floor(minuteUp / dayMs) * dayMs
  let year = date.getUTCFullYear()
  let month = date.getUTCMonth() + 1
  let day = date.getUTCDate()
  if (isDay(expression, year, month, day)) {
    const time = nextTime(expression, (minuteUp - today) / minuteMs)
    if (time !== null) return today + time * minuteMs
  }
  day += 1
  for (const yearLast = year + yearsMax; year <= yearLast; year++, month = 1) {
    for (; month <= 12; month++, day = 1) {
      if (!expression.month.values.includes(month)) continue
      const later = daysOfMonth(expression, year, month) & (day > 31 ? 0 : -1 << day)
      if (later === 0) continue
      const first = 31 - Math.clz32(later & -later)
      const time = nextTime(expression, 0)
      return time === null ? null : dayNumber(year, month, first) * dayMs + time * minuteMs
    }
  }
  return null
}

function isDay(expression: CronExpression, year: number, month: number, day: number): boolean {
  if (!expression.month.values.includes(month)) return false
  return (daysOfMonth(expression, year, month) & (1 << day)) !== 0
}

/** Minutes since midnight, at or after `from`; null: not any more that day. */
function nextTime({ hour, minute }: CronExpression, from: number): number | null {
  const fromHour = Math.floor(from / 60)
  for (const value of hour.values) {
    if (value < fromHour) continue
    if (value > fromHour) return value * 60 + (minute.values[0] ?? 0)
    const found = minute.values.find((each) => each >= from % 60)
    if (found !== undefined) return value * 60 + found
  }
  return null
}
