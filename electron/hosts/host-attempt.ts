// What is known here of one attempt on a host, and the ends that need no host to say them.
import type { StartOrder } from '../ports/hosts.ts'
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'
import { nothingRan } from './attempt-record.ts'
import type { Session } from './session.ts'

export interface Attempt {
  order: StartOrder
  /** `start`: ours to start. `watch`: the engine's question whether it is there. */
  wish: 'start' | 'watch'
  /** The start line may have reached the host. */
  isWritten: boolean
  /** The start line was written and its answer is still to come on this link. */
  isAsked: boolean
  /** The host has said that it runs, or it may have run in a folder that is gone: it can never be absent again. */
  isSeen: boolean
  askedAt: number
  /** Of the link, while it waited to be started. */
  failedConnects: number
  cancelGraceMs: number | null
  /** The machine that has it, where that is another one than the link leads to. */
  elsewhere: string | null
  /** The link over which all that comes before its end is being brought here. */
  endsOver: Session | null
  /** The host's record, once seen. */
  hasEnded: boolean
  isLogClosed: boolean
  /** Ends of attempts of our own (remedies) go here and not to the engine. */
  onEnd: ((end: AttemptEnd) => void) | null
}

export function openAttempt(order: StartOrder, wish: Attempt['wish'], askedAt: number): Attempt {
  return {
    order,
    wish,
    isWritten: false,
    isAsked: false,
    isSeen: order.isConfirmed === true,
    askedAt,
    failedConnects: 0,
    cancelGraceMs: null,
    elsewhere: null,
    endsOver: null,
    hasEnded: false,
    isLogClosed: false,
    onEnd: null,
  }
}

/** Its host has still something to say or to give. */
export function needsHost(attempt: Attempt): boolean {
  return !attempt.hasEnded || !(attempt.isLogClosed || attempt.onEnd !== null)
}

/** It may live on the host, so only the host can tell. */
export function mayLive(attempt: Attempt): boolean {
  return attempt.wish === 'watch' || attempt.isWritten
}

export type NeverRan =
  | { outcome: 'cancelled' }
  | { outcome: 'not_started'; cause: TransportCause; message: string }

export function neverRanEnd(how: NeverRan, endedAt: number): AttemptEnd {
  return { ...nothingRan, endedAt, ...how }
}

/** A cancel of a key that is not known here any more: the host is asked, and a start on its way finds the key taken. */
export function unknownOrder(key: StartOrder['key'], graceMs: number): StartOrder {
  return {
    key,
    run: '',
    env: {},
    timeoutMs: null,
    graceMs,
    leaseMs: null,
    logLimitBytes: null,
    files: [],
    outputs: {},
  }
}
