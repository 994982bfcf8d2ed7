import { expect, test } from 'vitest'
import {
  columns,
  oneLine,
  paintFor,
  printable,
  safeJson,
  tame,
  widthOf,
} from '../../electron/cli/paint.ts'

const paint = paintFor({ color: true })

test.each([
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['a move of the cursor', 'a\u001b[2J\u001b[1;1Hb', 'ab'],
  ['a window title', '\u001b]0;owned\u0007text', 'text'],
  ['a link', '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\', 'here'],
  ['a lone escape', 'a\u001bcb', 'a\ufffdcb'],
  ['an unended sequence', 'a\u001b]52;c;AAAA', 'a\ufffd]52;c;AAAA'],
  ['eight-bit controls', 'a\u009b2Jb', 'a\ufffd2Jb'],
  ['a carriage return that would hide a line', 'good\rbad', 'good\ufffdbad'],
  ['text that turns around', 'a\u202egnp.exe', 'a\ufffdgnp.exe'],
])('%s in somebody else’s text does nothing to the terminal', (_what, text, expected) => {
  expect(printable(text)).toBe(expected)
})

test('lines, tabs and every script are kept', () => {
  expect(printable('a\n\tGrüße 世界')).toBe('a\n    Grüße 世界')
})

test('columns line up whatever their colours, and no line ends in blanks', () => {
  const lines = columns([
    [paint('red', 'a'), 'bb', ''],
    ['cccc', paint('green', 'd'), 'e'],
  ])
  expect(lines.map(widthOf)).toEqual([8, 11])
  expect(lines[0]).toBe(`${paint('red', 'a')}     bb`)
})

test('without colour there is not one escape', () => {
  expect(paintFor({ color: false })('red', 'text')).toBe('text')
})

test('somebody else’s line end makes no line of ours', () => {
  expect(oneLine('fix it\n\u001b[2J✓ succeeded')).toBe('fix it ✓ succeeded')
})

test('the last gate lets our own colours and redrawing through, and nothing else that acts', () => {
  const own = `\u001b[3A\u001b[J${paint('red', 'a')}\t${paint('dim', 'b')}\n`
  expect(tame(own)).toBe(own)
  const odd = 'a\u001b[2J\u001b]0;t\u0007\u009b1mb\r\u001b[3A\u001b[J\u202e\u007f'
  // eslint-disable-next-line no-control-regex
  expect(tame(odd)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  expect(tame('Grüße 世界 🙂\n')).toBe('Grüße 世界 🙂\n')
})

test('JSON for scripts is the same value and passes the gate unchanged', () => {
  const value = { text: 'a\u001b[2J\u009b1m\u202e\u007f\n\t🙂', list: [1, null] }
  const text = safeJson(value)
  expect(JSON.parse(text)).toEqual(value)
  expect(tame(text)).toBe(text)
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
})
