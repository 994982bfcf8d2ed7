import type { ErrorShape } from '../../shared/api/app-error.ts'
import css from './Failure.module.css'

/** What an act failed with, and the way out; nothing where none has failed. */
export function Failure({ error }: { error: ErrorShape | null }) {
  if (error === null) return null
  return (
    <p className={css['failure']} role="alert">
      {error.message} {error.hint}
    </p>
  )
}
