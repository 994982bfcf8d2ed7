// A time zone as stretches of constant offset, found by asking Intl and kept. No clock here: only arithmetic.

/** [fromMs, toMs) in UTC; local time is UTC plus `offsetMs`. */
export interface Stretch {
  fromMs: number
  toMs: number
  offsetMs: number
  /** Offset just before `fromMs`; equal to `offsetMs` where the stretch begins only because a year does. */
  offsetBeforeMs: number
  /** Offset at `toMs`. */
  offsetAfterMs: number
}

const hourMs = 3_600_000
// Two changes that undo each other are weeks apart in every zone since 1970; the nearest known are Morocco's 30 days.
const probeMs = 72 * hourMs
const yearsKeptMax = 4000

const formats = new Map<string, Intl.DateTimeFormat>()
const stretchesByYear = new Map<string, readonly Stretch[]>()

export function isTimezone(name: string): boolean {
  // Intl takes `+02:00` too, which is no IANA name and has no rules.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** Throws RangeError for a name that Intl does not know. */
export function stretchAt(zone: string, atMs: number): Stretch {
  const year = new Date(atMs).getUTCFullYear()
  for (const stretch of stretchesOf(zone, year)) if (atMs < stretch.toMs) return stretch
  throw new Error(`No stretch of ${zone} holds ${atMs}`)
}

function stretchesOf(zone: string, year: number): readonly Stretch[] {
  const key = `${year} ${zone}`
  const kept = stretchesByYear.get(key)
  if (kept !== undefined) return kept
  if (stretchesByYear.size >= yearsKeptMax) stretchesByYear.clear()
  const found = findStretches(formatOf(zone), Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1))
  stretchesByYear.set(key, found)
  return found
}

function findStretches(format: Intl.DateTimeFormat, fromMs: number, toMs: number): Stretch[] {
  const found: Stretch[] = []
  let offset = offsetAt(format, fromMs)
  let open = { fromMs, offsetMs: offset, offsetBeforeMs: offsetAt(format, fromMs - 1000) }
  for (let at = fromMs; at < toMs; at += probeMs) {
    const next = Math.min(at + probeMs, toMs)
    const after = offsetAt(format, next)
    if (after === offset) continue
    const change = changeBetween(format, at, next)
    if (change >= toMs) break
    found.push({ ...open, toMs: change, offsetAfterMs: after })
    open = { fromMs: change, offsetMs: after, offsetBeforeMs: offset }
    offset = after
  }
  found.push({ ...open, toMs, offsetAfterMs: offsetAt(format, toMs) })
  return found
}

// The first whole second that has the later offset.
function changeBetween(format: Intl.DateTimeFormat, fromMs: number, toMs: number): number {
  const before = offsetAt(format, fromMs)
  let low = fromMs / 1000
  let high = toMs / 1000
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(format, middle * 1000) === before) low = middle
    else high = middle
  }
  return high * 1000
}

function offsetAt(format: Intl.DateTimeFormat, atMs: number): number {
  const text = format.format(atMs)
  const parts = /^(\d+)\/(\d+)\/(\d+) (\w+), (\d+):(\d+):(\d+)$/.exec(text)
  if (parts === null) throw new Error(`Intl wrote a date in a way we do not read: ${text}`)
  const [, month, day, year, era, hour, minute, second] = parts
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
  if (era !== 'A') throw new RangeError('Dates before the year 1 have no schedule')
  return local + Number(second) * 1000 - Math.floor(atMs / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const kept = formats.get(zone)
  if (kept !== undefined) return kept
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'narrow',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, made)
  return made
}
