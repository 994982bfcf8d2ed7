import { expect, test } from 'vitest'
import {
  asksLogicalDate,
  checkDraft,
  checkParam,
  firstDraft,
} from '../../renderer/state/param-form.ts'
import type { ParamSpec, ParamType } from '../../shared/pipeline/spec.ts'

const param = (type: ParamType, part: Partial<ParamSpec> = {}): ParamSpec => ({
  name: 'p',
  type,
  default: null,
  description: '',
  choices: [],
  ...part,
})

test.each([
  ['integer', '12', 12],
  ['integer', '-3', -3],
  ['number', '0.5', 0.5],
  ['string', ' kept as it is ', ' kept as it is '],
  ['date', '2024-02-29', '2024-02-29'],
  ['boolean', true, true],
] as const)('%s %j is taken', (type, written, value) => {
  expect(checkParam(param(type), written)).toEqual({ ok: true, value })
})

test.each([
  ['integer', '1.5'],
  ['integer', '99999999999999999999'],
  ['integer', '0x10'],
  ['number', 'many'],
  ['date', '2026-02-29'],
  ['date', '12.01.2026'],
  ['choice', 'other'],
  ['string', ''],
] as const)('%s %j is refused in words', (type, written) => {
  const checked = checkParam(param(type, { choices: ['eu'] }), written)
  expect(checked.ok).toBe(false)
  expect(checked).toHaveProperty('problem', expect.stringMatching(/\.$/))
})

test('the form opens with the defaults and is right at once when every param has one', () => {
  const params = [
    param('date', { name: 'day', default: '2026-01-01' }),
    param('boolean', { name: 'full', default: false }),
    param('string', { name: 'note', default: '' }),
    param('integer', { name: 'limit', default: 5 }),
  ]
  expect(checkDraft(params, firstDraft(params))).toEqual({
    values: { day: '2026-01-01', full: false, note: '', limit: 5 },
    problems: {},
  })
})

test('all problems of a form are told at once', () => {
  const params = [param('integer', { name: 'a' }), param('date', { name: 'b' })]
  expect(Object.keys(checkDraft(params, { a: 'x', b: '' }).problems)).toEqual(['a', 'b'])
})

test('the form asks for a logical date where the file uses one', () => {
  expect(asksLogicalDate('run: load ${{ logical_date }}')).toBe(true)
  expect(asksLogicalDate('run: load "$SLUICE_LOGICAL_DATE"')).toBe(true)
  expect(asksLogicalDate('run: load the_logical_dates')).toBe(false)
})
