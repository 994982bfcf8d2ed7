// Which days of a month a cron expression means. Days are bits 1..31 of a number.
import type { CronExpression } from './cron-expression.ts'
import type { CronField, SpecialDay } from './cron-field.ts'
import { assertNever } from '../run/states.ts'

// Cron's rule: where both day fields say something, a day needs to match one of them, else both. A star with a step
// says something to every cron but Vixie's, which looks at the first character alone; the many are followed.
/** `month` is 1..12. */
export function daysOfMonth(expression: CronExpression, year: number, month: number): number {
  const { day, weekday } = expression
  const length = monthLength(year, month)
  const first = weekdayOf(dayNumber(year, month, 1))
  const inMonth = monthBits(day, length, first)
  const inWeek = weekBits(weekday, length, first)
  return day.free || weekday.free ? inMonth & inWeek : inMonth | inWeek
}

/** Days since 1970-01-01. */
export function dayNumber(year: number, month: number, day: number): number {
  return Math.floor(Date.UTC(year, month - 1, day) / 86_400_000)
}

/** 0 is Sunday. 1970-01-01 was a Thursday. */
function weekdayOf(dayNumberValue: number): number {
  return (((dayNumberValue + 4) % 7) + 7) % 7
}

function monthLength(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function monthBits(field: CronField, length: number, first: number): number {
  let bits = 0
  for (const day of field.values) if (day <= length) bits |= 1 << day
  for (const special of field.special) {
    const day = specialDay(special, length, first)
    if (day !== null) bits |= 1 << day
  }
  return bits
}

function weekBits(field: CronField, length: number, first: number): number {
  let bits = 0
  for (const weekday of field.values) {
    for (let day = firstOn(weekday, first); day <= length; day += 7) bits |= 1 << day
  }
  for (const special of field.special) {
    const day = specialDay(special, length, first)
    if (day !== null) bits |= 1 << day
  }
  return bits
}

function firstOn(weekday: number, first: number): number {
  return 1 + ((weekday - first + 7) % 7)
}

function specialDay(special: SpecialDay, length: number, first: number): number | null {
  switch (special.kind) {
    case 'last':
      return special.before < length ? length - special.before : null
    case 'last-weekday':
      return nearestWeekday(length, length, first)
    case 'nearest-weekday':
      return special.day <= length ? nearestWeekday(special.day, length, first) : null
    case 'nth': {
      const day = firstOn(special.weekday, first) + 7 * (special.nth - 1)
      return day <= length ? day : null
    }
    case 'last-of': {
      const day = firstOn(special.weekday, first) + 28
      return day <= length ? day : day - 7
    }
    default:
      return assertNever(special)
  }
}

// Never leaves the month: the 1st on a Saturday gives Monday the 3rd, the last on a Sunday the Friday before.
function nearestWeekday(day: number, length: number, first: number): number {
  const weekday = (first + day - 1) % 7
  if (weekday === 6) return day > 1 ? day - 1 : day + 2
  if (weekday === 0) return day < length ? day + 1 : day - 2
  return day
}
