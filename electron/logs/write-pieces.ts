// Pieces of bytes as they come from the wire, written by as few calls as can be and without copying them together.
import { write, writeSync, writev } from 'node:fs'
import { promisify } from 'node:util'

/** A small write to the page cache is cheaper than a turn through the thread pool; a large one may wait for the disk. */
const syncBytesMax = 16 * 1024
/** IOV_MAX of Linux and macOS. */
const piecesMax = 1024

const writeAt = promisify(write)
const writeAllAt = promisify(writev)

export function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0
  for (const piece of pieces) length += piece.length
  return length
}

/** What lies between two offsets into all of the pieces together. */
export function sliceOf(pieces: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  for (const piece of pieces) {
    const [first, end] = [Math.max(from - at, 0), Math.min(to - at, piece.length)]
    if (first < end)
      found.push(first === 0 && end === piece.length ? piece : piece.subarray(first, end))
    at += piece.length
  }
  return found
}

export async function writeWhole(
  fd: number,
  pieces: readonly Uint8Array[],
  position: number,
): Promise<void> {
  const length = lengthOf(pieces)
  let done = 0
  while (done < length) {
    const rest = sliceOf(pieces, done, length).slice(0, piecesMax)
    const [first] = rest
    if (first === undefined) return
    const isSmall = lengthOf(rest) <= syncBytesMax
    if (isSmall && rest.length === 1) done += writeSync(fd, first, 0, first.length, position + done)
    else if (rest.length === 1) {
      done += (await writeAt(fd, first, 0, first.length, position + done)).bytesWritten
    } else done += (await writeAllAt(fd, rest, position + done)).bytesWritten
  }
}
