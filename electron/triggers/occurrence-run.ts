// E3: the run of an occurrence has one name, whoever decides it and however often.
import { derivedTail } from '../system/derived-tail.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { runIdAt } from '../../shared/run/ids.ts'

export function runOfOccurrence(
  pipeline: string,
  environment: string,
  trigger: number,
  dueAt: number,
): RunId {
  return runIdAt(dueAt, derivedTail(JSON.stringify([pipeline, environment, trigger, dueAt])))
}
