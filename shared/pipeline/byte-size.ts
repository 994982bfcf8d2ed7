// Sizes as people write them: `10gb`, `64 KiB`, `1.5 MB`, `500b`. KB is 1000 bytes and KiB 1024; capitals do not count.

const bytesOf: Readonly<Record<string, number>> = {
  TiB: 1024 ** 4,
  TB: 1e12,
  GiB: 1024 ** 3,
  GB: 1e9,
  MiB: 1024 ** 2,
  MB: 1e6,
  KiB: 1024,
  KB: 1000,
  B: 1,
}
const byLowerCase = new Map(
  Object.entries(bytesOf).map(([unit, bytes]) => [unit.toLowerCase(), bytes]),
)
export const byteSizeForm = /^\d{1,15}(?:\.\d{1,3})? ?(?:[kKmMgGtT][iI]?)?[bB]$/

/** In bytes, rounded; null where the text is no size. */
export function parseByteSize(text: string): number | null {
  if (!byteSizeForm.test(text)) return null
  const [, count = '', unit = ''] = /^([\d.]+) ?(.+)$/.exec(text) ?? []
  return Math.round(Number(count) * (byLowerCase.get(unit.toLowerCase()) ?? Number.NaN))
}

/** A text that `parseByteSize` reads back as exactly this, in the largest unit that goes in: `10GiB`, `64KB`, `1001B`. */
export function formatByteSize(bytes: number): string {
  const fitting = Object.entries(bytesOf).filter(([, size]) => bytes >= size && bytes % size === 0)
  const [unit, size] = fitting[0] ?? ['B', 1]
  return `${bytes / size}${unit}`
}
