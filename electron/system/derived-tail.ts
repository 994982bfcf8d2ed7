// The tail of a run id that is derived from a text (E3): the same after any loss.
import { createHash } from 'node:crypto'

const TAIL_LENGTH = 8

/** 8 characters of `[0-9a-z]`, of sha256. */
export function derivedTail(text: string): string {
  const digits = createHash('sha256').update(text).digest().readBigUInt64BE(0).toString(36)
  // 64 bits make at least 12 digits in all but one case of ten million; the last ones are the evenly spread ones.
  return digits.padStart(TAIL_LENGTH, '0').slice(-TAIL_LENGTH)
}
