// The xterm of one debug shell. It lives as long as its shell, also while its pane is not on the screen.
import type { Terminal } from '@xterm/xterm'
import { openTerminal } from '../terminal/open-terminal.ts'
import { tameShell } from './tame-shell.ts'

export interface ShellTerminal {
  /** Puts it on the screen; gives its undo. */
  attach(place: HTMLElement): () => void
  size(): { columns: number; rows: number }
  /** Resolves once the bytes are drawn. */
  write(bytes: Uint8Array): Promise<void>
  /** As if typed, in the brackets of a paste where the program asked for them. */
  paste(text: string): void
  selection(): string
  /** Out of whatever a program left it in. */
  reset(): void
  /** Nothing typed is taken any more. */
  freeze(): void
  focus(): void
  close(): void
}

export interface ShellTerminalOptions {
  label: string
  onInput: (text: string) => void
  onResize: () => void
  onPaste: (text: string) => void
  /** A person selected something, or asked for a copy of what is selected. */
  onCopy: (text: string) => void
  onLeave: () => void
}

const scrollbackLines = 10_000

export function openShellTerminal(options: ShellTerminalOptions): ShellTerminal {
  const pane = openTerminal({
    kind: 'shell',
    label: options.label,
    tame: tameShell,
    look: {
      cursorBlink: true,
      fontSize: 12.5,
      lineHeight: 1.2,
      scrollback: scrollbackLines,
      macOptionIsMeta: true,
    },
  })
  const { term, element } = pane
  term.onData(options.onInput)
  term.onResize(options.onResize)
  term.attachCustomKeyEventHandler((event) => onKey(event, term, options))

  // No key of the shell is one of the page: Escape, Ctrl K and `?` are for the program there.
  const own = (event: Event): void => event.stopPropagation()
  for (const name of ['keydown', 'keyup', 'keypress']) element.addEventListener(name, own)
  element.addEventListener(
    'paste',
    (event) => {
      event.preventDefault()
      event.stopPropagation()
      options.onPaste(event.clipboardData?.getData('text/plain') ?? '')
    },
    { capture: true },
  )
  for (const name of ['dragover', 'drop'])
    element.addEventListener(name, (event) => event.preventDefault())
  element.addEventListener('mouseup', () => {
    // xterm settles the selection in this same turn.
    setTimeout(() => term.hasSelection() && options.onCopy(term.getSelection()))
  })

  return {
    attach: (place) => pane.attach(place),
    size: () => ({ columns: Math.max(1, term.cols), rows: Math.max(1, term.rows) }),
    write: (bytes) => pane.write(bytes),
    paste: (text) => term.paste(text),
    selection: () => term.getSelection(),
    reset: () => pane.reset(),
    freeze() {
      term.options.disableStdin = true
      term.options.cursorBlink = false
      term.write('\x18\x1b[?25l')
    },
    focus: () => term.focus(),
    close: () => pane.close(),
  }
}

/** False: not for the shell. */
function onKey(event: KeyboardEvent, term: Terminal, options: ShellTerminalOptions): boolean {
  if (event.type !== 'keydown' || !event.ctrlKey || !event.shiftKey || event.altKey) return true
  switch (event.code) {
    case 'KeyC':
      event.preventDefault()
      if (term.hasSelection()) options.onCopy(term.getSelection())
      return false
    case 'KeyV':
      // The browser pastes by itself, and the paste comes as an event.
      return false
    case 'KeyO':
      event.preventDefault()
      options.onLeave()
      return false
    default:
      return true
  }
}
