// Decides whether a failed attempt runs again, and when. Pure: the caller brings the dice, and what the log says.
//   R1  What only a person can cure, what was cancelled, what may not run twice: never.
//   R2  What its own attempts or the run's budget do not allow: not any more.
//   R3  `never` goes before `on`. What one list of them names is enough; lists that are all empty say nothing.
//   R4  Whatever the end alone can settle is settled at once. Only where the log may change the answer is it waited for;
//       where it does not come, the end alone decides, and the answer says so.
import type { FailureMatch, RetrySpec, TaskEffect } from '../../shared/pipeline/spec.ts'
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'
import { endInWords } from './words.ts'

export type RetryPlan =
  /** `because`: which rule lets it; null where it has none. */
  | { kind: 'again'; delayMs: number; because: string | null }
  | { kind: 'stop'; why: string }
  /** Ask again when the log is here. */
  | { kind: 'wait_log' }

/** What is known of the attempt's log: it is still to come, it will not, or it can be asked. */
export type LogAnswers =
  | 'open'
  | 'missing'
  | {
      cause(): string
      /** The first of them that a line matches; null: none. */
      matching(patterns: readonly string[]): string | null
    }

export interface RetryQuestion {
  end: AttemptEnd
  /** Attempts since the last reset, this one included; from 1. */
  made: number
  retries: RetrySpec
  effect: TaskEffect
  log: LogAnswers
  /** Retries of the whole run so far, and how many it may have; null: no limit. */
  budget: { used: number; max: number } | null
}

/** `roll` is in [0, 1). */
export function planRetry(question: RetryQuestion, roll: number): RetryPlan {
  const { made, retries } = question
  const forbidden = whyNever(question) ?? whyNoMore(question)
  if (forbidden !== null) return { kind: 'stop', why: forbidden }
  const never = matchOf(retries.never, question)
  if (never.hit !== null) return stop(`${never.hit} is never tried again`)
  const on = matchOf(retries.on, question)
  if (never.isOpen || (on.hit === null && on.isOpen)) return { kind: 'wait_log' }
  const unread =
    never.isUnread || on.isUnread ? '; its log did not come, so its end alone was judged' : ''
  if (isRule(retries.on) && on.hit === null)
    return stop(`that is not among the failures that are tried again${unread}`)
  const because =
    on.hit === null ? unread.slice(2) : `${on.hit} is tried again${on.isUnread ? unread : ''}`
  return {
    kind: 'again',
    delayMs: retryDelayMs(made, retries, roll),
    because: because === '' ? null : because,
  }
}

// R1.
function whyNever({ end, effect }: RetryQuestion): string | null {
  const ran = end.outcome !== 'not_started'
  if (!ran && NEEDS_A_PERSON.has(end.cause)) return 'trying again cannot help until somebody acts'
  if (end.outcome === 'cancelled') return 'it was cancelled'
  if (ran && effect === 'irreversible')
    return 'its effect is irreversible, so it is not tried again by itself'
  // A host out of reach says nothing about the command: it may still be loading rows there.
  if (end.outcome === 'lost' && end.cause === 'unknown_too_long' && effect !== 'pure')
    return 'running it twice may not be safe'
  return null
}

// R2.
function whyNoMore({ made, retries, budget }: RetryQuestion): string | null {
  if (made > retries.max) return retries.max === 0 ? '' : `all ${made} attempts were used`
  return budget === null ? null : whyBudgetSpent(budget)
}

/** Null: there is some left. */
export function whyBudgetSpent({ used, max }: { used: number; max: number }): string | null {
  if (used < max) return null
  if (max === 0) return 'the run may try nothing again'
  return `the run has used all ${max} of its retries`
}

// A retry meets the same lock, key or missing bytes.
const NEEDS_A_PERSON: ReadonlySet<TransportCause> = new Set([
  'ssh_auth_failure',
  'ssh_host_key_mismatch',
  'ssh_host_key_unknown',
  'input_missing',
  'secret_missing',
])

interface Match {
  /** In words: what of the failure it names. */
  hit: string | null
  /** The log may still tell. */
  isOpen: boolean
  /** The log could have told. */
  isUnread: boolean
}

function matchOf(match: FailureMatch | undefined, { end, log }: RetryQuestion): Match {
  const none = { hit: null, isOpen: false, isUnread: false }
  if (match === undefined) return none
  const { exits, causes, patterns } = match
  if (end.outcome === 'exited' && exits.includes(end.exit))
    return { ...none, hit: endInWords({ ...end, missingOutputs: [] }) }
  const known = causeOfEnd(end)
  if (known !== null && causes.includes(known)) return { ...none, hit: `the cause ${known}` }
  // The words of a host that refused may say more than that it did.
  const asksCause = causes.length > 0 && (known === null || end.outcome === 'not_started')
  // Nothing that is lost or never began has a log to wait for.
  const asksLines = patterns.length > 0 && end.outcome !== 'lost' && end.outcome !== 'not_started'
  if (!asksCause && !asksLines) return none
  if (log === 'open') return { ...none, isOpen: true }
  if (log === 'missing') return { ...none, isUnread: true }
  const cause = asksCause ? log.cause() : ''
  if (asksCause && causes.includes(cause)) return { ...none, hit: `the cause ${cause}` }
  const pattern = asksLines ? log.matching(patterns) : null
  return pattern === null ? none : { ...none, hit: `a line that matches ${quoted(pattern)}` }
}

/** The class, where the end alone says it. */
function causeOfEnd(end: AttemptEnd): string | null {
  if (end.outcome === 'not_started' || end.outcome === 'lost') return end.cause
  return end.outcome === 'timed_out' ? 'timeout' : null
}

function isRule(match: FailureMatch | undefined): boolean {
  return match !== undefined && match.exits.length + match.causes.length + match.patterns.length > 0
}

const QUOTED_CHARS_MAX = 80

function quoted(pattern: string): string {
  const shown =
    pattern.length > QUOTED_CHARS_MAX ? `${pattern.slice(0, QUOTED_CHARS_MAX)}…` : pattern
  return JSON.stringify(shown)
}

/** Wait before the attempt after number `made`. The share `jitter` of it is random: without it, tasks that failed together come back together. */
export function retryDelayMs(made: number, retries: RetrySpec, roll: number): number {
  const { delayMs, capMs, jitter } = retries
  const grown = delayMs * growth(made, retries.backoff)
  const whole = Math.min(grown, capMs)
  return Math.round(whole * (1 - jitter) + whole * jitter * roll)
}

function growth(made: number, backoff: RetrySpec['backoff']): number {
  if (backoff === 'fixed') return 1
  if (backoff === 'linear') return made
  // 2^60 is far beyond any cap and still a number.
  return 2 ** Math.min(made - 1, 60)
}

function stop(why: string): RetryPlan {
  return { kind: 'stop', why }
}
