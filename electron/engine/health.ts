// How a host has fared of late: each failure that is the host's own (no link, no start, lost work) counts, and counts half
// after ten minutes. In memory only: a restart begins with good faith.

export interface Trouble {
  count: number
  at: number
  why: string
}

const HALF_LIFE_MS = 10 * 60_000
/** Below this a pool's host gets work only when no better one has room. */
export const HEALTHY_SCORE = 0.6

export function newTrouble(): Trouble {
  return { count: 0, at: 0, why: '' }
}

export function addTrouble(trouble: Trouble, now: number, why: string): void {
  trouble.count = countAt(trouble, now) + 1
  trouble.at = now
  trouble.why = why
}

/** 1: nothing went wrong of late; 0.5 after one failure just now. */
export function healthScore(trouble: Trouble, now: number): number {
  return 1 / (1 + countAt(trouble, now))
}

function countAt({ count, at }: Trouble, now: number): number {
  // A clock that stepped back must not make it grow.
  return count * 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS)
}
