import type { KeyboardEvent, ReactNode, Ref } from 'react'
import css from './TerminalPane.module.css'

interface Props {
  label: string
  /** Where the terminal is put. */
  place: Ref<HTMLDivElement>
  bar: ReactNode
  barRef?: Ref<HTMLDivElement>
  above?: ReactNode
  /** Lies over an empty terminal. */
  cover: ReactNode
  below?: ReactNode
  onKeyDown?: (event: KeyboardEvent) => void
}

/** The frame around a terminal: a bar, what is said about it, and the terminal itself. */
export function TerminalPane(props: Props) {
  const { label, place, bar, barRef, above, cover, below, onKeyDown } = props
  return (
    <section className={css['pane']} aria-label={label} onKeyDown={onKeyDown}>
      <div ref={barRef} className={css['bar']}>
        {bar}
      </div>
      {above}
      <div className={css['terminal']}>
        <div ref={place} className={css['place']} />
        {cover !== null && <div className={css['cover']}>{cover}</div>}
      </div>
      {below}
    </section>
  )
}

/** Pushes what follows in the bar to its right end. */
export function BarSpace() {
  return <span className={css['space']} />
}

/** A dot and words at the start of the bar: whether bytes can come. */
export function BarState({
  kind,
  children,
}: {
  kind: 'live' | 'open' | 'shut'
  children: ReactNode
}) {
  return (
    <span className={css['state']} data-kind={kind}>
      <i /> {children}
    </span>
  )
}
