// Rows of test/data/cron-tz.
import { readFileSync } from 'node:fs'
import type { CronTrigger, DstPolicy } from '../../shared/pipeline/spec.ts'

export function cronRows<Row>(file: string): Row[] {
  const text = readFileSync(new URL(`../data/cron-tz/${file}`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}

export function cronTrigger(
  cron: string,
  timezone: string,
  dst: DstPolicy | null = null,
): CronTrigger {
  return { kind: 'cron', cron, timezone, dst }
}

/** `2025-03-09T07:00Z`, or null. */
export function minuteText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().replace(/:00\.000Z$/, 'Z')
}
