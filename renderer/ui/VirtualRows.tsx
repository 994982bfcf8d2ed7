import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, type ReactNode } from 'react'
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
  /** Brought into sight when it changes. */
  shown?: string | null
  /** New rows come at the end, and a reader at the end stays there. */
  follow?: boolean
}

const endRows = 20
const extraRows = 8

/** A list that holds ten thousand rows as easily as ten. */
export function VirtualRows(props: Props) {
  const { keys, rowHeight, row, label, head, foot, onEnd, shown, follow = false } = props
  const frame = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  // No compiler memoizes this component, so the library's changing functions are safe.
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: keys.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: extraRows,
    getItemKey: (index) => keys[index] as string,
  })
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0

  useEffect(() => {
    if (keys.length > 0 && last >= keys.length - endRows) onEnd?.()
  }, [last, keys.length, onEnd])
  useEffect(() => {
    if (shown === undefined || shown === null) return
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
      {head !== undefined && <div className={css['head']}>{head}</div>}
      <div
        role="list"
        aria-label={label}
        className={css['rows']}
        style={{ height: rows.getTotalSize() }}
      >
        {items.map((item) => (
          <Item
            key={item.key}
            rowKey={keys[item.index] as string}
            index={item.index}
            count={keys.length}
            start={item.start}
            height={rowHeight}
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
  row: Props['row']
}

// Scrolling renders the frame at every step: rows that stay must not be made anew.
const Item = memo(function Item({ rowKey, index, count, start, height, row }: ItemProps) {
  return (
    <div
      role="listitem"
      aria-setsize={count}
      aria-posinset={index + 1}
      className={css['row']}
      style={{ height, transform: `translateY(${start}px)` }}
    >
      {row(rowKey, index)}
    </div>
  )
})
