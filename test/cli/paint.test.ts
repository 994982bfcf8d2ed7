import { expect, test } from 'vitest'
import { columns, paintFor, printable, widthOf } from '../../electron/cli/paint.ts'

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
