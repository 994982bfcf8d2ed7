// The xterm of one debug shell. It lives as long as its shell, also while its pane is not on the screen.
import { FitAddon } from '@xterm/addon-fit'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { Terminal } from '@xterm/xterm'
import { terminalTheme } from '../logs/terminal-theme.ts'
import { tryWebgl } from '../logs/try-webgl.ts'
import { tameShell } from './tame-shell.ts'
import '@xterm/xterm/css/xterm.css'

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
const lastTimersMs = 100

export function openShellTerminal(options: ShellTerminalOptions): ShellTerminal {
  const element = document.createElement('div')
  element.dataset['shellPane'] = ''
  element.style.cssText = 'width: 100%; height: 100%'
  const term = new Terminal({
    allowProposedApi: true,
    cursorBlink: true,
    fontFamily: '"JetBrains Mono", ui-monospace, Menlo, Consolas, monospace',
    fontSize: 12.5,
    lineHeight: 1.2,
    scrollback: scrollbackLines,
    theme: shellTheme(),
    macOptionIsMeta: true,
    minimumContrastRatio: 3,
    linkHandler: { activate: () => {} },
  })
  const fit = new FitAddon()
  term.loadAddon(fit)
  term.loadAddon(new Unicode11Addon())
  term.unicode.activeVersion = '11'
  tameShell(term)
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

  const themes = new MutationObserver(() => (term.options.theme = shellTheme()))
  themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
  const sizes = new ResizeObserver(() => {
    if (element.clientWidth > 0 && element.clientHeight > 0) fit.fit()
  })
  sizes.observe(element)
  let opened = false

  return {
    attach(place) {
      place.append(element)
      if (!opened) {
        opened = true
        term.open(element)
        term.textarea?.setAttribute('aria-label', options.label)
        tryWebgl(term)
      }
      fit.fit()
      return () => element.remove()
    },
    size: () => ({ columns: Math.max(1, term.cols), rows: Math.max(1, term.rows) }),
    write: (bytes) => new Promise((resolve) => term.write(bytes, resolve)),
    paste: (text) => term.paste(text),
    selection: () => term.getSelection(),
    // The first leaves a sequence that never ended.
    reset: () => term.write('\x18', () => term.reset()),
    freeze() {
      term.options.disableStdin = true
      term.options.cursorBlink = false
      term.write('\x18\x1b[?25l')
    },
    focus: () => term.focus(),
    close() {
      sizes.disconnect()
      themes.disconnect()
      element.remove()
      // xterm parses and scrolls in timers of its own, and those that find it disposed throw.
      term.write('', () => setTimeout(() => term.dispose(), lastTimersMs))
    },
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

/** The log's colours, with a cursor that can be seen. */
function shellTheme(): ReturnType<typeof terminalTheme> {
  const theme = terminalTheme()
  return { ...theme, ...(theme.foreground !== undefined && { cursor: theme.foreground }) }
}
