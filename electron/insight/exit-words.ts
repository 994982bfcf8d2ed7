// An attempt's end in words that need no table of exit codes.
import type { AttemptEnd } from '../../shared/run/events.ts'
import { assertNever } from '../../shared/run/states.ts'

/** How an end looks to the rules: an exit of 128+n is what a shell says when a signal ended its child. */
export interface EndShape {
  exit: number | null
  /** `SIGKILL`; null when no signal ended it. */
  signal: string | null
}

const signalNames: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}

const signalMeanings: Readonly<Record<string, string>> = {
  SIGHUP: 'its terminal or session went away',
  SIGINT: 'somebody pressed Ctrl-C',
  SIGQUIT: 'somebody asked it to quit and dump',
  SIGILL: 'it ran an instruction that this CPU does not have',
  SIGABRT: 'it aborted itself',
  SIGBUS: 'it touched memory or a mapped file that is gone',
  SIGFPE: 'an arithmetic fault',
  SIGKILL: "the kernel's OOM killer may have done it",
  SIGSEGV: 'it touched memory that is not its own',
  SIGPIPE: 'whoever read its output stopped reading',
  SIGALRM: 'its own alarm went off',
  SIGTERM: 'somebody or something asked it to stop',
  SIGXCPU: 'it used up its CPU time limit',
  SIGXFSZ: 'it passed its file size limit',
  SIGSYS: 'a system call was forbidden',
}

const exitMeanings: Readonly<Record<number, string>> = {
  0: 'success',
  2: 'wrong usage, or a more serious failure',
  124: 'the timeout command ended it',
  125: 'the command that should start it failed',
  126: 'found, but not executable',
  127: 'command not found',
  255: 'out of range, or ssh itself failed',
}

export function shapeOf(end: AttemptEnd): EndShape {
  switch (end.outcome) {
    case 'exited':
      return {
        exit: end.exit,
        signal: end.exit > 128 ? (signalNames[end.exit - 128] ?? null) : null,
      }
    case 'signalled':
    case 'timed_out':
      return { exit: null, signal: end.signal === null ? null : fullName(end.signal) }
    default:
      return { exit: null, signal: null }
  }
}

function fullName(signal: string): string {
  if (/^\d{1,3}$/.test(signal)) return signalNames[Number(signal)] ?? `signal ${signal}`
  return signal.startsWith('SIG') ? signal : `SIG${signal}`
}

function signalWords(signal: string, mayMemoryKill: boolean): string {
  const code = Object.entries(signalNames).find(([, name]) => name === signal)?.[0]
  const meaning =
    signal === 'SIGKILL' && !mayMemoryKill
      ? 'though not by the kernel for want of memory'
      : signalMeanings[signal]
  const number = code === undefined ? '' : ` (${128 + Number(code)})`
  return `killed by ${signal}${number}${meaning === undefined ? '' : `, ${meaning}`}`
}

/** `mayMemoryKill`: false where the host counted no such kill. */
export function exitWords(
  end: AttemptEnd,
  { mayMemoryKill }: { mayMemoryKill: boolean } = { mayMemoryKill: true },
): string {
  switch (end.outcome) {
    case 'exited': {
      const { signal } = shapeOf(end)
      if (signal !== null) return signalWords(signal, mayMemoryKill)
      const meaning = exitMeanings[end.exit]
      if (end.exit === 0 && (end.missingOutputs?.length ?? 0) > 0) {
        return 'exit 0, but a declared output is missing'
      }
      if (end.exit === 0 && end.badValues !== undefined)
        return 'exit 0, but what it handed back cannot be read'
      return meaning === undefined ? `exit ${end.exit}` : `exit ${end.exit}: ${meaning}`
    }
    case 'signalled':
      return signalWords(fullName(end.signal), mayMemoryKill)
    case 'timed_out':
      return 'stopped at its timeout'
    case 'cancelled':
      return 'cancelled'
    case 'lost':
      return lossWords[end.cause]
    case 'not_started':
      return 'never started'
    default:
      return assertNever(end)
  }
}

const lossWords: Readonly<Record<Extract<AttemptEnd, { outcome: 'lost' }>['cause'], string>> = {
  host_rebooted: 'lost: the host restarted while it ran',
  supervisor_killed: 'lost: its process is gone and left no exit record',
  attempt_vanished: 'lost: the host has no trace of it',
  unknown_too_long: 'lost: the host stayed out of reach for too long',
  pid_reused: 'lost: its process is gone, and its number belongs to another by now',
  record_lost: 'lost: it ended, but the host had no room to write down how',
  lease_expired: 'stopped by its host, which had heard nothing from Sluice for its lease',
  failed_over: 'lost: another host took it over',
  given_up: 'given up by a person',
}
