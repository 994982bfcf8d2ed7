// Brings the bytes of one file of an attempt here. Two frames are under way, so that a distant host never waits for the next
// request; what comes is gathered, so that the disk is asked seldom.
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Channel } from './channel.ts'
import { escapeText } from './wire.ts'

export interface FilePull {
  key: AttemptKey
  link: Channel
  /** As the agent takes it, not escaped. */
  path: string
  from: number
  bytes: number
  /** In their order; the memory is the listener's own. */
  write: (piece: Uint8Array) => Promise<void>
}

const frameBytes = 4 * 1024 * 1024
/** The main channel answers nothing else meanwhile. */
const smallFrameBytes = 256 * 1024
const alignBytes = 4096
const writeBytes = 512 * 1024
/** Above it the host is kept waiting. */
const unwrittenBytesMax = 8 * 1024 * 1024

/** Rejects with what the channel or `write` did; all that came in order before has been written then. */
export async function pullFile(pull: FilePull): Promise<void> {
  const { key, link, bytes, write } = pull
  const path = escapeText(pull.path)
  const [size, aheadMax] = link.isBulk ? [frameBytes, 2] : [smallFrameBytes, 1]
  let failure: { error: unknown } | null = null
  const fail = (error: unknown): void => {
    failure ??= { error }
  }
  let held: Buffer | null = null
  let count = 0
  let unwritten = 0
  let writing: Promise<void> = Promise.resolve()
  let hasWriteFailed = false
  const flush = (): void => {
    if (held === null) return
    const piece = held.subarray(0, count)
    held = null
    count = 0
    unwritten += piece.length
    writing = writing
      // None behind one that was not written.
      .then(() => (hasWriteFailed ? undefined : write(piece)))
      .catch((error: unknown) => {
        hasWriteFailed = true
        fail(error)
      })
      .finally(() => {
        unwritten -= piece.length
      })
  }
  /** The next byte that is wanted: what a frame brings after one that broke off has no place. */
  let at = pull.from
  const take = (piece: Uint8Array): void => {
    for (let done = 0; done < piece.length;) {
      held ??= Buffer.allocUnsafeSlow(Math.min(writeBytes, bytes - at))
      const length = Math.min(held.length - count, piece.length - done)
      held.set(piece.subarray(done, done + length), count)
      done += length
      count += length
      at += length
      if (count === held.length) flush()
    }
  }
  const frame = async (from: number, start: number, end: number): Promise<void> => {
    let skip = from - start
    let next = from
    await link.askStream(`fetch ${key} ${start} ${end - start} ${path}`, (piece) => {
      const fresh = piece.subarray(Math.min(skip, piece.length))
      skip -= piece.length - fresh.length
      if (next !== at || hasWriteFailed) return null
      take(fresh)
      next = at
      return unwritten > unwrittenBytesMax ? writing : null
    })
  }

  const underWay = new Set<Promise<void>>()
  for (let from = pull.from; from < bytes && failure === null;) {
    // Frames begin where a block does; what is here already is left out.
    const start = from - (from % alignBytes)
    const end = Math.min(bytes, start + size)
    const going = frame(from, start, end)
      .catch(fail)
      .finally(() => underWay.delete(going))
    underWay.add(going)
    from = end
    while (underWay.size >= aheadMax) await Promise.race(underWay)
  }
  await Promise.all(underWay)
  flush()
  await writing
  if (failure !== null) throw (failure as { error: unknown }).error
}
