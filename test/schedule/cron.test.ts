import { expect, test } from 'vitest'
import { parseCron } from '../../shared/schedule/cron-expression.ts'
import { validateCron } from '../../shared/schedule/cron.ts'
import { cronRows } from './cron-rows.ts'

// Debian's crontab takes these and we do not, or the other way round; docs/scheduling.md says why for each.
const stricterThanDebian = [
  '30-10 * * * *',
  '* * * * 6-1',
  '*/99 * * * *',
  '@reboot',
  '10~20 * * * *',
]
const widerThanDebian = ['0/5 * * * *', '* * L * *', '* * 15W * *', '* * * * 5L']

test('every expression that some cron refuses is refused here, with a message and a column', () => {
  const rows = cronRows<{ dialect: string; expression: string }>('invalid.jsonl')
  const accepted = rows.filter((row) => validateCron(row.expression).ok)
  expect(accepted).toEqual([])
  for (const { expression } of rows) {
    const verdict = validateCron(expression)
    if (verdict.ok) continue
    expect(verdict.message).not.toBe('')
    expect(verdict.column).toBeGreaterThanOrEqual(1)
    expect(verdict.column).toBeLessThanOrEqual(expression.length + 1)
  }
  expect(rows.length).toBe(404)
})

test("what Debian's crontab accepts and refuses is accepted and refused, but for the written decisions", () => {
  const rows = cronRows<{ expression: string; accepted: boolean }>('crontab-lines.jsonl')
  const differing = rows.filter((row) => validateCron(row.expression).ok !== row.accepted)
  const stricter = differing.filter((row) => row.accepted).map((row) => row.expression)
  const wider = differing.filter((row) => !row.accepted).map((row) => row.expression)
  expect(stricter.sort()).toEqual([...stricterThanDebian].sort())
  expect(wider.sort()).toEqual([...widerThanDebian].sort())
})

test('real schedules are read, or refused with a way out', () => {
  const refused = cronRows<{ expression: string }>('real-schedules.jsonl').flatMap((row) => {
    const verdict = validateCron(row.expression)
    return verdict.ok ? [] : [{ ...row, hint: verdict.hint }]
  })
  expect(refused.map((row) => row.expression).sort()).toEqual([
    '0,30 * * * * *',
    '30 3 22 1 * *',
    '@once',
    '@quarterly',
  ])
  expect(refused.filter((row) => row.hint === '')).toEqual([])
})

test.each([
  ['', 1, 'The expression is empty'],
  ['* * * *', 8, 'There are 4 fields instead of five'],
  ['0 15 2 * * *', 12, 'There are six fields instead of five'],
  ['61 * * * *', 1, 'The minute 61 does not exist'],
  ['5-70 * * * *', 3, 'The minute 70 does not exist'],
  ['0  25 * * *', 4, 'The hour 25 does not exist'],
  ['0 5,x * * *', 5, 'Cannot read "x" as hour'],
  ['*/0 * * * *', 3, 'The step 0 never comes round'],
  ['0 0 1,,2 * *', 7, 'The day of month is empty here'],
  ['0 0 * * fri-mon', 9, 'The range fri-mon runs backwards'],
  ['0 0 1,15W * *', 7, '"15W" cannot stand in a list'],
  ['@Daily', 1, 'There is no @Daily'],
  ['@daily now', 8, 'Nothing may follow @daily'],
  [`${'1,'.repeat(300)}1 * * * *`, 1, 'The expression is 609 characters long'],
])('%s: the fault is at column %i', (text, column, message) => {
  expect(validateCron(text)).toMatchObject({ ok: false, column, message })
})

test.each([
  ['0 8 1-7 * 1', /besides, on the days of the week$/],
  ['0 8 */2 * 1', /Debian: only on days that are both/],
  ['0 0 31 2,4 *', /never fires/],
  ['* 5 * * *', /every minute of that hour/],
  ['*/7 * * * *', /does not divide 60/],
  ['0 */5 * * *', /does not divide 24/],
])('%s is legal and draws a warning', (text, warning) => {
  const verdict = validateCron(text)
  expect(verdict.ok && verdict.warnings.map((each) => each.message)).toEqual([
    expect.stringMatching(warning),
  ])
})

test.each(['15 2 * * *', '*/15 * * * *', '0 */6 * * *', '0 5 * * 1-5', '0 0 29 2 *', '@hourly'])(
  '%s draws no warning',
  (text) => {
    expect(validateCron(text)).toEqual({ ok: true, warnings: [] })
  },
)

test('names, leading zeros, blanks and the names of whole expressions mean what their numbers mean', () => {
  expect(parseCron('00 05  1 JAN-Mar\tsun,MON')).toEqual(parseCron('0 5 1 1-3 0,1'))
  expect(parseCron('0 0 * * 5-7')).toEqual(parseCron('0 0 * * 0,5,6'))
  expect(parseCron('@weekly')).toEqual(parseCron('0 0 * * 7'))
})
