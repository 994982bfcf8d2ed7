// What a program in a debug shell may do with its escapes: draw in its own pane, and nothing else.
//   S1  No clipboard, title, icon, palette, links with hidden targets, notifications, progress: every OSC is dropped.
//   S2  No operation on the window, and no report about it (CSI t).
//   S3  Queries that full-screen programs need (cursor, device, modes) are answered with fixed words, never with text
//       that the program itself put there.
import type { Terminal } from '@xterm/xterm'

const refused = () => true

/** Those xterm or an addon handles; an OSC of any other number has no handler and is dropped. */
const oscHandled = [
  0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 50, 52, 104, 105, 110,
  111, 112, 113, 114, 115, 116, 117, 118, 119, 133, 633, 777, 1337,
]

export function tameShell(term: Terminal): void {
  const { parser } = term
  for (const number of oscHandled) parser.registerOscHandler(number, refused)
  parser.registerCsiHandler({ final: 't' }, refused)
  parser.registerCsiHandler({ prefix: '>', final: 't' }, refused)
}
