// Task runs that failed without an attempt of their own: a run of another pipeline, a question, a list that could not be had.
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { oneLine } from './paint.ts'

/** So many are named; the rest is counted. */
const NAMED_MAX = 10

/** A line for each, with where to look next; empty where there is none. */
export function failedUnbegun(view: RunView): string {
  const failed = Object.values(view.tasks).filter(
    ({ state, attempts }) => state === 'failed' && attempts.length === 0,
  )
  if (failed.length === 0) return ''
  const lines = failed.slice(0, NAMED_MAX).map(({ task, item, why, child }) => {
    const next = child === undefined ? '' : `  Look there: sluice explain ${child}`
    return `  ${oneLine(taskKey(task, item))}: ${oneLine(why)}.${next}\n`
  })
  const more = failed.length - lines.length
  const rest = more > 0 ? `  ... and ${more} more\n` : ''
  return `Run ${view.run} is ${view.state}:\n${lines.join('')}${rest}`
}
