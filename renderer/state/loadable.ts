// What a screen knows about something it asked for: each kind has its own picture.
import { errorShape, type ErrorShape } from '../../shared/api/app-error.ts'

export type Loadable<Value> =
  | { kind: 'loading' }
  | { kind: 'error'; error: ErrorShape }
  | { kind: 'ready'; value: Value }

export const loading: Loadable<never> = { kind: 'loading' }

export function ready<Value>(value: Value): Loadable<Value> {
  return { kind: 'ready', value }
}

export function failed(error: unknown): Loadable<never> {
  return { kind: 'error', error: errorShape(error) }
}
