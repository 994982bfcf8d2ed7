// The xterm under every pane: its look, its size, and its end. What it shows, and what may come in, is the pane's own.
import { FitAddon } from '@xterm/addon-fit'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { Terminal, type ITerminalOptions } from '@xterm/xterm'
import { terminalTheme } from './terminal-theme.ts'
import { tryWebgl } from './try-webgl.ts'
import '@xterm/xterm/css/xterm.css'

export interface PaneTerminal {
  term: Terminal
  element: HTMLElement
  /** Puts it on the screen; gives its undo. */
  attach(place: HTMLElement): () => void
  /** Resolves once the bytes are taken in. */
  write(data: Uint8Array | string): Promise<void>
  /** Empties it, after what waits to be taken in. */
  reset(): void
  close(): void
}

interface Options {
  kind: 'log' | 'shell'
  label: string
  /** Takes from the terminal what those who write to it may not do. */
  tame: (term: Terminal) => void
  look: ITerminalOptions
}

const lastTimersMs = 100

export function openTerminal({ kind, label, tame, look }: Options): PaneTerminal {
  const element = document.createElement('div')
  element.dataset[`${kind}Pane`] = ''
  element.style.cssText = 'width: 100%; height: 100%'
  const theme = () => terminalTheme(kind === 'shell')
  const term = new Terminal({
    allowProposedApi: true,
    fontFamily: '"JetBrains Mono", ui-monospace, Menlo, Consolas, monospace',
    theme: theme(),
    minimumContrastRatio: 3,
    // A link says where it goes or is none.
    linkHandler: { activate: () => {}, allowNonHttpProtocols: false },
    ...look,
  })
  const fit = new FitAddon()
  term.loadAddon(fit)
  term.loadAddon(new Unicode11Addon())
  term.unicode.activeVersion = '11'
  tame(term)

  const sizes = new ResizeObserver(() => {
    if (element.clientWidth > 0 && element.clientHeight > 0) fit.fit()
  })
  sizes.observe(element)
  const themes = new MutationObserver(() => (term.options.theme = theme()))
  themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
  let opened = false

  return {
    term,
    element,
    attach(place) {
      place.append(element)
      if (!opened) {
        opened = true
        term.open(element)
        term.textarea?.setAttribute('aria-label', label)
        tryWebgl(term)
      }
      fit.fit()
      return () => element.remove()
    },
    write: (data) => new Promise((resolve) => term.write(data, resolve)),
    // The first leaves a sequence that never ended.
    reset: () => term.write('\x18', () => term.reset()),
    close() {
      sizes.disconnect()
      themes.disconnect()
      element.remove()
      // xterm parses and scrolls in timers of its own, and those that find it disposed throw.
      term.write('', () => setTimeout(() => term.dispose(), lastTimersMs))
    },
  }
}
