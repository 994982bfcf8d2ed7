// How long a host is left alone after a connection to it failed.
//   Full jitter above a floor: without it, all hosts behind one dead gateway come back together.

const msMin = 250
const msMax = 30_000
/** A host that takes no more logins at this moment does so for seconds, not for minutes. */
const busyMsMax = 8_000
/** Nothing but a person changes a refusal; one that was mended elsewhere is found out all the same. */
export const refusedRetryMs = 60_000

/** `failures` in a row, 1 or more; `roll` in [0, 1). ms, in [top / 4, top), where top doubles from 500 ms to a bound. */
export function backoffMs(
  failures: number,
  why: 'down' | 'busy' | 'refused',
  roll: number,
): number {
  if (why === 'refused') return refusedRetryMs
  const most = why === 'busy' ? busyMsMax : msMax
  const top = Math.min(most, msMin * 2 ** Math.min(failures, 10))
  return top * (0.25 + 0.75 * roll)
}
