// How sure a root cause is, as a word, and what that rests on.
import type { RootCause } from '../../../shared/api/views.ts'
import { assertNever } from '../../../shared/run/states.ts'

export function sureWords(cause: Pick<RootCause, 'confidence' | 'lastGoodRun'>): {
  word: string
  why: string
} {
  switch (cause.confidence) {
    case 'high':
      return {
        word: 'Sure',
        why: 'The host says so itself, or a log line says so that no good run has.',
      }
    case 'medium':
      return {
        word: 'Very likely',
        why:
          cause.lastGoodRun === null
            ? 'The log has the wording of this error. There is no good run yet to compare it with.'
            : 'The log has the wording of this error, among other lines that may matter as well.',
      }
    case 'low':
      return {
        word: 'A guess',
        why: 'No line of the log has the wording of a known error. Read the log before you act.',
      }
    default:
      return assertNever(cause.confidence)
  }
}
