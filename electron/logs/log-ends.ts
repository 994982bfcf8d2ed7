// The first and the last bytes of what is kept of a closed log, read at once: for a decision that cannot wait for a turn.
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { parseAttemptKey, type AttemptKey } from '../../shared/run/ids.ts'
import { findParts, type LogPart } from './log-parts.ts'

export interface LogEnds {
  head: Buffer
  /** Empty where the head is all. */
  tail: Buffer
  /** Nothing stands between the two. */
  whole: boolean
}

/** `dir`: where the log files are. Of a log that is not here, nothing. */
export function readLogEnds(
  dir: string,
  key: AttemptKey,
  bytesMax: { head: number; tail: number },
): LogEnds {
  const { run, task, item, number } = parseAttemptKey(key)
  if (!/^[A-Za-z0-9_.-]{1,160}$/.test(key)) throw new Error(`Not a safe file name: ${key}`)
  const parts = findParts(join(dir, run, `${task}.${item ?? 'x'}.${number}.log`))
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const headBytes = Math.min(size, bytesMax.head)
  const tailBytes = Math.min(size - headBytes, bytesMax.tail)
  return {
    head: readKept(parts, 0, headBytes),
    tail: readKept(parts, size - tailBytes, tailBytes),
    whole: headBytes + tailBytes === size,
  }
}

/** Offsets are those of the kept bytes, as if they stood in one file. */
function readKept(parts: readonly LogPart[], from: number, length: number): Buffer {
  const found: Buffer[] = []
  let start = 0
  for (const part of parts) {
    const begin = Math.max(from - start, 0)
    const end = Math.min(from + length - start, part.size)
    if (begin < end) found.push(readPart(part.path, begin, end - begin))
    start += part.size
  }
  return Buffer.concat(found)
}

function readPart(path: string, from: number, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    let at = 0
    while (at < length) {
      const count = readSync(file, bytes, at, length - at, from + at)
      if (count === 0) break
      at += count
    }
    return bytes.subarray(0, at)
  } finally {
    closeSync(file)
  }
}
