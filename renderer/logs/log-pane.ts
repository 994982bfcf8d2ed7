// One xterm pane that shows log bytes. They come in by `write` and never touch React.
import { SearchAddon } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import type { IMarker } from '@xterm/xterm'
import { openLineGuard } from './line-guard.ts'
import { openTerminal } from '../terminal/open-terminal.ts'
import { findColours } from '../terminal/terminal-theme.ts'
import { rowNear, rowOfLine } from './line-rows.ts'
import { tame } from './tame.ts'

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

export function openLogPane(place: HTMLElement, options: LogPaneOptions): LogPane {
  const pane = openTerminal({
    kind: 'log',
    label: 'Log',
    tame,
    look: {
      convertEol: true,
      disableStdin: true,
      cursorInactiveStyle: 'none',
      fontSize: 12,
      lineHeight: 1.3,
      scrollback: scrollbackLines,
    },
  })
  const { term } = pane
  const search = new SearchAddon()
  term.loadAddon(search)
  term.loadAddon(
    new WebLinksAddon((event, address) => {
      if ((event.ctrlKey || event.metaKey) && /^https?:/i.test(address))
        window.open(address, '_blank', 'noopener,noreferrer')
    }),
  )
  pane.attach(place)

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

  return {
    write(bytes) {
      for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1))
        lineCount += 1
      return pane.write(guard(bytes))
    },
    async mark(words) {
      // Leaves any sequence, and tells where the cursor stands then.
      await pane.write('\x18')
      const isMidLine = term.buffer.active.cursorX > 0
      markLines.push(lineCount)
      // What follows of a line that is cut here begins a row of its own.
      if (isMidLine) markLines.push(lineCount)
      // What the words hold may come from a host.
      const plain = words.replaceAll(/\p{Cc}/gu, ' ')
      await pane.write(`\x1b[0m${isMidLine ? '\r\n' : ''}\x1b[0;33m  ┄┄  ${plain}  ┄┄\x1b[0m\r\n`)
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
      pane.reset()
    },
    lines: () => lineCount,
    toEnd: () => term.scrollToBottom(),
    toLine(line, text) {
      if (line > lineCount + 1) return false
      const guess = rowOfLine(term.buffer.active, { line, lineCount, markLines })
      if (guess < 0) return false
      const row = rowNear(term.buffer.active, guess, text)
      term.scrollToLine(Math.max(0, row - Math.floor(term.rows / 3)))
      term.selectLines(row, row)
      return true
    },
    find(text, way) {
      const how = { decorations: findColours(), incremental: false }
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
    close: () => pane.close(),
  }
}
