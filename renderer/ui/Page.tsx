import type { ReactNode } from 'react'
import css from './Page.module.css'

interface Props {
  title: ReactNode
  /** Beside the title: counts, filters. */
  beside?: ReactNode
  actions?: ReactNode
  /** The body keeps its own scrolling. */
  still?: boolean
  children: ReactNode
}

export function Page({ title, beside, actions, still = false, children }: Props) {
  return (
    <main className={css['page']}>
      <header className={css['head']}>
        <h1 className={css['title']}>{title}</h1>
        {beside}
        <span className={css['space']} />
        {actions}
      </header>
      <div className={css['body']} data-still={still || undefined}>
        {children}
      </div>
    </main>
  )
}
