import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import { Icon, type IconName } from './Icon.tsx'
import css from './Blank.module.css'

/** What stands where a list would be: nothing yet, and what to do about it. */
export function Blank(props: {
  icon: IconName
  title: string
  children?: ReactNode
  /** What to write, where that is the way out. */
  sample?: string
  action?: ReactNode
}) {
  return (
    <div className={css['blank']}>
      <span className={css['mark']}>
        <Icon name={props.icon} size={20} />
      </span>
      <h2 className={css['title']}>{props.title}</h2>
      {props.children !== undefined && <div className={css['words']}>{props.children}</div>}
      {props.sample !== undefined && <pre className={css['sample']}>{props.sample}</pre>}
      {props.action}
    </div>
  )
}

export function ErrorBlank(props: { error: ErrorShape; onAgain?: () => void }) {
  const { error, onAgain } = props
  return (
    <div className={css['blank']} role="alert">
      <span className={css['mark']} data-bad>
        <Icon name="warning" size={20} />
      </span>
      <h2 className={css['title']}>{error.message}</h2>
      {error.hint !== '' && <p className={css['words']}>{error.hint}</p>}
      {onAgain !== undefined && (
        <Button variant="default" onClick={onAgain}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Grey lines in the shape of what is to come. */
export function Loading(props: { rows?: number; label?: string }) {
  const { rows = 6, label = 'Loading' } = props
  return (
    <div className={css['loading']} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} style={{ width: `${88 - ((row * 37) % 45)}%` }} />
      ))}
    </div>
  )
}
