// Where the marks of lost bytes go in the bytes that are here.
import type { LogGap } from '../../shared/run/events.ts'
import { byteWords } from '../ui/time-words.ts'

export interface GapMark {
  /** Offset in the bytes that are here. */
  at: number
  words: string
}

/** A gap's offset counts the lost bytes too: each earlier gap moves it. */
export function gapMarks(gaps: readonly LogGap[]): GapMark[] {
  let lost = 0
  return [...gaps]
    .sort((a, b) => a.offset - b.offset)
    .map((gap) => {
      const at = Math.max(0, gap.offset - lost)
      lost += gap.bytes ?? 0
      const size = gap.bytes === null ? 'Some bytes' : byteWords(gap.bytes)
      return { at, words: `${size} missing here: ${gap.why}` }
    })
}

export type Piece = { kind: 'bytes'; bytes: Uint8Array } | { kind: 'mark'; words: string }

/** Cuts a chunk that begins at `offset` at the marks that fall into it; a mark at its very end belongs to the next chunk. */
export function splitAtGaps(chunk: Uint8Array, offset: number, marks: readonly GapMark[]): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const mark of marks) {
    const cut = mark.at - offset
    if (cut < from || cut >= chunk.length) continue
    if (cut > from) pieces.push({ kind: 'bytes', bytes: chunk.subarray(from, cut) })
    pieces.push({ kind: 'mark', words: mark.words })
    from = cut
  }
  if (from < chunk.length) pieces.push({ kind: 'bytes', bytes: chunk.subarray(from) })
  return pieces
}
