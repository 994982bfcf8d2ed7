import type { ReactNode } from 'react'
import css from './Facts.module.css'

interface Props {
  /** Room for long names. */
  wide?: boolean
  /** A rule below each, for values of more than one line. */
  ruled?: boolean
  /** Beside each other where the place is wide enough. */
  spread?: boolean
  children: ReactNode
}

/** Names, and what each of them is. */
export function Facts({ wide = false, ruled = false, spread = false, children }: Props) {
  return (
    <dl
      className={css['facts']}
      data-wide={wide || undefined}
      data-ruled={ruled || undefined}
      data-spread={spread || undefined}
    >
      {children}
    </dl>
  )
}

interface FactProps {
  name: ReactNode
  mono?: boolean
  tone?: 'warn' | 'bad'
  children: ReactNode
}

export function Fact({ name, mono = false, tone, children }: FactProps) {
  return (
    <div data-tone={tone}>
      <dt>{name}</dt>
      <dd className={mono ? 'mono' : undefined}>{children}</dd>
    </div>
  )
}
