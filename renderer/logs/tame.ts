// A log is a stranger's text: its escape sequences may colour a line and move within it, and nothing else.
//   L1  No clipboard, title, colours of the pane, links with hidden targets, or any other OSC, DCS, APC or PM.
//   L2  No modes, alternate screen, clearing, scroll regions or absolute moves: what was logged stays to be read.
//       A sequence that does not end ends with its line (line-guard.ts).
//   L3  Nothing is answered: a query of the terminal gets no reply (the pane has no input side at all).
import type { Terminal } from '@xterm/xterm'

const refused = () => true

// Final bytes of CSI sequences that are left alone: colours (m), to a column (G), along the line (C, D), erase in line (K).
const csiAllowed = new Set('mGCDK')
const finals = Array.from({ length: 0x7f - 0x40 }, (_, index) => String.fromCharCode(0x40 + index))
const csiPrefixes = ['?', '>', '=', '<']
const csiIntermediates = [' ', '!', '"', '$', "'", '#']
// Any OSC whose number is not listed has no handler in xterm and is dropped.
const oscHandled = [
  0, 1, 2, 4, 8, 9, 10, 11, 12, 21, 22, 50, 52, 104, 105, 110, 111, 112, 133, 633, 777, 1337,
]
const escRefused = [
  'c',
  '7',
  '8',
  'D',
  'E',
  'H',
  'M',
  'N',
  'O',
  'Z',
  'n',
  'o',
  '|',
  '}',
  '~',
  '=',
  '>',
]

export function tame(term: Terminal): void {
  const { parser } = term
  for (const final of finals) {
    if (!csiAllowed.has(final)) parser.registerCsiHandler({ final }, refused)
    for (const prefix of csiPrefixes) parser.registerCsiHandler({ prefix, final }, refused)
    for (const intermediates of csiIntermediates) {
      parser.registerCsiHandler({ intermediates, final }, refused)
      parser.registerCsiHandler({ prefix: '?', intermediates, final }, refused)
      parser.registerDcsHandler({ intermediates, final }, refused)
    }
    parser.registerDcsHandler({ final }, refused)
  }
  for (const number of oscHandled) parser.registerOscHandler(number, refused)
  for (const final of escRefused) parser.registerEscHandler({ final }, refused)
  parser.registerEscHandler({ intermediates: '#', final: '8' }, refused)
}
