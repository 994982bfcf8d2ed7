// Decides whether a failed attempt runs again, and when. Pure: the caller brings the dice.
import type { RetrySpec, TaskEffect } from '../../shared/pipeline/spec.ts'
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'

export type RetryPlan = { kind: 'again'; delayMs: number } | { kind: 'stop'; why: string }

export interface RetryQuestion {
  end: AttemptEnd
  /** Attempts since the last reset, this one included; from 1. */
  made: number
  retries: RetrySpec
  effect: TaskEffect
}

/** `roll` is in [0, 1). */
export function planRetry(question: RetryQuestion, roll: number): RetryPlan {
  const { end, made, retries, effect } = question
  const ran = end.outcome !== 'not_started'
  if (!ran && NEEDS_A_PERSON.has(end.cause))
    return stop('trying again cannot help until somebody acts')
  if (end.outcome === 'cancelled') return stop('it was cancelled')
  if (ran && effect === 'irreversible') {
    return stop('its effect is irreversible, so it is not tried again by itself')
  }
  // A host out of reach says nothing about the command: it may still be loading rows there.
  if (end.outcome === 'lost' && end.cause === 'unknown_too_long' && effect !== 'pure') {
    return stop('its outcome is not known, and running it twice may not be safe')
  }
  if (made > retries.max) return stop(retries.max === 0 ? '' : `all ${made} attempts were used`)
  return { kind: 'again', delayMs: retryDelayMs(made, retries, roll) }
}

// A retry meets the same lock, key or missing bytes.
const NEEDS_A_PERSON: ReadonlySet<TransportCause> = new Set([
  'ssh_auth_failure',
  'ssh_host_key_mismatch',
  'ssh_host_key_unknown',
  'input_missing',
])

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
