// Checks a cron expression as a person wrote it: its fault with its column, or lint for what is legal and rarely meant.
import type { CronFault } from './cron-expression.ts'
import { parseCron } from './cron-expression.ts'
import type { CronWarning } from './cron-lint.ts'
import { lintCron } from './cron-lint.ts'

export type CronVerdict = { ok: true; warnings: readonly CronWarning[] } | CronFault

export function validateCron(text: string): CronVerdict {
  const parsed = parseCron(text)
  return parsed.ok ? { ok: true, warnings: lintCron(parsed.expression) } : parsed
}
