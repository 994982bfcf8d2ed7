import type { ReactNode } from 'react'
import css from './Pane.module.css'
import { Tool } from './Tool.tsx'
import { useEscape } from './use-escape.ts'

interface Props {
  label: string
  /** A heading, and what stands beside it. */
  head: ReactNode
  /** Below its list, where height is dear, and not beside it. */
  low?: boolean
  onClose: () => void
  children: ReactNode
}

/** What is chosen in a list or graph, told at its side: a head that stays, with the way to close it. */
export function Pane({ label, head, low = false, onClose, children }: Props) {
  useEscape(onClose)
  const Frame = low ? 'section' : 'aside'
  return (
    <Frame className={css['pane']} aria-label={label}>
      <header className={css['head']} data-low={low || undefined}>
        {head}
        <span className={css['close']}>
          <Tool icon="close" label="Close (Esc)" onClick={onClose} />
        </span>
      </header>
      {children}
    </Frame>
  )
}

/** What scrolls below the head. */
export function PaneBody({ children }: { children: ReactNode }) {
  return <div className={css['body']}>{children}</div>
}
