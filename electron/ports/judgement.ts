// The seam between the engine and what can be read from a failed attempt's log: asked once its log is closed.
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'

export interface Judgement {
  /** The first of the RE2 patterns that a line of the log matches (its last 1 MiB and first 64 KiB); null: none. */
  matching(key: AttemptKey, patterns: readonly string[]): string | null
  /** The cause class of a failed attempt, `unknown` where the log and the end do not tell. */
  causeOf(key: AttemptKey, end: AttemptEnd): string
}
