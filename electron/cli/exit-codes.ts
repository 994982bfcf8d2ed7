// What the exit code says. Scripts rely on it: docs/cli.md.
import type { ErrorCode } from '../../shared/api/app-error.ts'
import type { RunState } from '../../shared/run/states.ts'

export const EXIT = { ok: 0, runFailed: 1, badInput: 2, cancelled: 3, environment: 4 } as const

export function exitOfError(code: ErrorCode): number {
  switch (code) {
    case 'bad-input':
    case 'not-found':
    case 'conflict':
      return EXIT.badInput
    default:
      return EXIT.environment
  }
}

export function exitOfRun(state: RunState): number {
  switch (state) {
    case 'failed':
      return EXIT.runFailed
    case 'cancelled':
      return EXIT.cancelled
    default:
      return EXIT.ok
  }
}
