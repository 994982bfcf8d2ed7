import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import {
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react'
import { letTab, useRowKeys } from './use-row-keys.ts'
import css from './VirtualRows.module.css'

interface Props {
  /** One per row, in order. */
  keys: readonly string[]
  rowHeight: number
  row: (key: string, index: number) => ReactNode
  label: string
  /** Stands above the rows and stays. */
  head?: ReactNode
  /** Stands after the last row. */
  foot?: ReactNode
  /** Called when the end comes near. */
  onEnd?: () => void
  /** The row that is chosen: brought into sight when it changes. */
  shown?: string | null
  /** New rows come at the end, and a reader at the end stays there. */
  follow?: boolean
}

const endRows = 20
const extraRows = 8

/** A list that holds ten thousand rows as easily as ten. */
export function VirtualRows(props: Props) {
  const { keys, rowHeight, row, label, head, foot, onEnd, shown = null, follow = false } = props
  const frame = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  // The head stays above the rows, and what is brought into sight must not come to lie below the frame.
  const [headPx, setHeadPx] = useState(0)
  const reveal = useRef((_index: number): void => {})
  const { stop, onKeyDown, onFocus, onBlur } = useRowKeys({
    frame,
    keys,
    rowHeight,
    chosen: shown,
    reveal: useCallback((index: number) => reveal.current(index), []),
  })
  const rangeExtractor = useCallback((range: Range) => withRow(range, stop), [stop])
  // No compiler memoizes this component, so the library's changing functions are safe.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: keys.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: extraRows,
    getItemKey: (index) => keys[index] as string,
    scrollPaddingEnd: headPx,
    rangeExtractor,
  })
  useLayoutEffect(() => {
    reveal.current = (index) => rows.scrollToIndex(index, { align: 'auto' })
  })
  const items = rows.getVirtualItems()
  const last = rows.range?.endIndex ?? 0

  useEffect(() => {
    if (keys.length > 0 && last >= keys.length - endRows) onEnd?.()
  }, [last, keys.length, onEnd])
  useEffect(() => {
    if (shown === null) return
    const index = keys.indexOf(shown)
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' })
    // A choice scrolls once; rows that come later must not pull a reader back.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [shown])
  useEffect(() => {
    if (follow && atEnd.current && keys.length > 0) rows.scrollToIndex(keys.length - 1)
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [follow, keys.length])

  return (
    <div
      ref={frame}
      className={css['frame']}
      onScroll={({ currentTarget: it }) => {
        atEnd.current = it.scrollHeight - it.scrollTop - it.clientHeight < rowHeight * 2
      }}
    >
      {head !== undefined && (
        <div ref={(element) => setHeadPx(element?.offsetHeight ?? 0)} className={css['head']}>
          {head}
        </div>
      )}
      <div
        role="list"
        aria-label={label}
        className={css['rows']}
        style={{ height: rows.getTotalSize() }}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onBlur={onBlur}
      >
        {items.map((item) => (
          <Item
            key={item.key}
            rowKey={keys[item.index] as string}
            index={item.index}
            count={keys.length}
            start={item.start}
            height={rowHeight}
            isStop={item.index === stop}
            row={row}
          />
        ))}
      </div>
      {foot}
    </div>
  )
}

interface ItemProps {
  rowKey: string
  index: number
  count: number
  start: number
  height: number
  isStop: boolean
  row: Props['row']
}

// Scrolling renders the frame at every step: rows that stay must not be made anew.
const Item = memo(function Item(props: ItemProps) {
  const { rowKey, index, count, start, height, isStop, row } = props
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    if (place.current !== null) letTab(place.current, isStop)
  })
  return (
    <div
      ref={place}
      role="listitem"
      aria-setsize={count}
      aria-posinset={index + 1}
      data-row={index}
      className={css['row']}
      style={{ height, transform: `translateY(${start}px)` }}
    >
      {row(rowKey, index)}
    </div>
  )
})

// The row that holds the focus stays when it is scrolled out of sight.
function withRow(range: Range, index: number): number[] {
  const seen = defaultRangeExtractor(range)
  if (index < 0 || index >= range.count || seen.includes(index)) return seen
  return [...seen, index].sort((a, b) => a - b)
}
