import { expect, test } from 'vitest'
import { rowAfterKey } from '../../renderer/ui/row-keys.ts'

const list = { count: 100, page: 10 }

test('j and k, arrows, pages, Home and End lead through a list and never out of it', () => {
  const to = (key: string, at: number) => rowAfterKey(key, at, list)
  expect(to('j', 4)).toBe(5)
  expect(to('ArrowDown', 99)).toBe(99)
  expect(to('k', 4)).toBe(3)
  expect(to('ArrowUp', 0)).toBe(0)
  // One row of the page before stays in sight.
  expect(to('PageDown', 4)).toBe(13)
  expect(to('PageUp', 4)).toBe(0)
  expect(to('Home', 50)).toBe(0)
  expect(to('End', 50)).toBe(99)
})

test('a key that is none of rows, and a list without rows, lead nowhere', () => {
  expect(rowAfterKey('x', 4, list)).toBe(null)
  expect(rowAfterKey('Enter', 4, list)).toBe(null)
  expect(rowAfterKey('j', -1, { count: 0, page: 10 })).toBe(null)
})
