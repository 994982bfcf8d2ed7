import type { ReactNode } from 'react'
import css from './NowPage.module.css'

/** A part of the page under its title. */
export function Section(props: {
  title: string
  count?: number
  more?: string | null
  children: ReactNode
}) {
  return (
    <section className={css['section']}>
      <h2 className={css['title']}>
        {props.title}
        {props.count !== undefined && props.count > 0 && (
          <span className={css['count']}>{props.count}</span>
        )}
        {props.more != null && (
          <a className={css['more']} href={props.more}>
            Show all
          </a>
        )}
      </h2>
      {props.children}
    </section>
  )
}
