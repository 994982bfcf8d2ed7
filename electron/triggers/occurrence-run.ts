// E3: the run of an occurrence has one name, whoever decides it and however often.
import { createHash } from 'node:crypto'
import type { RunId } from '../../shared/run/ids.ts'
import { runIdAt } from '../../shared/run/ids.ts'

const tailLength = 8

export function runOfOccurrence(
  pipeline: string,
  environment: string,
  trigger: number,
  dueAt: number,
): RunId {
  const name = JSON.stringify([pipeline, environment, trigger, dueAt])
  const hash = createHash('sha256').update(name).digest()
  // 64 bits make at least 12 digits of base 36 in all but one case of ten million; the last ones are the evenly spread ones.
  const digits = hash.readBigUInt64BE(0).toString(36).padStart(tailLength, '0')
  return runIdAt(dueAt, digits.slice(-tailLength))
}
