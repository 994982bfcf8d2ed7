// What `retries` and `remedies` say of failures: causes that exist, patterns that can be read.
import { RE2JS } from '@bufbuild/re2'
import { causeClasses, causeMeantBy, isCauseClass } from '../../shared/pipeline/cause-classes.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Check } from './check-context.ts'
import { keysOf, listOf, mapOf, textOf } from './lenient.ts'
import type { OutlineGroup, OutlineTask } from './outline.ts'
import type { Path } from './yaml-tree.ts'

export function checkFailures(check: Check, { value, path }: OutlineTask | OutlineGroup): void {
  const retries = mapOf(value['retries'])
  for (const field of ['on', 'never'] as const) {
    if (retries[field] !== undefined) checkMatch(check, [...path, 'retries', field], retries[field])
  }
  listOf(value['remedies']).forEach((remedy, at) => {
    checkCause(check, [...path, 'remedies', at, 'cause'], mapOf(remedy)['cause'])
  })
}

function checkMatch(check: Check, path: Path, value: unknown): void {
  if (typeof value === 'object' && value !== null && keysOf(value).length === 0) {
    const hint = 'For example: { exit: [75], cause: [network_timeout] }'
    check.report.atKey(path, { message: 'It names no failures.', hint })
  }
  const { cause, pattern } = mapOf(value)
  listOf(cause).forEach((each, at) => checkCause(check, [...path, 'cause', at], each))
  listOf(pattern).forEach((each, at) => {
    const text = textOf(each)
    const fault = text === null ? null : patternFault(text)
    if (fault === null) return
    check.report.at([...path, 'pattern', at], {
      message: `The pattern cannot be read: ${fault}.`,
      hint: 'RE2 patterns have no back references and no look-around.',
    })
  })
}

function checkCause({ report }: Check, path: Path, value: unknown): void {
  const cause = textOf(value)
  if (cause === null || isCauseClass(cause)) return
  const meant = causeMeantBy(cause)
  const suggestion = meant === null ? didYouMean(cause, causeClasses) : ` Write "${meant}".`
  report.at(path, {
    message: `There is no cause class "${cause}".${suggestion}`,
    hint: `Classes: ${someOf(causeClasses, 12)}; docs/root-cause.md names them all.`,
  })
}

/** null: it is a pattern. */
function patternFault(pattern: string): string | null {
  try {
    RE2JS.compile(pattern)
    return null
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
  }
}
