import { isDeepStrictEqual } from 'node:util'
import { assert, json, oneof, property, string, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { parseLines, parseTaskValues } from '../../electron/hosts/task-values.ts'

const read = (text: string | Uint8Array): ReturnType<typeof parseTaskValues> =>
  parseTaskValues(typeof text === 'string' ? Buffer.from(text) : text)

test('lines are texts, the last of a name counts, an empty file has no values', () => {
  expect(read('')).toEqual({ kind: 'values', values: {} })
  expect(read(' \n\r\n')).toEqual({ kind: 'values', values: {} })
  expect(read('a=1\r\nb= {"x": 1} \na=\n_C9==')).toEqual({
    kind: 'values',
    values: { a: '', b: ' {"x": 1} ', _C9: '=' },
  })
})

const bad: [text: string | Uint8Array, why: RegExp][] = [
  ['a=1\n\nhello', /line 3: "hello" is neither a key=value line/],
  ['1a=2', /line 1: "1a" is no name/],
  ['a b=2', /line 1: "a b" is no name/],
  [`${'k'.repeat(65)}=1`, /line 1: .* at most 64 characters/],
  ['a=1\nb=\0', /line 2: a NUL/],
  [Buffer.from([97, 61, 49, 10, 98, 61, 0xc3, 10]), /line 2: this is no UTF-8/],
  ['{"a": 1,\n "b": oops}', /line 2: this is no JSON object: "oops/],
  ['{"a": ,}', /this is no JSON object: a value is missing/],
  ["{'a': 1}", /line 1: .*'a': 1/],
  ['{"a": 1', /this is no JSON object: it ends too soon/],
  ['{"a": 1} x', /"x" was not expected/],
  ['[1, 2]', /a JSON list was found/],
  ['{"a-b": 1}', /the key "a-b" is no name/],
  ['{"a": {"b": 12345678901234567890}}', /the number of "a.b" is too large/],
  ['{"a": 1e999}', /the number of "a" is too large/],
  ['{"a": ["x\\u0000y"]}', /a NUL cannot be in the value of "a\[0\]"/],
  [`{"a": ${'['.repeat(5000)}${']'.repeat(5000)}}`, /nested deeper than 32 levels/],
  [`{"a": [${'0,'.repeat(60_000)}0]}`, /more than 50000 values/],
  ['{"__proto__": {"isAdmin": true}}', /"__proto__" is no name/],
  ['{"a": [{"__proto__": 1}]}', /"__proto__" in "a\[0\]" is no name/],
  ['__proto__=1', /"__proto__" is no name/],
]
test.each(bad)('$#: what cannot be read is told in one sentence', (text, why) => {
  const found = read(text)
  expect(found).toMatchObject({ kind: 'bad', why: expect.stringMatching(why) })
  expect(found.kind === 'bad' && found.why).toMatch(/^\$SLUICE_OUTPUT[,:] [^\n]+\.$/)
})

test('whatever a host sends, the answer is plain values or one short sentence', () => {
  const bytes = oneof(
    uint8Array({ maxLength: 300 }),
    json().map((text) => Buffer.from(`{"v": ${text}}`)),
    string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(`${text}\nk=${text}`)),
  )
  const isPlain = (some: Uint8Array): boolean => {
    parseLines(some, 'it')
    const found = read(some)
    if (found.kind === 'bad') return found.why.length < 400 && !found.why.includes('\n')
    // Kept in events as JSON, so nothing may be lost on the way.
    return (
      isDeepStrictEqual(JSON.parse(JSON.stringify(found.values)), withoutMinusZero(found.values)) &&
      Object.getPrototypeOf(found.values) === Object.prototype
    )
  }
  expect(() => assert(property(bytes, isPlain), { numRuns: 100 })).not.toThrow()
})

function withoutMinusZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMinusZero)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, withoutMinusZero(one)]),
    )
  return value === 0 ? 0 : value
}
