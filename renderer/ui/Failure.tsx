import type { ErrorShape } from '../../shared/api/app-error.ts'
import css from './Failure.module.css'

interface Props {
  error: ErrorShape | null
  /** Away from what stands before it, where the place itself keeps no distance. */
  apart?: boolean
}

/** What an act failed with, and the way out; nothing where none has failed. */
export function Failure({ error, apart = false }: Props) {
  if (error === null) return null
  return (
    <p className={css['failure']} data-apart={apart || undefined} role="alert">
      {error.message} {error.hint}
    </p>
  )
}
