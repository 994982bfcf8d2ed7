// What is known of one log that is being brought here.
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { LogHalves } from '../ports/logs.ts'

export interface LogFlow {
  key: AttemptKey
  /** What is kept of its log above the two together; null: all. */
  halves: LogHalves | null
  /** The next byte to ask for; -1 until the store has said so. */
  offset: number
  hostBytes: number
  /** How far this round pulls. */
  wantTo: number
  /** The host has answered for its size in this round. */
  isSized: boolean
  isEnded: boolean
  /** Its attempt ran: there is a log, or there was one. */
  hasLog: boolean
  /** How often it was compared after the attempt's end and was not the same. */
  rounds: number
  intervalMs: number
  dueAt: number
  /** The host's log is shorter than ours: nothing of it can be placed any more. */
  isBroken: boolean
  /** Up to here the host was told that the middle is not wanted. */
  freedTo: number
  /** Its bytes could not be stored in this round: what still comes is dropped and asked for again. */
  hasFailed: boolean
}

export function openFlow(key: AttemptKey, halves: LogHalves | null, dueAt: number): LogFlow {
  return {
    key,
    halves,
    offset: -1,
    hostBytes: 0,
    wantTo: 0,
    isSized: false,
    isEnded: false,
    hasLog: false,
    rounds: 0,
    intervalMs: pollMsMin,
    dueAt,
    isBroken: false,
    freedTo: 0,
    hasFailed: false,
  }
}

export const pollMsMin = 100
export const pollMsMax = 2000
