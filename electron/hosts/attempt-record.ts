// What the agent says about an attempt, read as facts. Nothing here trusts the words: what does not fit is null.
import type { AttemptEnd } from '../../shared/run/events.ts'

export type HostState =
  | { kind: 'absent' }
  | { kind: 'running'; bootId: string; pid: number; hostStartedAt: number }
  | { kind: 'ended'; end: HostEnd }
  /** The supervisor's process is gone and left no record. */
  | { kind: 'gone' }
  | { kind: 'rebooted' }
  | { kind: 'refused'; message: string }

export interface HostEnd {
  how: 'exited' | 'timed_out' | 'cancelled' | 'reaped' | 'lease_expired' | 'refused'
  /** Exit code, or a message where it was refused. */
  detail: string
  hostStartedAt: number | null
  hostEndedAt: number | null
  cpuMs: number | null
  peakBytes: number | null
  survivors: string[]
}

/** Words of `=ID STATE ...` and `+ID KEY STATE ...` after the id and the key; null when they mean nothing. */
export function readHostState(words: readonly string[]): HostState | null {
  switch (words[0]) {
    case 'absent':
    case 'gone':
    case 'rebooted':
      return { kind: words[0] }
    case 'started':
    case 'running': {
      const pid = number(words[2])
      const hostStartedAt = number(words[4])
      if (pid === null || hostStartedAt === null) return null
      return { kind: 'running', bootId: words[1] ?? '', pid, hostStartedAt }
    }
    case 'refused':
      return { kind: 'refused', message: sentence(words[1] ?? '') }
    case 'ended': {
      const end = readHostEnd(words.slice(1))
      return end === null ? null : { kind: 'ended', end }
    }
    default:
      return null
  }
}

const hows = new Set(['exited', 'timed_out', 'cancelled', 'reaped', 'lease_expired', 'refused'])

export function readHostEnd(words: readonly string[]): HostEnd | null {
  const [how = '', detail = '', startedAt, endedAt, cpu, peak, survivors = '-', last] = words
  if (!hows.has(how) || last !== 'end') return null
  return {
    how: how as HostEnd['how'],
    detail,
    hostStartedAt: number(startedAt),
    hostEndedAt: number(endedAt),
    cpuMs: number(cpu),
    peakBytes: number(peak),
    survivors: survivors === '-' ? [] : survivors.split(',').filter((name) => name !== ''),
  }
}

function number(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : null
}

function sentence(word: string): string {
  return `The host ${word.replaceAll('_', ' ')}`
}

/** Linux numbers; the shell tells an end by a signal as 128 + its number. */
const signalByNumber: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}

/** `wasCancelled`: a person asked for the end of an attempt whose supervisor had died. */
export function attemptEnd(end: HostEnd, endedAt: number, wasCancelled: boolean): AttemptEnd {
  const { hostStartedAt, hostEndedAt, cpuMs, peakBytes, survivors } = end
  const facts = { endedAt, hostStartedAt, hostEndedAt, cpuMs, peakBytes }
  const left = survivors.length > 0 ? { survivors } : {}
  switch (end.how) {
    case 'exited': {
      const code = number(end.detail) ?? 255
      const signal = code > 128 ? signalByNumber[code - 128] : undefined
      return signal === undefined
        ? { ...facts, outcome: 'exited', exit: code }
        : { ...facts, outcome: 'signalled', signal }
    }
    case 'timed_out':
      return { ...facts, outcome: 'timed_out', signal: `SIG${end.detail}`, ...left }
    case 'cancelled':
      return { ...facts, outcome: 'cancelled', ...left }
    case 'reaped':
      return wasCancelled
        ? { ...facts, outcome: 'cancelled', ...left }
        : { ...facts, outcome: 'lost', cause: 'supervisor_killed', ...left }
    case 'lease_expired':
      return { ...facts, outcome: 'lost', cause: 'lease_expired', ...left }
    // Refused.
    default:
      return {
        ...facts,
        hostStartedAt: null,
        hostEndedAt: null,
        outcome: 'not_started',
        cause: 'host_refused',
        message: sentence(end.detail),
      }
  }
}

export const nothingRan = {
  hostStartedAt: null,
  hostEndedAt: null,
  cpuMs: null,
  peakBytes: null,
} as const
