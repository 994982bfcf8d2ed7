import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { cleanLine, lineCharsMax, maskLine } from '../../electron/insight/mask.ts'

test('what differs between two healthy runs is masked', () => {
  const pairs = [
    ['2025-02-01 10:00:00,123 INFO wrote 412 rows', '2026-11-22T09:59:01.5Z INFO wrote 9 rows'],
    ['lease run=20261122T150907-54072', 'lease run=20261123T020001-0a9f1'],
    ['id 3f2b8c1e-0000-4a4a-9b9b-1234567890ab', 'id 00000000-1111-2222-3333-444444444444'],
    ['open /tmp/x1/spool/a.tmp', 'open /tmp/y-22/b.tmp'],
    ['peer 10.0.0.7:5432', 'peer 192.168.1.1:80'],
    ["KeyError: 'c0ffee'", "KeyError: 'beef'"],
  ] as const
  for (const [a, b] of pairs) expect(maskLine(a)).toBe(maskLine(b))
})

test('a zero is not just any number, and an HTTP status keeps its class', () => {
  expect(maskLine('rows=0')).not.toBe(maskLine('rows=400'))
  expect(maskLine('share 0.00')).not.toBe(maskLine('share 0.25'))
  expect(maskLine('http_code=502 size=1')).not.toBe(maskLine('http_code=200 size=1'))
  expect(maskLine('http_code=502 size=1')).toBe(maskLine('http_code=503 size=7'))
})

test('no text, however hostile, keeps a control byte or grows', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 300 }), (text) => {
      const clean = cleanLine(text)
      expect(clean).not.toMatch(/(?!\t)\p{Cc}/u)
      expect(clean.length).toBeLessThanOrEqual(Math.min(text.length, lineCharsMax))
      expect(maskLine(maskLine(clean)).length).toBeLessThanOrEqual(clean.length * 2 + 8)
    }),
    { numRuns: 200 },
  )
})
