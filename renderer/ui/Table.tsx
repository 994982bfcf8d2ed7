import type { ComponentProps, ReactNode } from 'react'
import css from './table.module.css'
import { VirtualRows } from './VirtualRows.tsx'

interface Props extends ComponentProps<typeof VirtualRows> {
  /** The class that gives its columns as --columns: of its head here, of its rows where they are made. */
  line: string | undefined
  /** A word per column. */
  head: ReactNode
  /** What it shows is about to change. */
  busy?: boolean
}

/** A list with a word above each column, as wide as its place: what narrows there is asked by `@container`. */
export function Table({ line, head, busy, ...rows }: Props) {
  return (
    <div className={css['place']} aria-busy={busy}>
      <VirtualRows {...rows} head={<div className={`${css['head']} ${line}`}>{head}</div>} />
    </div>
  )
}
