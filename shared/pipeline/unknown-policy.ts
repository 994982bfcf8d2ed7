// `on_unknown` as people write it: `wait 2h`, `fail`, `ask`, `wait 10m then failover`.
import { formatDuration, parseDuration } from './duration.ts'
import type { UnknownPolicy } from './spec.ts'

export const unknownPolicyDefault: UnknownPolicy = { waitMs: 24 * 3_600_000, then: 'fail' }
export const unknownWaitMsMax = 30 * 24 * 3_600_000

/** null where the text is no policy. */
export function parseUnknownPolicy(text: string): UnknownPolicy | null {
  const words = text.split(' ')
  const [first = '', wait = '', then, last] = words
  if (words.length === 1) return isThen(first) ? { waitMs: 0, then: first } : null
  const waitMs = parseDuration(wait)
  if (first !== 'wait' || waitMs === null || waitMs > unknownWaitMsMax) return null
  if (words.length === 2) return { waitMs, then: 'fail' }
  if (words.length !== 4 || then !== 'then' || last === undefined || !isThen(last)) return null
  return { waitMs, then: last }
}

/** The shortest text that `parseUnknownPolicy` reads back. */
export function formatUnknownPolicy({ waitMs, then }: UnknownPolicy): string {
  if (waitMs === 0) return then
  const wait = `wait ${formatDuration(waitMs)}`
  return then === 'fail' ? wait : `${wait} then ${then}`
}

function isThen(word: string): word is UnknownPolicy['then'] {
  return word === 'fail' || word === 'failover' || word === 'ask'
}
