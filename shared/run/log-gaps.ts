// Gaps of a log, for its readers. Offsets are those at the host, gaps counted: what is kept of a log stands where it stood.
import type { LogGap } from './events.ts'

/** What is missing from `offset` on, where something is: the rest of a gap. A size of null: to the end of the log. */
export function gapAt(gaps: readonly LogGap[], offset: number): LogGap | null {
  for (const gap of gaps) {
    if (gap.bytes === null) {
      if (offset >= gap.offset) return { ...gap, offset }
    } else if (offset >= gap.offset && offset < gap.offset + gap.bytes) {
      return { ...gap, offset, bytes: gap.offset + gap.bytes - offset }
    }
  }
  return null
}

/** The log as if its gaps were closed up, for those who look for text in it and ask for no place. */
export function keptLog(
  bytes: number,
  gaps: readonly LogGap[],
  read: (offset: number, length: number) => Promise<Uint8Array> | Uint8Array,
): { bytes: number; read: (offset: number, length: number) => Promise<Uint8Array> | Uint8Array } {
  const holes = gaps.filter((gap) => gap.bytes !== null && gap.offset < bytes)
  if (holes.length === 0) return { bytes, read }
  const missing = holes.reduce((sum, gap) => sum + (gap.bytes ?? 0), 0)
  return {
    bytes: Math.max(0, bytes - missing),
    read(offset, length) {
      let at = offset
      for (const gap of holes) if (gap.offset <= at) at += gap.bytes ?? 0
      return read(at, length)
    },
  }
}
