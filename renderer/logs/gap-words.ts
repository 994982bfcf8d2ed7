// What the mark of missing bytes says.
import type { LogGap } from '../../shared/run/events.ts'
import { byteWords } from '../../shared/run/byte-words.ts'

export function gapWords(gap: LogGap): string {
  const size = gap.bytes === null ? 'Some bytes' : byteWords(gap.bytes)
  return `${size} missing here: ${gap.why}`
}
