// What a host's report means. Reports may come twice, late, or about attempts that have ended: each is held against the state.
import type { HostReport } from '../ports/hosts.ts'
import type { AttemptEnd, LogGap, LossCause } from '../../shared/run/events.ts'
import { isFenceOpen, taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { assertNever } from '../../shared/run/states.ts'
import { becomeUnknown, keyOf, nothingRan, waitLog } from './attempts.ts'
import { restOwed } from './call-back.ts'
import { isHostsFault } from './choose-host.ts'
import { emitTask, nameOf, stirHost } from './draft.ts'
import type { Draft } from './draft.ts'
import { addTrouble } from './health.ts'
import { endHalted, judgeAttempt, judgeLate, queueElsewhere } from './judge-attempt.ts'
import { isCancelled } from './said.ts'
import { hostWork } from './state.ts'
import type { LiveTask } from './state.ts'
import { endInWords } from './words.ts'

export const LINK_GRACE_MS = 10_000

export function decideReport(draft: Draft, report: HostReport): void {
  switch (report.kind) {
    case 'linked': {
      const host = hostWork(draft.state, report.host)
      host.downSince = null
      return stirHost(draft, host)
    }
    case 'unlinked':
      return onUnlinked(draft, report.host, report.why)
    case 'released':
      return
    default: {
      const found = findAttempt(draft, report.key)
      // Of an older attempt or an ended run: the host may forget it, once nothing of it is wanted.
      if (found === null) return onStranger(draft, report)
      return onAttemptReport(draft, found.task, found.attempt, report)
    }
  }
}

type AttemptReport = Exclude<Extract<HostReport, { key: AttemptKey }>, { kind: 'released' }>

function onAttemptReport(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  report: AttemptReport,
): void {
  switch (report.kind) {
    case 'elsewhere':
      return onElsewhere(draft, task, attempt, report)
    case 'started':
      return onStarted(draft, task, attempt, report)
    case 'ended':
      return endAttempt(draft, task, attempt, report.end)
    case 'absent':
      return onAbsent(draft, task, attempt)
    case 'log_closed':
      return onLogClosed(draft, task, attempt, report)
    case 'snapshot':
      return onSnapshot(draft, task, attempt, report)
    case 'checkpoint':
      return onCheckpoint(draft, task, attempt, report)
    case 'checkpoint_refused':
      return onCheckpointRefused(draft, task, attempt, report)
    default:
      assertNever(report)
  }
}

function onStarted(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  report: Extract<HostReport, { kind: 'started' }>,
): void {
  // Only a link that is up tells this. The word for that comes when all attempts there have been asked about, which may take
  // longer than the grace that is given to a link.
  const host = hostWork(draft.state, report.host)
  host.downSince = null
  host.elsewhere.delete(report.key)
  if (attempt.state === 'ended' || attempt.state === 'running') return
  const { number } = attempt
  const name = { ...nameOf(task), number }
  if (attempt.hostStartedAt !== null) emitTask(draft, task, { kind: 'attempt.found', ...name })
  else {
    const { pid, bootId, hostStartedAt } = report
    emitTask(draft, task, { kind: 'attempt.running', ...name, pid, bootId, hostStartedAt })
  }
}

function onElsewhere(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  { host, key, why }: Extract<HostReport, { kind: 'elsewhere' }>,
): void {
  if (attempt.state === 'ended') return
  const { elsewhere } = hostWork(draft.state, host)
  if (!elsewhere.has(key)) elsewhere.set(key, draft.livedMs)
  becomeUnknown(draft, task, why)
}

// E3, H1: never confirmed, so the same key may be started; confirmed and gone is a loss, never a second start.
function onAbsent(draft: Draft, task: LiveTask, attempt: AttemptView): void {
  const { number, host } = attempt
  if (attempt.state === 'ended') {
    if (attempt.log === null) closeLogWithGap(draft, task, number, 'the host has no trace of it')
    return
  }
  if (attempt.hostStartedAt !== null) return loseAttempt(draft, task, attempt, 'attempt_vanished')
  if (isCancelled(task)) {
    const end = { outcome: 'cancelled' as const, endedAt: draft.now, ...nothingRan }
    return endAttempt(draft, task, attempt, end)
  }
  draft.effects.push({ kind: 'start', host, task, number })
}

function onLogClosed(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  report: Extract<HostReport, { kind: 'log_closed' }>,
): void {
  if (attempt.log !== null) return
  const { bytes, sha256, verified, gaps } = report
  const { number } = attempt
  const proof = verified === undefined ? {} : { verified }
  const name = { ...nameOf(task), number }
  emitTask(draft, task, { kind: 'attempt.log_closed', ...name, bytes, sha256, ...proof, gaps })
  // H9: end and log are here; outputs were fetched before the end was reported.
  if (attempt.state === 'ended') release(draft, task, attempt)
  judgeLate(draft, task, attempt, false)
}

function onSnapshot(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  report: Extract<HostReport, { kind: 'snapshot' }>,
): void {
  if (attempt.snapshot !== undefined) return
  const name = { ...nameOf(task), number: attempt.number }
  emitTask(draft, task, { kind: 'attempt.snapshot', ...name, snapshot: report.snapshot })
}

function onCheckpoint(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  report: Extract<HostReport, { kind: 'checkpoint' }>,
): void {
  const { checkpoint } = report
  const last = task.view.checkpoint
  // Of a copy that was failed over, or one that came late: what is newer stays.
  if (last !== undefined && last.attempt > attempt.number) return
  // The same one again, as after a restart, is no news.
  if (last?.attempt === attempt.number && last.savedAt >= checkpoint.savedAt) return
  const name = { ...nameOf(task), number: attempt.number }
  emitTask(draft, task, { kind: 'attempt.checkpoint', ...name, checkpoint })
}

function onCheckpointRefused(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  { at, why }: Extract<HostReport, { kind: 'checkpoint_refused' }>,
): void {
  const { checkpoint, unsaved } = task.view
  const last = Math.max(checkpoint?.attempt ?? 0, unsaved?.attempt ?? 0)
  if (last > attempt.number) return
  // The same again, or one that was good by now.
  if (unsaved?.attempt === attempt.number && unsaved.why === why) return
  if (checkpoint?.attempt === attempt.number && checkpoint.savedAt >= at) return
  const name = { ...nameOf(task), number: attempt.number }
  emitTask(draft, task, { kind: 'attempt.checkpoint_refused', ...name, why })
}

function endAttempt(draft: Draft, task: LiveTask, attempt: AttemptView, end: AttemptEnd): void {
  if (attempt.state === 'ended') {
    // The host still has it, or has it again: a stop may overtake the word that it never started (H9).
    if (attempt.log !== null) release(draft, task, attempt)
    return
  }
  recordEnd(draft, task, attempt, end)
  judgeAttempt(draft, task, { attempt, end, isLogMissing: false })
}

/** The attempt is over for us; what its host still has to do about it is ordered. */
export function recordEnd(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  end: AttemptEnd,
): void {
  const { number, host } = attempt
  // Times across a restart come from the engine's clock, so that events of a run never go back.
  const stamped: AttemptEnd = { ...end, endedAt: draft.now }
  const name = { ...nameOf(task), number }
  emitTask(draft, task, { kind: 'attempt.ended', ...name, end: stamped })
  hostWork(draft.state, host).elsewhere.delete(keyOf(task, number))
  if (isHostsFault(end)) addTrouble(hostWork(draft.state, host).trouble, draft.now, endInWords(end))
  if (isFenceOpen(attempt)) {
    const key = keyOf(task, number)
    hostWork(draft.state, host).fences.add(key)
    draft.effects.push({ kind: 'fence', host, key, graceMs: task.planned.graceMs })
  }
  if (attempt.log !== null) release(draft, task, attempt)
  else if (end.outcome === 'not_started') {
    closeLog(draft, task, number, [])
    // A host keeps what it refused, so that an order told twice is not started the second time.
    if (end.cause === 'host_refused') release(draft, task, attempt)
  } else if (isFenceOpen(attempt)) closeLog(draft, task, number, [restOwed])
  else waitLog(draft, task, number)
}

export function loseAttempt(
  draft: Draft,
  task: LiveTask,
  attempt: AttemptView,
  cause: LossCause,
): void {
  const end: AttemptEnd = { outcome: 'lost', cause, endedAt: draft.now, ...nothingRan }
  endAttempt(draft, task, attempt, end)
  if (attempt.log === null) closeLogWithGap(draft, task, attempt.number, endInWords(end))
}

function onUnlinked(draft: Draft, name: string, why: string): void {
  const host = hostWork(draft.state, name)
  host.downWhy = why
  if (host.downSince === null) {
    addTrouble(host.trouble, draft.now, why)
    host.downSince = draft.now
    host.silentSinceMs = draft.livedMs
  }
  // Also where that is no news: what was started meanwhile, over a link that was never told of, is silent as well.
  const since = host.downSince
  draft.state.due.add(draft.now + LINK_GRACE_MS, { kind: 'link_grace', host: name, since })
}

/** The first copy is stopped by its lease; when its host is back, it is proved gone besides. */
export function failOver(draft: Draft, task: LiveTask, attempt: AttemptView): void {
  const end: AttemptEnd = {
    outcome: 'lost',
    cause: 'failed_over',
    endedAt: draft.now,
    ...nothingRan,
  }
  recordEnd(draft, task, attempt, end)
  if (!endHalted(draft, task, endInWords(end))) queueElsewhere(draft, task)
}

/** With what is here: nothing of an attempt that never ran, or what came before the host was lost. */
function closeLog(draft: Draft, task: LiveTask, number: number, gaps: LogGap[]): void {
  const name = { ...nameOf(task), number }
  emitTask(draft, task, { kind: 'attempt.log_closed', ...name, bytes: 0, sha256: null, gaps })
}

export function closeLogWithGap(draft: Draft, task: LiveTask, number: number, why: string): void {
  closeLog(draft, task, number, [{ offset: 0, bytes: null, why }])
  const attempt = task.view.attempts[number - 1]
  if (attempt === undefined) return
  release(draft, task, attempt)
  judgeLate(draft, task, attempt, true)
}

// A copy that may live must be proved gone first.
function release(draft: Draft, task: LiveTask, attempt: AttemptView): void {
  if (isFenceOpen(attempt)) return
  draft.effects.push({ kind: 'release', host: attempt.host, key: keyOf(task, attempt.number) })
}

function onStranger(draft: Draft, report: AttemptReport): void {
  if (report.kind !== 'log_closed' && report.kind !== 'ended') return
  draft.effects.push({ kind: 'release', host: report.host, key: report.key })
}

function findAttempt(
  draft: Draft,
  key: AttemptKey,
): { task: LiveTask; attempt: AttemptView } | null {
  const { run, task, item, number } = parseAttemptKey(key)
  return attemptOf(draft, { run, task: taskKey(task, item), number })
}

/** `task`: its `taskKey`. */
export function attemptOf(
  draft: Draft,
  name: { run: RunId; task: string; number: number },
): { task: LiveTask; attempt: AttemptView } | null {
  const task = draft.state.runs.get(name.run)?.taskByName.get(name.task)
  const attempt = task?.view.attempts[name.number - 1]
  return task === undefined || attempt === undefined ? null : { task, attempt }
}
