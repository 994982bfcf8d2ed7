// The states of runs, task runs and attempts, and the moves that are legal.

export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

export type TaskState =
  | 'waiting' // its needs have not all ended
  | 'queued' // ready: waits for a slot or a host
  | 'running'
  | 'retrying' // failed, and will run again at a known time
  | 'unknown' // the link or the host is gone; the outcome is not known
  | 'succeeded'
  | 'reused'
  | 'failed'
  | 'upstream_failed'
  | 'skipped'
  | 'cancelled'

export type AttemptState = 'starting' | 'running' | 'unknown' | 'ended'

/** Legal moves. A resume may take any end back to `waiting`; a person may mark what has no live attempt. */
export const TASK_MOVES: Readonly<Record<TaskState, readonly TaskState[]>> = {
  // Straight to running: a fan-out's head, a sub-pipeline, an approval; they hold no slot.
  waiting: [
    'queued',
    'running',
    'succeeded',
    'failed',
    'skipped',
    'upstream_failed',
    'cancelled',
    'reused',
  ],
  queued: ['running', 'succeeded', 'skipped', 'cancelled', 'failed'],
  running: ['succeeded', 'failed', 'retrying', 'unknown', 'skipped', 'cancelled', 'queued'],
  retrying: ['queued', 'running', 'succeeded', 'skipped', 'cancelled', 'failed'],
  unknown: ['running', 'succeeded', 'failed', 'retrying', 'cancelled', 'queued'],
  succeeded: ['waiting'],
  reused: ['waiting'],
  failed: ['waiting', 'succeeded', 'skipped'],
  upstream_failed: ['waiting', 'succeeded', 'skipped'],
  skipped: ['waiting', 'succeeded'],
  cancelled: ['waiting', 'succeeded', 'skipped'],
}

export function isTaskEnd(state: TaskState): boolean {
  switch (state) {
    case 'succeeded':
    case 'reused':
    case 'failed':
    case 'upstream_failed':
    case 'skipped':
    case 'cancelled':
      return true
    default:
      return false
  }
}

/** A need that ended so lets its downstream go on. */
export function isTaskGood(state: TaskState): boolean {
  return state === 'succeeded' || state === 'reused'
}

/** A need that ended so holds up what asks for its success. */
export function isTaskBad(state: TaskState): boolean {
  return state === 'failed' || state === 'upstream_failed' || state === 'cancelled'
}

export function isRunEnd(state: RunState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
