// How an attempt ended, in words for people.
import type { AttemptEnd, LossCause } from '../../shared/run/events.ts'
import { assertNever } from '../../shared/run/states.ts'

export function endInWords(end: AttemptEnd): string {
  switch (end.outcome) {
    case 'exited':
      if (end.exit !== 0) return `exit ${end.exit}`
      return missing(end.missingOutputs ?? []) || unread(end.badValues)
    case 'signalled':
      return `killed by ${end.signal}`
    case 'timed_out':
      return `ran longer than its timeout${survivors(end.survivors)}`
    case 'cancelled':
      return `cancelled${survivors(end.survivors)}`
    case 'lost':
      return `${LOST[end.cause]}${stopped(end)}${survivors(end.survivors)}`
    case 'not_started':
      return `not started: ${end.message}`
    default:
      return assertNever(end)
  }
}

const LOST = {
  host_rebooted: 'the host restarted while it ran',
  supervisor_killed: 'its supervisor on the host was killed, so its outcome is not known',
  attempt_vanished: 'the host has no trace of it any more',
  unknown_too_long: 'the host did not come back in time, so its outcome is not known',
  pid_reused:
    'its supervisor on the host is gone and its process id belongs to another process, so its outcome is not known',
  record_lost: 'it ended, but the disk of the host was full when its end was to be written',
  lease_expired: 'the host stopped it because it heard nothing from Sluice for its lease',
  failed_over: 'another host took it over',
  given_up: 'a person gave it up',
} as const satisfies Record<LossCause, string>

// That a lease or a fence stops what runs is said by the cause itself.
function stopped(end: { cause: LossCause; stopped?: true }): string {
  const isNews =
    end.stopped === true && end.cause !== 'lease_expired' && end.cause !== 'failed_over'
  return isNews ? '; what it had left running was stopped' : ''
}

function missing(outputs: readonly string[]): string {
  if (outputs.length === 0) return ''
  return `exit 0, but it did not write its ${outputs.length === 1 ? 'output' : 'outputs'} ${outputs.join(', ')}`
}

function unread(why: string | undefined): string {
  return why === undefined
    ? 'exit 0'
    : `exit 0, but what it handed back cannot be read: ${why.replace(/\.$/, '')}`
}

function survivors(names: readonly string[] | undefined): string {
  if (names === undefined || names.length === 0) return ''
  return `; still alive on the host: ${names.join(', ')}`
}

/** `3 have`, `1 has`. */
export function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
}

/** A moment to come: `at 2026-01-01 00:01:00 UTC, in 45 seconds`. */
export function timeInWords(at: number, now: number): string {
  const seconds = Math.max(1, Math.ceil((at - now) / 1000))
  const [amount, one] =
    seconds < 120
      ? [seconds, 'second']
      : seconds < 7200
        ? [Math.round(seconds / 60), 'minute']
        : [Math.round(seconds / 3600), 'hour']
  return `at ${momentInWords(at)}, in ${countOf(amount, one, `${one}s`)}`
}

/** `2026-01-01 00:01:00 UTC`. */
export function momentInWords(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`
}
