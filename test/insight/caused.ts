// The cause of a sketched failure, where there has to be one.
import { explain } from '../../electron/insight/explain.ts'
import type { RunFacts } from '../../electron/insight/facts.ts'
import type { RootCause } from '../../shared/api/views.ts'
import { makeFacts } from './make-facts.ts'
import type { EndSketch, TaskSketch } from './make-facts.ts'

export function caused(facts: RunFacts): RootCause {
  const answer = explain(facts)
  if (answer === null) throw new Error('No cause where one is due')
  return answer
}

/** One task that ended so and said this, with good logs that say less. */
export function alone(end: EndSketch, log: string, more: Partial<TaskSketch> = {}): RootCause {
  return caused(
    makeFacts({ load: { end, log, good: ['start\ndone\n', 'start\ndone\n'], ...more } }),
  )
}
