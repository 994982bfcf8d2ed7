// When a cron trigger fires: the expression read on the wall clock of its zone, and a policy for DST.
//   S1  The next fire is always later than the instant asked about.
//   S2  Every instant belongs to one stretch of constant offset. Where local time jumps ahead between two
//       stretches there is a gap, where it falls back a fold; nothing else about DST needs to be known.
//   S3  `shift` fires once at the end of the gap, for whatever the gap took away, and never twice at one instant.
//   S4  Without a policy, as Debian's cron: an expression whose minute or hour begins with `*` follows the wall
//       clock (its times are lost in a gap and repeated in a fold); any other is shifted out of a gap of three
//       hours at most, and fires only the first time in a fold shorter than three hours.
import { parseCron } from './cron-expression.ts'
import type { CronExpression } from './cron-expression.ts'
import { nextLocal } from './next-local.ts'
import type { Stretch } from './zone.ts'
import { stretchAt } from './zone.ts'
import type { CronTrigger, DstPolicy } from '../pipeline/spec.ts'

const hourMs = 3_600_000
const shiftedGapMaxMs = 3 * hourMs
// No zone ever moved by more than a day: a stretch that ends this long before a local time cannot touch it.
const reachMs = 48 * hourMs

interface Compiled {
  expression: CronExpression
  wildcard: boolean
}

const compiledByTrigger = new WeakMap<CronTrigger, Compiled>()

/** The first fire after `afterMs`, or null where there is none in the next hundred years. The trigger must be valid. */
export function nextFire(trigger: CronTrigger, afterMs: number): number | null {
  const { expression, wildcard } = compile(trigger)
  const startMs = Math.floor(afterMs) + 1
  let stretch = stretchAt(trigger.timezone, startMs)
  for (let first = true; ; first = false) {
    const policy = policyAt(trigger.dst, wildcard, stretch)
    if (stretch.fromMs >= startMs && policy.gap === 'shift') {
      const gapFrom = stretch.fromMs + stretch.offsetBeforeMs
      const lost = nextLocal(expression, gapFrom)
      if (lost !== null && lost < stretch.fromMs + stretch.offsetMs) return stretch.fromMs
    }
    const { fromLocal, toLocal } = firingPart(trigger.dst, wildcard, stretch)
    const local = nextLocal(expression, Math.max(fromLocal, startMs + stretch.offsetMs))
    if (local !== null && local < toLocal) return local - stretch.offsetMs
    // A fold right after the first stretch may repeat times before `afterMs`, so that one is never leapt over.
    if (local === null && !first) return null
    const leapMs = local === null || first ? stretch.toMs : local - reachMs
    stretch = stretchAt(trigger.timezone, Math.max(stretch.toMs, leapMs))
  }
}

/** Fires in (`fromMs`, `toMs`], oldest first, `max` at most. */
export function firesBetween(
  trigger: CronTrigger,
  fromMs: number,
  toMs: number,
  max: number,
): number[] {
  const fires: number[] = []
  for (let at = nextFire(trigger, fromMs); at !== null && at <= toMs && fires.length < max;) {
    fires.push(at)
    at = nextFire(trigger, at)
  }
  return fires
}

/** The newest `max` fires in (`fromMs`, `toMs`], oldest first. Costs what `max` fires cost, however long the time. */
export function lastFiresBetween(
  trigger: CronTrigger,
  fromMs: number,
  toMs: number,
  max: number,
): number[] {
  for (let backMs = hourMs; ; backMs *= 2) {
    const sinceMs = Math.max(fromMs, toMs - backMs)
    const fires = firesBetween(trigger, sinceMs, toMs, Number.POSITIVE_INFINITY)
    if (fires.length >= max || sinceMs === fromMs) return max === 0 ? [] : fires.slice(-max)
  }
}

function compile(trigger: CronTrigger): Compiled {
  const kept = compiledByTrigger.get(trigger)
  if (kept !== undefined) return kept
  const parsed = parseCron(trigger.cron)
  if (!parsed.ok)
    throw new Error(`A trigger with a bad cron expression got here: ${parsed.message}`)
  const { expression } = parsed
  const compiled = { expression, wildcard: expression.minute.star || expression.hour.star }
  compiledByTrigger.set(trigger, compiled)
  return compiled
}

/** For the change at the beginning of the stretch. */
function policyAt(dst: DstPolicy | null, wildcard: boolean, stretch: Stretch): DstPolicy {
  if (dst !== null) return dst
  if (wildcard) return { gap: 'skip', fold: 'both' }
  const jumpMs = stretch.offsetMs - stretch.offsetBeforeMs
  return {
    gap: jumpMs > 0 && jumpMs <= shiftedGapMaxMs ? 'shift' : 'skip',
    fold: -jumpMs < shiftedGapMaxMs ? 'first' : 'both',
  }
}

// The local times of a stretch at which it may fire: a fold takes the repeated ones from its one side or the other.
function firingPart(
  dst: DstPolicy | null,
  wildcard: boolean,
  stretch: Stretch,
): { fromLocal: number; toLocal: number } {
  const { fromMs, toMs, offsetMs, offsetBeforeMs, offsetAfterMs } = stretch
  const repeats = policyAt(dst, wildcard, stretch).fold === 'first' && offsetBeforeMs > offsetMs
  const repeated = dst?.fold === 'last' && offsetAfterMs < offsetMs
  return {
    fromLocal: fromMs + (repeats ? offsetBeforeMs : offsetMs),
    toLocal: toMs + (repeated ? offsetAfterMs : offsetMs),
  }
}
