import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openExpressions } from '../../electron/pipeline/expression.ts'
import type { ExpressionValues } from '../../electron/pipeline/expression.ts'

const expressions = openExpressions({
  params: { day: 'date', limit: 'integer', share: 'number', all: 'boolean' },
  vars: ['REGION'],
})
const values: ExpressionValues = {
  params: { day: '2026-01-31', limit: 10, share: 0.5, all: true },
  vars: { REGION: 'eu' },
  environment: 'dev',
  pipeline: 'orders',
  logicalDate: '2026-02-01T00:00:00.000Z',
}

test.each([
  ['plain text', 'plain text'],
  ['${{ params.day }}', '2026-01-31'],
  ['from ${{params.day}} to ${{ logical_date }}', 'from 2026-01-31 to 2026-02-01T00:00:00.000Z'],
  ['${{ params.limit * 2 }}', '20'],
  ['${{ params.share }}', '0.5'],
  ['${{ params.all && params.limit > 5 }}', 'true'],
  ['${{ vars.REGION + "-" + env.name }}', 'eu-dev'],
  ['${{ vars["REGION"] }}', 'eu'],
  ['${{ environment == "prod" ? "1" : "0" }}', '0'],
  ['${{ pipeline.startsWith("ord") }}', 'true'],
  ['${{ re(params.day, "^2026-") }}', 'true'],
  ['${{ addDays(params.day, 1) }}', '2026-02-01'],
  ['${{ "}}" }}', '}}'],
  ['${{ [1].all(x, x > 0 // a, b\n) }}', 'true'],
  ['${{ ["a://b"].exists(x, (x) == ("a://b")) }}', 'true'],
  ['a $ sign, a { and $${{ 1 }}', 'a $ sign, a { and $1'],
  ['${{ size(params.day) }}', '10'],
  ['${{ ["eu", "us"].exists(r, r == vars.REGION) }}', 'true'],
])('%s gives %s', (value, text) => {
  expect(expressions.check(value)).toEqual([])
  expect(expressions.evaluate(value, values)).toEqual({ text })
})

test.each([
  ['${{ params.dya }}', 11, 'There is no param "dya". Did you mean "day"?'],
  [
    'x ${{ vars.REGOIN }}',
    11,
    'There is no var "REGOIN" in any environment. Did you mean "REGION"?',
  ],
  ['${{ env.HOME }}', 8, 'There is no field "HOME".'],
  ['${{ secrets.X }}', 4, 'There is no variable "secrets".'],
  ['${{ process.exit(1) }}', 4, 'There is no variable "process".'],
  ['${{ params }}', 4, 'The expression gives a mapping; a variable holds text.'],
  ['${{ vars }}', 4, 'The expression gives a mapping; a variable holds text.'],
  ['${{ [1,2].map(x, x).map(y, y) }}', 4, '"map" goes over a value as it is'],
  ['${{ [1].all(params, params > 0) }}', 4, '"params" has a meaning of its own'],
  ['${{ [1].all(x // a, b\n, x > 0) }}', 14, 'A comment stands inside a loop.'],
  ['${{ [1].all(x, x > z) }}', 19, 'There is no variable "z".'],
  ['${{ params.constructor }}', 11, 'There is no param "constructor".'],
])('%s is refused at its place', (value, offset, message) => {
  const [fault] = expressions.check(value)
  expect({ offset: fault?.offset, message: fault?.message }).toEqual({
    offset,
    message: expect.stringContaining(message) as string,
  })
})

test('a pattern that would hang a backtracking engine answers at once', () => {
  const value = `\${{ re("${'a'.repeat(5000)}!", "^(a+)+$") }}`
  expect(expressions.evaluate(value, values)).toEqual({ text: 'false' })
})

test('a bad pattern and a bad date are faults, not crashes', () => {
  expect(expressions.evaluate('${{ re("a", "(") }}', values)).toHaveProperty('faults')
  // The year 12977 is no four digits: cut to ten characters it would be some other text.
  for (const days of [4_000_000, -800_000]) {
    const written = JSON.stringify(
      expressions.evaluate(`\${{ addDays(params.day, ${days}) }}`, values),
    )
    expect(written).toContain(`${days} days from`)
  }
  expect(expressions.evaluate('${{ addDays("soon", 1) }}', values)).toHaveProperty('faults')
  expect(
    expressions.evaluate('${{ addDays(params.day, 999999999999999) }}', values),
  ).toHaveProperty('faults')
  expect(expressions.evaluate('${{ 1 / (params.limit - 10) }}', values)).toHaveProperty('faults')
})

test('no text makes a check or an evaluation throw, and what is checked evaluates to text or faults', () => {
  const word = fc.constantFrom(
    'params',
    '.',
    'day',
    'limit',
    'vars',
    '[',
    ']',
    '(',
    ')',
    '+',
    '-',
    '"',
    "'",
    '${{',
    '}}',
    '{',
    '}',
    ' ',
    '1',
    '0.5',
    '==',
    '?',
    ':',
    'true',
    'null',
    'size',
    'map',
    'x',
    ',',
    '\\',
    '\n',
    'env',
    'name',
    'b"a"',
    '!',
    'in',
  )
  const source = fc.array(word, { maxLength: 14 }).map((words) => words.join(''))
  fc.assert(
    fc.property(
      fc.oneof(
        source,
        source.map((text) => `\${{ ${text} }}`),
        fc.string(),
      ),
      (value) => {
        const faults = expressions.check(value)
        for (const fault of faults) {
          expect(fault.offset).toBeGreaterThanOrEqual(0)
          expect(fault.offset).toBeLessThanOrEqual(value.length)
          expect(fault.message).toMatch(/\.$|\?$/)
        }
        const result = expressions.evaluate(value, values)
        // What evaluates has passed its check.
        expect('text' in result && faults.length > 0).toBe(false)
      },
    ),
    { numRuns: 2000, interruptAfterTimeLimit: 3000 },
  )
})
