// Reads a log within bounds: its head and its tail, with the true number of every line. The middle is only counted.
import { cleanLine, lineCharsMax } from './mask.ts'
import type { LogLine, TaskLog } from './facts.ts'

export interface LogSource {
  /** Bytes of the log; 0 when there is none. */
  size: number
  /** At most `length` bytes from `offset`; empty at the end. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array
}

export interface ExcerptBounds {
  headBytes: number
  tailBytes: number
  /** The middle that is counted; beyond it the lines of the tail have no known number and are left out. */
  countBytes: number
  /** Only lines that match are kept. Null: all. */
  only: RegExp | null
}

/** A line that could tell of a swallowed failure has one of these; most chatter has none, and is never looked at closer. */
const suspicious =
  /err|fail|fatal|excep|denied|refus|cannot|could|couldn't|can't|unable|not |no such|missing|invalid|out|kill|abort|full|space|limit|exceed|lost|clos|reset|broken|corrupt|stale|cached|previous|unchanged|newest|empty|already|in use|warn|reject|violat|mismatch|expired|unknown|unexpected|bad|wrong|skew|quota|throttl|slow|locked|\b(?:http|code|status)\D{0,12}[45]\d\d\b|[=: ]0(?![\d.,])/i

export const failingBounds: ExcerptBounds = {
  headBytes: 2 << 20,
  tailBytes: 8 << 20,
  countBytes: 4 * 2 ** 30,
  only: null,
}
export const upstreamBounds: ExcerptBounds = {
  headBytes: 256 << 10,
  tailBytes: 768 << 10,
  countBytes: 256 << 20,
  only: suspicious,
}

/** A good log is compared by its text alone: its numbers are not needed, so its middle isn't counted. */
export function goodBounds(bounds: ExcerptBounds): ExcerptBounds {
  return { ...bounds, countBytes: 0 }
}

const chunkBytes = 1 << 20
const newline = 10

export async function readExcerpt(
  source: LogSource,
  attempt: number,
  bounds: ExcerptBounds,
): Promise<TaskLog> {
  const { size } = source
  if (size <= bounds.headBytes + bounds.tailBytes) {
    const { bytes } = await readRange(source, 0, size)
    return { attempt, whole: true, lines: linesIn(bytes, 1, bounds.only) }
  }
  const head = await readRange(source, 0, bounds.headBytes)
  const lastBreak = head.bytes.lastIndexOf(newline)
  const headEnd = lastBreak < 0 ? head.bytes.length : lastBreak + 1
  const headLines = linesIn(head.bytes.subarray(0, headEnd), 1, bounds.only)
  const tailStart = size - bounds.tailBytes
  const counted = await countBreaks(source, headEnd, tailStart, bounds.countBytes)
  const tail = await readRange(source, tailStart, size)
  const firstBreak = tail.bytes.indexOf(newline)
  const from = firstBreak < 0 ? tail.bytes.length : firstBreak + 1
  const known = counted !== null
  // Breaks before the tail's first whole line: the head's, the middle's, and the one just passed.
  const first = known ? breaksIn(head.bytes.subarray(0, headEnd)) + counted + 2 : 0
  const tailLines = linesIn(tail.bytes.subarray(from), first, bounds.only)
  return {
    attempt,
    whole: false,
    lines: [...headLines, ...(known ? tailLines : tailLines.map((line) => ({ ...line, line: 0 })))],
  }
}

async function readRange(source: LogSource, from: number, to: number): Promise<{ bytes: Buffer }> {
  const parts: Uint8Array[] = []
  let at = from
  while (at < to) {
    const part = await source.read(at, Math.min(chunkBytes, to - at))
    if (part.length === 0) break
    parts.push(part)
    at += part.length
  }
  return { bytes: Buffer.concat(parts) }
}

/** Null when there is more to count than may be. */
async function countBreaks(
  source: LogSource,
  from: number,
  to: number,
  bytesMax: number,
): Promise<number | null> {
  if (to - from > bytesMax) return null
  let found = 0
  let at = from
  while (at < to) {
    const part = await source.read(at, Math.min(chunkBytes, to - at))
    if (part.length === 0) break
    found += breaksIn(part)
    at += part.length
  }
  return found
}

function breaksIn(bytes: Uint8Array): number {
  let found = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) found += 1
  return found
}

/** Lines end at `\n`, as viewers count them. A byte that is no UTF-8 becomes a replacement mark. */
export function linesIn(bytes: Buffer, firstLine: number, only: RegExp | null = null): LogLine[] {
  const texts = bytes.toString('utf8').split('\n')
  if (texts.at(-1) === '') texts.pop()
  const lines: LogLine[] = []
  for (const [index, text] of texts.entries()) {
    const shown = text.length > lineCharsMax ? text.slice(0, lineCharsMax) : text
    if (only !== null && !only.test(shown)) continue
    lines.push({ line: firstLine + index, text: cleanLine(shown) })
  }
  return lines
}
