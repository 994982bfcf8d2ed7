// What a task run's own past says about a resume, before anything upstream is looked at. Pure.
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'
import type { ForcedDecision } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import { assertNever } from '../../shared/run/states.ts'
import { conditionChanged, whatChanged } from './what-changed.ts'
import { endInWords } from './words.ts'

export interface Own {
  task: PlannedTask
  /** Undefined: it is new. */
  now: TaskView | undefined
  before: PlannedTask | undefined
  /** It, or any of its items, may have done something. */
  began: boolean
}

/** An attempt that never started did nothing. */
export function hasBegun(task: TaskView): boolean {
  return task.attempts.some(({ end }) => end === null || end.outcome !== 'not_started')
}

export interface Asked {
  /** By `taskKey`: why a person wants it again. */
  reasons: ReadonlyMap<string, string>
  forced: ReadonlyMap<string, ForcedDecision>
  only: boolean
  /** The run has not ended. */
  isLive: boolean
  /** It goes on with other params than it had. */
  hasOtherParams: boolean
}

export function decideOwn(own: Own, asked: Asked): ResumeDecision {
  const { task, now, before } = own
  if (now === undefined || before === undefined) return run(own, 'is new in this version')
  const reason = asked.reasons.get(taskKey(task.name, now.item))
  switch (now.state) {
    case 'running':
    case 'queued':
    case 'retrying':
      return told(own, 'attach', `is ${now.state}${where(now)}`)
    case 'unknown':
      return told(own, 'attach', `may still run${where(now)}: its outcome is not known`)
    case 'succeeded':
    case 'reused':
      return decideGood(own, now, before, reason)
    case 'failed':
      return decideBad(own, asked, reason, failedWords(now))
    case 'cancelled':
      return decideBad(
        own,
        asked,
        reason,
        now.attempts.length === 0 ? 'was cancelled before it started' : failedWords(now),
      )
    case 'upstream_failed':
      return decideHeldUp(own, now)
    case 'skipped':
      return decideSkipped({ own, now, before, reason, hasOtherParams: asked.hasOtherParams })
    case 'waiting':
      return asked.isLive ? told(own, 'attach', 'has not begun yet') : run(own, 'has not run yet')
    default:
      return assertNever(now.state)
  }
}

function decideGood(
  own: Own,
  now: TaskView,
  before: PlannedTask,
  reason: string | undefined,
): ResumeDecision {
  if (reason !== undefined) return decideRepeat(own, reason)
  const changed = whatChanged(before, own.task)
  if (changed !== '') return decideRepeat(own, `succeeded, but ${changed}`)
  if (now.marked !== undefined) return told(own, 'reuse', now.why)
  return told(own, 'reuse', `succeeded${where(now)}`)
}

function decideBad(
  own: Own,
  asked: Asked,
  reason: string | undefined,
  words: string,
): ResumeDecision {
  if (asked.only && reason === undefined) return told(own, 'refuse', `${words}; not asked for`)
  return decideRepeat(own, words)
}

// What was held up has not begun: it goes on as soon as what held it up does.
function decideHeldUp(own: Own, now: TaskView): ResumeDecision {
  return run(own, `was held up: ${now.why}`)
}

interface Skipped {
  own: Own
  now: TaskView
  before: PlannedTask
  reason: string | undefined
  hasOtherParams: boolean
}

// Decided again only when something that it was decided by is.
function decideSkipped({ own, now, before, reason, hasOtherParams }: Skipped): ResumeDecision {
  if (reason !== undefined) return run(own, reason)
  const changed = whatChanged(before, own.task)
  if (changed !== '') return run(own, `was skipped, but ${changed}`)
  if (now.marked !== undefined) return told(own, 'reuse', now.why)
  const condition = conditionChanged(before, own.task, hasOtherParams)
  if (condition !== '') return run(own, `was skipped, but ${condition}`)
  return told(own, 'reuse', `was skipped: ${now.why}`)
}

function failedWords(now: TaskView): string {
  const end = now.attempts.at(-1)?.end ?? null
  const words = end === null ? now.why : endInWords(end)
  return words.startsWith(now.state) ? words : `${now.state}: ${words}`
}

/** Rule 4. */
export function decideRepeat(own: Own, reason: string): ResumeDecision {
  if (own.task.effect === 'irreversible' && own.began)
    return told(own, 'refuse', `${reason}; its effect is irreversible and it may have begun`)
  return run(own, reason)
}

function where(now: TaskView): string {
  if (now.child !== undefined) return ` as run ${now.child}`
  const attempt = now.attempts.at(-1)
  return attempt === undefined ? '' : ` on ${attempt.host} (attempt ${attempt.number})`
}

function run(own: Own, reason: string): ResumeDecision {
  return told(own, 'run', reason)
}

export function told(
  { task, now }: Own,
  decision: ResumeDecision['decision'],
  reason: string,
): ResumeDecision {
  return { task: task.name, item: now?.item ?? null, decision, reason }
}
