// What the agent says about an attempt, read as facts. Nothing here trusts the words: what does not fit is null.
import type { AttemptEnd, LossCause } from '../../shared/run/events.ts'
import { refusalInWords } from './refusal-words.ts'

export type HostState =
  | { kind: 'absent' }
  | { kind: 'running'; bootId: string; pid: number; hostStartedAt: number }
  | { kind: 'ended'; end: HostEnd }
  /** The supervisor's process is gone and left no record: nothing has its number, another process has, the disk was full. */
  | { kind: 'gone' | 'reused' | 'lost' }
  | { kind: 'rebooted' }
  /** Another machine with the same home has it. */
  | { kind: 'elsewhere'; machine: string }
  | { kind: 'refused'; message: string }

const hows = [
  'exited',
  'signalled',
  'timed_out',
  'cancelled',
  'lease_expired',
  'gone',
  'reused',
  'lost',
  'vanished',
  'refused',
] as const

export interface HostEnd {
  how: (typeof hows)[number]
  /** Exit code, name of a signal, or the reason where it was refused. */
  detail: string
  hostStartedAt: number | null
  hostEndedAt: number | null
  cpuMs: number | null
  peakBytes: number | null
  survivors: string[]
  /** It wrote to `$SLUICE_OUTPUT`; something is in `$SLUICE_CHECKPOINT`. */
  hasValues: boolean
  hasSaved: boolean
}

/** Words of `=ID STATE ...` and `+ID KEY STATE ...` after the id and the key; null when they mean nothing. */
export function readHostState(words: readonly string[]): HostState | null {
  switch (words[0]) {
    case 'absent':
    case 'gone':
    case 'reused':
    case 'lost':
    case 'rebooted':
      return { kind: words[0] }
    case 'elsewhere':
      return { kind: 'elsewhere', machine: (words[5] ?? '').replace(/\.[^.]*$/, '') }
    case 'started':
    case 'running': {
      const pid = number(words[2])
      const hostStartedAt = number(words[4])
      if (pid === null || hostStartedAt === null) return null
      return { kind: 'running', bootId: words[1] ?? '', pid, hostStartedAt }
    }
    case 'refused':
      return { kind: 'refused', message: refusalInWords(words[1] ?? '') }
    case 'ended': {
      const end = readHostEnd(words.slice(1))
      return end === null ? null : { kind: 'ended', end }
    }
    default:
      return null
  }
}

export function readHostEnd(words: readonly string[]): HostEnd | null {
  const [how = '', detail = '', startedAt, endedAt, cpu, peak, survivors = '-', ...rest] = words
  const known = hows.find((one) => one === how)
  // Words before the last one are notes, which an older agent's records have not.
  if (known === undefined || rest.at(-1) !== 'end') return null
  const notes = rest.length > 1 ? (rest[0] ?? '').split(',') : []
  return {
    how: known,
    detail,
    hostStartedAt: number(startedAt),
    hostEndedAt: number(endedAt),
    cpuMs: number(cpu),
    peakBytes: number(peak),
    survivors: survivors === '-' ? [] : survivors.split(',').filter((name) => name !== ''),
    hasValues: notes.includes('values'),
    hasSaved: notes.includes('saved'),
  }
}

function number(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : null
}

/** `wasCancelled`: a person asked for the end of an attempt whose supervisor had died. */
export function attemptEnd(end: HostEnd, endedAt: number, wasCancelled: boolean): AttemptEnd {
  const { hostStartedAt, hostEndedAt, cpuMs, peakBytes, survivors } = end
  const facts = { endedAt, hostStartedAt, hostEndedAt, cpuMs, peakBytes }
  const left = survivors.length > 0 ? { survivors } : {}
  const stopped = signalName(end.detail) === null ? {} : { stopped: true as const }
  switch (end.how) {
    case 'exited':
      return { ...facts, outcome: 'exited', exit: number(end.detail) ?? 255 }
    case 'signalled':
      return {
        ...facts,
        outcome: 'signalled',
        signal: signalName(end.detail) ?? 'SIGKILL',
        ...left,
      }
    case 'timed_out':
      return { ...facts, outcome: 'timed_out', signal: signalName(end.detail), ...left }
    case 'cancelled':
      return { ...facts, outcome: 'cancelled', ...left }
    case 'gone':
    case 'reused':
    case 'lost':
    case 'vanished':
      return wasCancelled
        ? { ...facts, outcome: 'cancelled', ...left }
        : { ...facts, outcome: 'lost', cause: lossByHow[end.how], ...stopped, ...left }
    case 'lease_expired':
      return { ...facts, outcome: 'lost', cause: 'lease_expired', ...stopped, ...left }
    // Refused.
    default:
      return {
        ...facts,
        hostStartedAt: null,
        hostEndedAt: null,
        outcome: 'not_started',
        cause: 'host_refused',
        message: refusalInWords(end.detail),
      }
  }
}

const lossByHow = {
  gone: 'supervisor_killed',
  reused: 'pid_reused',
  lost: 'record_lost',
  vanished: 'attempt_vanished',
} as const satisfies Record<string, LossCause>

function signalName(detail: string): string | null {
  return /^[A-Z0-9]{2,12}$/.test(detail) ? `SIG${detail}` : null
}

export const nothingRan = {
  hostStartedAt: null,
  hostEndedAt: null,
  cpuMs: null,
  peakBytes: null,
} as const
