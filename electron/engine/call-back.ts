// The word of copies that were given up or failed over: that they are gone, and the rest of their logs. Their task run went on
// without them, their run may have ended, and its new version may have no such task. It belongs to the run's history all the
// same, so it is held against the attempt in the run's view and never against its graph.
import type { HostReport } from '../ports/hosts.ts'
import type { AttemptEnd, LogGap } from '../../shared/run/events.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { isFenceOpen, taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import { nothingRan } from './attempts.ts'
import { freeLimits } from './books.ts'
import { emit, stirHost } from './draft.ts'
import type { Draft } from './draft.ts'
import { hostWork, newLiveRun } from './state.ts'
import type { HostWork, LiveRun } from './state.ts'

/** H6: nobody waits for a host that was given up; what it still has of the log comes when it is back. */
export const restOwed: LogGap = {
  offset: 0,
  bytes: null,
  why: 'its host was given up; the rest comes when the host is back',
}

interface Copy {
  readonly run: LiveRun
  readonly attempt: AttemptView
  readonly key: AttemptKey
  readonly name: { task: string; item: number | null; number: number }
}

type CopyReport = Extract<HostReport, { kind: 'ended' | 'log_closed' | 'absent' }>

/** False: it is about no such copy. */
export function callBack(draft: Draft, report: HostReport): boolean {
  if (report.kind !== 'ended' && report.kind !== 'log_closed' && report.kind !== 'absent')
    return false
  const host = draft.state.hosts.get(report.host)
  if (host?.fences.has(report.key) !== true && host?.owed.has(report.key) !== true) return false
  const copy = findCopy(draft, report.key)
  if (copy !== null && (isFenceOpen(copy.attempt) || isRestOwed(copy.attempt))) {
    onWord(draft, copy, report)
    return true
  }
  liftFence(draft, report.host, report.key)
  return false
}

function onWord(draft: Draft, copy: Copy, report: CopyReport): void {
  const { attempt } = copy
  switch (report.kind) {
    case 'ended':
      if (isFenceOpen(attempt)) return onGone(draft, copy, report.end)
      // Told again after a crash: the rest of its log comes next.
      return freeFence(draft, attempt.host, copy.key)
    case 'absent':
      if (isFenceOpen(attempt))
        return onGone(draft, copy, { outcome: 'cancelled', endedAt: draft.now, ...nothingRan })
      return closeRest(draft, copy, { ...noLog, gaps: [traceless] })
    case 'log_closed': {
      if (!isRestOwed(attempt)) return
      const { bytes, sha256, verified, gaps } = report
      const proof = verified === undefined ? {} : { verified }
      return closeRest(draft, copy, { bytes, sha256, ...proof, gaps })
    }
  }
}

/** The copy is proved gone; `end`: how it had fared. */
function onGone(draft: Draft, copy: Copy, end: AttemptEnd): void {
  const { run, name, attempt, key } = copy
  emit(draft, run, { kind: 'attempt.fenced', ...name, end: { ...end, endedAt: draft.now } })
  // H6: the order stays in the store until the rest is here, so that no crash forgets it.
  if (isRestOwed(attempt) && end.hostStartedAt !== null) return freeFence(draft, attempt.host, key)
  if (isRestOwed(attempt)) return closeRest(draft, copy, { ...noLog, gaps: [] })
  letGo(draft, copy)
}

type Closing = Pick<Extract<HostReport, { kind: 'log_closed' }>, 'bytes' | 'sha256' | 'verified'>

function closeRest(draft: Draft, copy: Copy, log: Closing & { gaps: LogGap[] }): void {
  emit(draft, copy.run, { kind: 'attempt.log_closed', ...copy.name, ...log })
  // A copy that may live must be proved gone first.
  if (!isFenceOpen(copy.attempt)) letGo(draft, copy)
}

// H9: its end and its log are here.
function letGo(draft: Draft, { attempt, key }: Copy): void {
  liftFence(draft, attempt.host, key)
  draft.effects.push({ kind: 'release', host: attempt.host, key })
}

/** Nothing of it is owed any more. */
function liftFence(draft: Draft, name: string, key: AttemptKey): void {
  draft.fenced.push(key)
  yieldSlot(draft, name, key).owed.delete(key)
}

/** The copy is gone; the rest of its log has still to come. */
function freeFence(draft: Draft, name: string, key: AttemptKey): void {
  yieldSlot(draft, name, key).owed.add(key)
}

function yieldSlot(draft: Draft, name: string, key: AttemptKey): HostWork {
  const host = hostWork(draft.state, name)
  if (host.fences.delete(key)) stirHost(draft, host)
  freeLimits(draft, key)
  return host
}

/** Its log was closed without its host, which may still bring the whole of it. */
function isRestOwed(attempt: AttemptView): boolean {
  return attempt.log?.gaps.some((gap) => gap.why === restOwed.why) === true
}

function findCopy(draft: Draft, key: AttemptKey): Copy | null {
  const { run: id, task, item, number } = parseAttemptKey(key)
  const run = findRun(draft, id)
  const attempt = run?.view.tasks[taskKey(task, item)]?.attempts[number - 1]
  if (run === null || attempt === undefined) return null
  return { run, attempt, key, name: { task, item, number } }
}

// One draft, one view of a run: what it has decided is not in the store yet.
function findRun(draft: Draft, id: RunId): LiveRun | null {
  const known = draft.state.runs.get(id) ?? draft.changes.get(id)?.run
  if (known !== undefined) return known
  const stored = draft.load(id)
  return stored === null ? null : newLiveRun(stored.view, stored.plan)
}

const noLog = { bytes: 0, sha256: null }
const traceless: LogGap = { offset: 0, bytes: null, why: 'the host has no trace of it' }
