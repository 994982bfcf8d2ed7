// The seam to a person: what a login asks for. Answers are secrets: never logged, never stored but by `SecretStore`.
import type { Question } from '../../shared/api/question.ts'

/** null: the person gives up, or there is nobody to ask. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<string | null>

/** The operating system's own keeping place. */
export interface SecretStore {
  /** Why nothing can be kept here; null: it can. */
  readonly unavailable: string | null
  get(name: string): Promise<string | null>
  set(name: string, secret: string): Promise<void>
  delete(name: string): Promise<void>
}
