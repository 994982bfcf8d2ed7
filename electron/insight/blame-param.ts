// A symptom whose text carries a parameter's changed value is that parameter's doing.
import type { Change } from '../../shared/api/views.ts'
import type { RunFacts } from './facts.ts'
import type { Verdict } from './verdict.ts'

const symptoms = [
  'remote_object_missing',
  'missing_input_file',
  'upstream_data_empty',
  'data_parse_error',
  'data_test_failed',
  'upstream_data_stale',
  'config_missing',
  'code_runtime_error',
]

/** `texts`: evidence, and the lines near it. */
export function blamedParam(
  found: Verdict,
  { changes, restless }: Pick<RunFacts, 'changes' | 'restless'>,
  texts: readonly string[],
): Change | null {
  if (!symptoms.includes(found.cause)) return null
  const params = changes.filter(
    (change) => change.what === 'param' && change.after !== '' && !isUsual(change, restless),
  )
  return params.find((change) => texts.some((text) => carries(text, change))) ?? null
}

const date = /^\d{4}-\d\d-\d\d/
const tenYearsMs = 10 * 366 * 86_400_000

/** A change that says nothing. A run's date is another each day: only one that no run can mean is a typing mistake. */
export function isUsual({ name, before, after }: Change, restless: ReadonlySet<string>): boolean {
  if (date.test(before) && date.test(after)) {
    const days = Date.parse(after.slice(0, 10)) - Date.parse(before.slice(0, 10))
    return Math.abs(days) < tenYearsMs
  }
  return restless.has(name)
}

function carries(text: string, change: Change): boolean {
  const value = change.after
  if (value.length >= 3) return text.includes(value)
  // A short value proves nothing by itself: it must stand beside its name.
  const at = text.toLowerCase().indexOf(change.name.toLowerCase())
  if (at < 0) return false
  const after = text.slice(at + change.name.length, at + change.name.length + value.length + 3)
  return new RegExp(`^\\s?[=:]\\s?["']?${escaped(value)}(?!\\w)`).test(after)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
