// The keyboard of a list: one row at a time can be tabbed to, with all that it offers; j k, arrows, Home and End go on.
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react'
import { isDialogOpen, isWritingIn } from './is-writing.ts'
import { entryKeys, rowAfterKey } from './row-keys.ts'

interface Options {
  frame: { readonly current: HTMLElement | null }
  keys: readonly string[]
  rowHeight: number
  /** The row that is chosen, where Tab goes first. */
  chosen: string | null
  /** Brings a row into sight. */
  reveal: (index: number) => void
}

export interface RowKeys {
  /** The row that is drawn even out of sight, or it would lose the focus; -1: none. */
  stop: number
  onKeyDown: (event: KeyboardEvent<HTMLElement>) => void
  onFocus: (event: { target: EventTarget }) => void
  onBlur: () => void
}

export function useRowKeys({ frame, keys, rowHeight, chosen, reveal }: Options): RowKeys {
  const [last, setLast] = useState<{ key: string; index: number } | null>(null)
  const wanted = useRef<{ index: number; column: number } | null>(null)
  const hadFocus = useRef(false)
  const stop = stopOf(keys, last, chosen)

  const focusRow = (index: number, column: number): void => {
    const key = keys[index]
    if (key === undefined) return
    wanted.current = { index, column }
    setLast({ key, index })
    reveal(index)
    // The row may be on the screen and the tab stop already: then nothing is drawn anew.
    takeFocus(frame.current, wanted)
  }

  useLayoutEffect(() => {
    takeFocus(frame.current, wanted)
    // The row that had the focus has left the list: its neighbour takes it, and the keys go on.
    if (hadFocus.current && document.activeElement === document.body && stop >= 0) {
      wanted.current = { index: stop, column: 0 }
      takeFocus(frame.current, wanted)
    }
  })

  useEffect(() => {
    const enter = (event: globalThis.KeyboardEvent): void => {
      if (event.defaultPrevented || hasModifier(event) || !entryKeys.has(event.key)) return
      if (document.activeElement !== document.body || isDialogOpen()) return
      if (frame.current === null || offers(frame.current).length === 0) return
      event.preventDefault()
      focusRow(Math.max(stop, 0), 0)
    }
    addEventListener('keydown', enter)
    return () => removeEventListener('keydown', enter)
  })

  return {
    stop,
    onFocus({ target }) {
      const index = indexOf(target)
      const key = keys[index]
      hadFocus.current = true
      if (key !== undefined && last?.key !== key) setLast({ key, index })
    },
    onBlur() {
      hadFocus.current = false
    },
    onKeyDown(event) {
      if (event.defaultPrevented || hasModifier(event) || isWritingIn(event.target)) return
      const at = indexOf(event.target)
      const row = frame.current === null ? null : rowAt(frame.current, at)
      if (row === null) return
      const inRow = offers(row)
      const column = inRow.indexOf(event.target as HTMLElement)
      if (column < 0) return
      const side = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
      if (side !== 0 && inRow.length > 1) {
        event.preventDefault()
        inRow[Math.min(Math.max(column + side, 0), inRow.length - 1)]?.focus()
        return
      }
      const page = Math.floor((frame.current?.clientHeight ?? 0) / rowHeight)
      const to = rowAfterKey(event.key, at, { count: keys.length, page })
      if (to === null) return
      event.preventDefault()
      focusRow(to, column)
    },
  }
}

/** Makes all that a row offers a stop of the Tab key, or none of it. */
export function letTab(row: HTMLElement, may: boolean): void {
  if (may)
    for (const each of row.querySelectorAll('[data-untabbed]')) {
      each.removeAttribute('tabindex')
      each.removeAttribute('data-untabbed')
    }
  else
    for (const each of offers(row))
      if (each.tabIndex >= 0) {
        each.tabIndex = -1
        each.dataset['untabbed'] = ''
      }
}

function stopOf(
  keys: readonly string[],
  last: { key: string; index: number } | null,
  chosen: string | null,
): number {
  if (last !== null) {
    if (keys[last.index] === last.key) return last.index
    const moved = keys.indexOf(last.key)
    return moved >= 0 ? moved : Math.min(last.index, keys.length - 1)
  }
  return chosen === null ? Math.min(0, keys.length - 1) : keys.indexOf(chosen)
}

function takeFocus(
  frame: HTMLElement | null,
  wanted: { current: { index: number; column: number } | null },
): void {
  if (frame === null || wanted.current === null) return
  const row = rowAt(frame, wanted.current.index)
  if (row === null) return
  const inRow = offers(row)
  inRow[Math.min(wanted.current.column, inRow.length - 1)]?.focus({ preventScroll: true })
  wanted.current = null
}

function rowAt(frame: HTMLElement, index: number): HTMLElement | null {
  return frame.querySelector<HTMLElement>(`[data-row="${index}"]`)
}

function indexOf(target: EventTarget | null): number {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-row]') : null
  return Number(row?.dataset['row'] ?? -1)
}

/** What can be pressed; what its view itself keeps from the Tab key is for the mouse. */
function offers(place: HTMLElement): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>('a[href], button:not(:disabled)')].filter(
    (each) => each.tabIndex >= 0 || each.dataset['untabbed'] !== undefined,
  )
}

function hasModifier(event: {
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}): boolean {
  return event.ctrlKey || event.metaKey || event.altKey || event.shiftKey
}
