// Durations as people write them: `10m`, `5s`, `1h30m`, `250ms`, `2d`.

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
export const durationForm =
  /^(?=\d)(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m(?!s))?(?:\d{1,9}s)?(?:\d{1,9}ms)?$/

/** In ms, or null where the text is no duration. Units go from large to small, each once. */
export function parseDuration(text: string): number | null {
  if (!durationForm.test(text)) return null
  let total = 0
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[dhms])/g)) {
    total += Number(count) * unitMs[unit as keyof typeof unitMs]
  }
  return total
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
