import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLeaveKeys } from '../../electron/cli/leave-keys.ts'

function typed(...parts: string[]): { text: string; isLeaving: boolean } {
  const keys = openLeaveKeys()
  let text = ''
  for (const part of parts) {
    const taken = keys.take(part)
    text += taken.text
    if (taken.isLeaving) return { text, isLeaving: true }
  }
  return { text, isLeaving: false }
}

test.each([
  ['~.', '', true],
  ['ls\r~.rm', 'ls\r', true],
  ['ls ~.', 'ls ~.', false],
  ['~~.', '~.', false],
  ['~/bin/x\r', '~/bin/x\r', false],
  ['~\r~.', '~\r', true],
])('%j goes to the shell as %j', (keys, text, isLeaving) => {
  expect(typed(keys)).toEqual({ text, isLeaving })
  // One key at a time, as a person types.
  expect(typed(...keys.split(''))).toEqual({ text, isLeaving })
})

test('without a ~ all of it goes to the shell', () => {
  fc.assert(
    fc.property(
      fc.string().map((text) => text.replaceAll('~', '')),
      (text) => {
        expect(typed(text)).toEqual({ text, isLeaving: false })
      },
    ),
  )
})

test('however it comes in parts, the same goes to the shell', () => {
  const key = fc.constantFrom('~', '.', '\r', '\n', 'a', ' ')
  fc.assert(
    fc.property(fc.array(fc.array(key, { maxLength: 4 }), { maxLength: 8 }), (parts) => {
      const texts = parts.map((part) => part.join(''))
      const whole = typed(texts.join(''))
      expect(typed(...texts)).toEqual(whole)
    }),
  )
})
