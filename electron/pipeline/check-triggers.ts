// Triggers: cron expressions and time zones.
import { nearest } from '../../shared/pipeline/suggest.ts'
import { validateCron } from '../../shared/schedule/cron.ts'
import { isTimezone } from '../../shared/schedule/zone.ts'
import type { Check } from './check-context.ts'
import { mapOf, textOf } from './lenient.ts'
import { offsetInText } from './text-offset.ts'
import { placeAt } from './yaml-tree.ts'

export function checkTrigger({ tree, report }: Check, value: unknown, at: number): void {
  const trigger = mapOf(value)
  const cron = textOf(trigger['cron'])
  if (cron !== null) {
    const path = ['triggers', at, 'cron']
    const verdict = validateCron(cron)
    if (!verdict.ok) {
      const { message, hint } = verdict
      const shift = offsetInText(placeAt(tree, path), cron, verdict.column - 1)
      report.at(path, { message: `${message}.`, hint }, shift)
    } else {
      for (const { message, hint } of verdict.warnings) {
        report.at(path, { message: `${message}.`, hint, severity: 'warning' })
      }
    }
  }
  const timezone = textOf(trigger['timezone'])
  if (timezone === null || isTimezone(timezone)) return
  report.at(['triggers', at, 'timezone'], {
    message: `There is no time zone "${timezone}".${zoneSuggestion(timezone)}`,
    hint: 'Write an IANA name, for example Europe/Berlin or UTC.',
  })
}

let zones: readonly string[] | null = null

// People know the city and leave the continent out.
function zoneSuggestion(timezone: string): string {
  zones ??= Intl.supportedValuesOf('timeZone')
  const city = timezone.replaceAll(' ', '_').toLowerCase()
  const byCity = zones.find((zone) => zone.toLowerCase().endsWith(`/${city}`))
  const found = byCity ?? nearest(timezone, zones)
  return found === null ? '' : ` Did you mean "${found}"?`
}
