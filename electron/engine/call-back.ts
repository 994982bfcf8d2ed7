// Reports about runs that have ended. A copy that was given up may outlive its run in memory: the word that it is gone, and
// the rest of its log, belong to that run's history all the same.
import type { HostReport } from '../ports/hosts.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import { isFenceOpen, taskKey } from '../../shared/run/run-view.ts'
import { decideFenced, decideLogClosed, freeFence, isRestOwed, liftFence } from './decide-report.ts'
import type { Draft } from './draft.ts'
import { indexRun } from './state.ts'
import type { LiveRun } from './state.ts'

/** False: it is for a live run, or nobody knows it. */
export function callBack(draft: Draft, report: HostReport): boolean {
  if (report.kind !== 'ended' && report.kind !== 'log_closed') return false
  const { run: id, task: name, item, number } = parseAttemptKey(report.key)
  const host = draft.state.hosts.get(report.host)
  // An end may be told twice: the first word must not be the last, while the rest of the log is still to come.
  const isKnown = host?.fences.has(report.key) === true || host?.owed.has(report.key) === true
  if (draft.state.runs.has(id) || (report.kind === 'ended' && !isKnown)) return false
  // One draft, one view of a run: what it has decided is not in the store yet.
  const run = draft.changes.get(id)?.run ?? storedRun(draft, id)
  const task = run?.taskByName.get(taskKey(name, item))
  const attempt = task?.view.attempts[number - 1]
  const isOurs = task !== undefined && attempt !== undefined
  if (report.kind === 'log_closed') {
    if (!isOurs || !isRestOwed(attempt)) return false
    decideLogClosed(draft, task, attempt, report)
    return true
  }
  if (isOurs && isFenceOpen(attempt)) {
    decideFenced(draft, task, attempt, report.end)
    return true
  }
  if (isOurs && isRestOwed(attempt)) {
    freeFence(draft, report.host, report.key)
    return true
  }
  liftFence(draft, report.host, report.key)
  return false
}

function storedRun(draft: Draft, id: LiveRun['view']['run']): LiveRun | null {
  const stored = draft.load(id)
  return stored === null ? null : indexRun(stored.view, stored.plan)
}
