// One xterm pane that shows log bytes. They come in by `write` and never touch React.
import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal, type IMarker } from '@xterm/xterm'
import { openLineGuard } from './line-guard.ts'
import { tame } from './tame.ts'
import { terminalTheme } from './terminal-theme.ts'
import { tryWebgl } from './try-webgl.ts'

export interface LogPane {
  /** Resolves once the bytes are taken in. */
  write(bytes: Uint8Array): Promise<void>
  /** A line of our own between the log's lines. */
  mark(words: string): Promise<void>
  /** Shows and selects one of those lines, counted from 0; the first one after the last. */
  toMark(index: number): void
  clear(): void
  /** Lines taken in since the last clear, marks left out. */
  lines(): number
  toEnd(): void
  /** Shows and selects a line, 1-based as logged; false when it is not here. */
  toLine(line: number, text: string): boolean
  find(text: string, way: 'next' | 'previous'): void
  endFind(): void
  /** What is selected, or all that is here. */
  text(): string
  close(): void
}

export interface LogPaneOptions {
  onAtEnd: (atEnd: boolean) => void
  onFound: (found: { index: number; count: number }) => void
  onFindKey: () => void
}

const scrollbackLines = 50_000
const newline = 10
const lastTimersMs = 100

export function openLogPane(element: HTMLElement, options: LogPaneOptions): LogPane {
  const term = new Terminal({
    allowProposedApi: true,
    convertEol: true,
    disableStdin: true,
    cursorBlink: false,
    cursorInactiveStyle: 'none',
    fontFamily: '"JetBrains Mono", ui-monospace, Menlo, Consolas, monospace',
    fontSize: 12,
    lineHeight: 1.3,
    scrollback: scrollbackLines,
    theme: terminalTheme(),
    // A link says where it goes or is none.
    linkHandler: { activate: () => {}, allowNonHttpProtocols: false },
    minimumContrastRatio: 3,
  })
  const fit = new FitAddon()
  const search = new SearchAddon()
  term.loadAddon(fit)
  term.loadAddon(search)
  term.loadAddon(new Unicode11Addon())
  term.unicode.activeVersion = '11'
  term.loadAddon(
    new WebLinksAddon((event, address) => {
      if ((event.ctrlKey || event.metaKey) && /^https?:/i.test(address))
        window.open(address, '_blank', 'noopener,noreferrer')
    }),
  )
  tame(term)
  term.open(element)
  if (term.textarea !== undefined) term.textarea.setAttribute('aria-label', 'Log')
  tryWebgl(term)

  let lineCount = 0
  const markLines: number[] = []
  const marks: IMarker[] = []
  let guard = openLineGuard()
  let atEnd = true
  const lookWhereWeAre = () => {
    const { viewportY, baseY } = term.buffer.active
    const now = viewportY >= baseY
    if (now === atEnd) return
    atEnd = now
    options.onAtEnd(atEnd)
  }
  term.onScroll(lookWhereWeAre)
  term.onRender(lookWhereWeAre)
  search.onDidChangeResults(({ resultIndex, resultCount }) =>
    options.onFound({ index: resultIndex, count: resultCount }),
  )
  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'f') {
      event.preventDefault()
      options.onFindKey()
      return false
    }
    if (event.key === 'End') term.scrollToBottom()
    else if (event.key === 'Home') term.scrollToTop()
    else if (event.key === 'PageUp') term.scrollPages(-1)
    else if (event.key === 'PageDown') term.scrollPages(1)
    else if (event.key === 'ArrowUp') term.scrollLines(-1)
    else if (event.key === 'ArrowDown') term.scrollLines(1)
    else return true
    return false
  })

  const sizes = new ResizeObserver(() => {
    if (element.clientWidth > 0 && element.clientHeight > 0) fit.fit()
  })
  sizes.observe(element)
  const themes = new MutationObserver(() => {
    term.options.theme = terminalTheme()
  })
  themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })

  const put = (data: Uint8Array | string) =>
    new Promise<void>((resolve) => term.write(data, resolve))

  function rowOfLine(line: number): number {
    const buffer = term.buffer.active
    const marksBefore = markLines.filter((at) => at < line).length
    let ahead = line + marksBefore
    // Lines that scrolled out of the buffer are counted from the end.
    let held = 0
    for (let row = 0; row < buffer.length; row += 1)
      if (buffer.getLine(row)?.isWrapped === false) held += 1
    const emptyRows = buffer.length - (buffer.baseY + buffer.cursorY + 1)
    held -= emptyRows
    const written = lineCount + markLines.length + 1
    ahead -= Math.max(0, written - held)
    for (let row = 0; row < buffer.length; row += 1) {
      if (buffer.getLine(row)?.isWrapped === false) ahead -= 1
      if (ahead === 0) return row
    }
    return -1
  }

  function rowNear(row: number, text: string): number {
    const wanted = text.trim().slice(0, 60)
    if (wanted === '') return row
    const buffer = term.buffer.active
    for (let off = 0; off <= 50; off += 1) {
      for (const at of [row - off, row + off]) {
        if (buffer.getLine(at)?.translateToString(true).includes(wanted)) return at
      }
    }
    return row
  }

  return {
    write(bytes) {
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1))
        lineCount += 1
      return put(guard(bytes))
    },
    async mark(words) {
      // Leaves any sequence, and tells where the cursor stands then.
      await put('\x18')
      const isMidLine = term.buffer.active.cursorX > 0
      markLines.push(lineCount)
      // What follows of a line that is cut here begins a row of its own.
      if (isMidLine) markLines.push(lineCount)
      // What the words hold may come from a host.
      const plain = words.replaceAll(/\p{Cc}/gu, ' ')
      await put(`\x1b[0m${isMidLine ? '\r\n' : ''}\x1b[0;33m  ┄┄  ${plain}  ┄┄\x1b[0m\r\n`)
      const marker = term.registerMarker(-1)
      if (marker !== undefined) marks.push(marker)
    },
    toMark(index) {
      const held = marks.filter((marker) => !marker.isDisposed)
      const marker = held[index % Math.max(1, held.length)]
      if (marker === undefined) return
      term.scrollToLine(Math.max(0, marker.line - Math.floor(term.rows / 3)))
      term.selectLines(marker.line, marker.line)
    },
    clear() {
      lineCount = 0
      markLines.length = 0
      marks.length = 0
      // In turn: bytes of the log before may still wait to be taken in.
      guard = openLineGuard()
      term.write('\x18', () => term.reset())
    },
    lines: () => lineCount,
    toEnd: () => term.scrollToBottom(),
    toLine(line, text) {
      if (line > lineCount + 1) return false
      const guess = rowOfLine(line)
      if (guess < 0) return false
      const row = rowNear(guess, text)
      term.scrollToLine(Math.max(0, row - Math.floor(term.rows / 3)))
      term.selectLines(row, row)
      return true
    },
    find(text, way) {
      const colours = {
        matchBackground: '#7a5b12',
        activeMatchBackground: '#c98a12',
        matchOverviewRuler: '#c98a12',
        activeMatchColorOverviewRuler: '#ffb020',
      }
      const how = { decorations: colours, incremental: false }
      if (way === 'next') search.findNext(text, how)
      else search.findPrevious(text, how)
    },
    endFind() {
      search.clearDecorations()
      term.clearSelection()
    },
    text() {
      if (term.hasSelection()) return term.getSelection()
      term.selectAll()
      const all = term.getSelection()
      term.clearSelection()
      return all.trimEnd()
    },
    close() {
      sizes.disconnect()
      themes.disconnect()
      // xterm parses and scrolls in timers of its own, and those that find it disposed throw.
      term.write('', () => setTimeout(() => term.dispose(), lastTimersMs))
    },
  }
}
