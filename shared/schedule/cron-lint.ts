// What a cron expression says and its author rarely means. Every finding is a warning.
import { daysOfMonth } from './cron-days.ts'
import type { CronExpression } from './cron-expression.ts'
import type { CronField } from './cron-field.ts'

export interface CronWarning {
  message: string
  hint: string
}

export function lintCron(expression: CronExpression): readonly CronWarning[] {
  const warnings: CronWarning[] = []
  const { minute, hour, day, weekday } = expression
  if (!firesAtAll(expression)) {
    warnings.push({
      message: 'These days do not exist: it never fires',
      hint: 'Look at the day of month and the month.',
    })
  }
  if (!day.free && !weekday.free) {
    const other = day.star || weekday.star ? ' (Debian: only on days that are both)' : ''
    warnings.push({
      message: `It fires on the days of the month and, besides, on the days of the week${other}`,
      hint: 'Put * in one of the two; for the first Monday, write 1#1 as the day of week.',
    })
  }
  if (minute.free && !hour.star) {
    warnings.push({
      message: `It fires at every minute of ${hour.values.length === 1 ? 'that hour' : 'those hours'}`,
      hint: 'Write 0 as the minute to fire once an hour.',
    })
  }
  warnings.push(...uneven(minute, 60, 'minute'), ...uneven(hour, 24, 'hour'))
  return warnings
}

// A leap day meets every day of the week within 40 years, 1900s and 2100s included.
function firesAtAll(expression: CronExpression): boolean {
  for (let year = 2000; year <= 2040; year++) {
    if (expression.month.values.some((month) => daysOfMonth(expression, year, month) !== 0)) {
      return true
    }
  }
  return false
}

function uneven(field: CronField, size: number, name: string): CronWarning[] {
  const [first, second] = field.values
  const last = field.values.at(-1)
  if (!field.star || first === undefined || second === undefined || last === undefined) return []
  if (size - last === second - first) return []
  return [
    {
      message: `The step does not divide ${size}: from ${name} ${last} to ${name} 0 is a shorter wait`,
      hint: '',
    },
  ]
}
