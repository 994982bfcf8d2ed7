// Times and amounts as short words. All times are ms since 1970 UTC.

/** `0.4 s`, `12 s`, `3m 05s`, `2h 07m`, `4d 3h`. */
export function durationWords(ms: number): string {
  if (ms < 0) return '0 s'
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ${two(seconds % 60)}s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`
  return `${Math.floor(hours / 24)}d ${hours % 24}h`
}

/** `in 4 min`, `3 h ago`, `now`. */
export function distanceWords(at: number, nowMs: number): string {
  const gap = Math.abs(at - nowMs)
  if (gap < 5_000) return 'now'
  const words = roughWords(gap)
  return at > nowMs ? `in ${words}` : `${words} ago`
}

function roughWords(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** `02:15:09`. In the zone given, or the reader's own. */
export function clockWords(at: number, timeZone?: string): string {
  return format('clock', timeZone).format(at)
}

/** `Mon 12 Jan 02:15`. */
export function dateWords(at: number, timeZone?: string): string {
  return format('date', timeZone).format(at).replaceAll(',', '')
}

/** `2026-01-12 02:15:09 GMT+1`: for tool tips, where nothing may be guessed. */
export function exactWords(at: number, timeZone?: string): string {
  return format('exact', timeZone).format(at).replace(',', '')
}

/** `2026-01-14` as `Wed 14 Jan 2026`; empty for what is no day. */
export function dayWords(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(at)
    ? format('day', 'UTC').format(at).replaceAll(',', '')
    : ''
}

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

const FORMS: Record<'clock' | 'date' | 'day' | 'exact', Intl.DateTimeFormatOptions> = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  date: {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  exact: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  },
}

// Making a formatter costs 50 times what using one does.
const formats = new Map<string, Intl.DateTimeFormat>()
function format(form: keyof typeof FORMS, timeZone: string | undefined): Intl.DateTimeFormat {
  const key = `${form} ${timeZone ?? ''}`
  let made = formats.get(key)
  if (made === undefined) {
    const locale = form === 'exact' ? 'sv-SE' : 'en-GB'
    made = new Intl.DateTimeFormat(locale, { ...FORMS[form], ...(timeZone && { timeZone }) })
    formats.set(key, made)
  }
  return made
}

const numbers = new Intl.NumberFormat('en-GB')

/** `10,000`. */
export function numberWords(value: number): string {
  return numbers.format(value)
}

/** `1 task`, `10,000 tasks`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${numberWords(count)} ${count === 1 ? one : many}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
