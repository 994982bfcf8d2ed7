// Makes two runs' logs comparable: what differs from run to run in health (times, ids, ports, counts) becomes `#`.
// A zero stays a zero and an HTTP status keeps its class, because "rows=0" beside "rows=400" is evidence.

export const lineCharsMax = 4096

const esc = String.fromCharCode(27)
const bell = String.fromCharCode(7)
const escapes = new RegExp(
  `${esc}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^${bell}${esc}]{0,512}(?:${bell}|${esc}\\\\)?|[@-Z\\\\-_])`,
  'g',
)
// Control bytes but the tab, and marks that reorder or hide what follows them.
const controls = /(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text that is safe to show: a progress bar's overwritten parts are gone, and so are escapes and direction marks. */
export function cleanLine(raw: string): string {
  const bounded = raw.length > lineCharsMax ? raw.slice(0, lineCharsMax) : raw
  const body = bounded.endsWith('\r') ? bounded.slice(0, -1) : bounded
  if (isPlain(body)) return body
  const shown = body.slice(body.lastIndexOf('\r') + 1)
  return shown.replace(escapes, '').replace(controls, '')
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if ((code < 0x20 && code !== 9) || code > 0x7e) return false
  }
  return true
}

const stamp =
  /\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}\b/g
/** Ids of runs, ours among them: a time and a tail of letters and digits. */
const runName = /\b\d{8}[T_-]?\d{6}Z?(?:[-_.][0-9a-z]{4,12}\b)?/g
const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi
const status =
  /(\b(?:http_code|http_status|status_code|status code|status|returned error|HTTP\/[\d.]{1,4}|HTTP Error)\s?[=:]?\s?)([1-5])\d\d\b/gi
const statusClass: Readonly<Record<string, string>> = {
  1: 'going on',
  2: 'fine',
  3: 'elsewhere',
  4: 'refused',
  5: 'broken',
}
const address = /\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b/g
const hash = /\b[0-9a-f]{6,64}\b|'[0-9a-f]{4,64}'|"[0-9a-f]{4,64}"/gi
const scratch =
  /(?:\/(?:tmp|var\/tmp|var\/folders|run|private\/tmp|scratch)|\.sluice)\/[\w.\-/]{1,300}/g
const number = /\d+(?:[.,]\d+)*/g
const zero = /^0(?:[.,]0+)?$/
const maskCharsMax = 1024

export function maskLine(text: string): string {
  let masked = text.length > maskCharsMax ? text.slice(0, maskCharsMax) : text
  if (!/\d|['"][a-f]{4}/i.test(masked)) return masked.trimEnd()
  masked = masked.replace(runName, '#').replace(stamp, '#')
  // Each test is far cheaper than its replacement, and most lines fail most of them.
  if (masked.includes('-')) masked = masked.replace(uuid, '#')
  if (masked.includes('/')) masked = masked.replace(scratch, '/#')
  if (/http|status|returned/i.test(masked)) {
    masked = masked.replace(
      status,
      (_, before: string, digit: string) => before + statusClass[digit],
    )
  }
  if (masked.includes('.')) masked = masked.replace(address, '#')
  masked = masked.replace(hash, (word) => (/\d|['"]/.test(word) ? '#' : word))
  return masked.replace(number, (digits) => (zero.test(digits) ? '0' : '#')).trimEnd()
}
