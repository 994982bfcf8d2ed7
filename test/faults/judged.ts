// An attempt before the judge, with all that is known of it.
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { AttemptView, TaskView } from '../../shared/run/run-view.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import type { Case, TaskShape } from './case-shape.ts'
import type { Evidence, HostEvidence } from './evidence.ts'

export interface Judged {
  one: Case
  shape: TaskShape
  task: TaskView
  evidence: Evidence
}

export interface OnHost {
  key: string
  attempt: AttemptView
  host: HostEvidence
}

export function keyOf(evidence: Evidence, task: string, number: number): string {
  return attemptKey(evidence.view.run, task, null, number)
}

export function inWords(end: AttemptEnd | null): string {
  if (end === null) return 'not at all'
  const { outcome } = end
  if (outcome === 'exited') return `exited ${end.exit}`
  if (outcome === 'lost' || outcome === 'not_started') return `${outcome} (${end.cause})`
  return outcome
}
