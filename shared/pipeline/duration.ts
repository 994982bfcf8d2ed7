// Durations as people write them: `10m`, `5s`, `1h30m`, `250ms`, `2d`.

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
export const durationForm = /^(?=\d)(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?$/

/** Ten years: who writes more has slipped, and sums of times stay far from what a number can hold. */
export const durationMax = '3650d'
const durationMsMax = 3650 * unitMs.d

/** In ms, or null where the text is no duration, or more than the longest. Units go from large to small, each once. */
export function parseDuration(text: string): number | null {
  if (!durationForm.test(text)) return null
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g)) {
    total += Number(count) * unitMs[unit as keyof typeof unitMs]
  }
  return total > durationMsMax ? null : total
}

/** The shortest text that `parseDuration` reads back: `1h30m`; `0s` for nothing. */
export function formatDuration(durationMs: number): string {
  let left = Math.round(durationMs)
  let text = ''
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}
