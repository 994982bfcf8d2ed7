import type { ReactNode } from 'react'
import css from './table.module.css'

interface Props {
  /** The class that gives the columns of its table. */
  line: string | undefined
  /** It is told at the side of the table. */
  isChosen?: boolean
  /** It leads nowhere. Not `disabled`: the keys of the list go over it, too. */
  isIdle?: boolean
  onPress: () => void
  children: ReactNode
}

/** A row of a table that is pressed as a whole. */
export function RowButton({ line, isChosen = false, isIdle = false, onPress, children }: Props) {
  return (
    <button
      type="button"
      className={`${css['row']} ${line}`}
      aria-current={isChosen || undefined}
      aria-disabled={isIdle || undefined}
      onClick={() => {
        if (!isIdle) onPress()
      }}
    >
      {children}
    </button>
  )
}
