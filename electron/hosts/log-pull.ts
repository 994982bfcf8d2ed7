// Pulls the bytes of logs over one channel: several requests under way, each for as much as the line carries in about half
// a second, the bytes written as they come.
//   H6  The offset is where the store's bytes end. A request begins where a block does, and what is here already is dropped.
//   Memory is bounded: where the store does not keep up, the host is kept waiting.
import type { Clock } from '../ports/clock.ts'
import type { LogStore } from '../ports/logs.ts'
import type { Channel } from './channel.ts'
import type { LogFlow } from './log-flow.ts'

export interface LogPuller {
  /** Of one log in one round: about two seconds' worth, so that a large one does not keep the others waiting. */
  roundBytes(): number
  /** Resolves when all that the host had is stored or has failed; rejects with the channel. */
  pull(channel: ReadChannel, isBulk: boolean, flows: readonly LogFlow[]): Promise<void>
}

export type ReadChannel = Pick<Channel, 'askStream'>

export interface PullerOptions {
  logs: Pick<LogStore, 'append'>
  clock: Clock
  /** The store does not take bytes of this one. */
  onStoreError: (flow: LogFlow, error: unknown) => void
}

const alignBytes = 4096
/** The host copies whole blocks of this size by one process. */
const blockBytes = 64 * 1024
/** A read grows while the line is fast, and shrinks on a thin one, where a frame must not take minutes. */
const chunkBytesMin = 256 * 1024
const chunkBytesFirst = 1024 * 1024
const chunkBytesMax = 16 * 1024 * 1024
const fastReadMs = 500
const slowReadMs = 4_000
/** Where everything else waits for it. */
const mainChunkBytes = 256 * 1024
const readsMax = 16
const chunksPerRound = 4
const askedBytesMax = 64 * 1024 * 1024
/** So many bytes are written at once, or what the end of a frame leaves. */
const writeBytes = 1024 * 1024
/** That came and are not yet stored, over all logs. */
const unstoredBytesMax = 8 * 1024 * 1024
const sparesMax = 8

interface Read {
  flow: LogFlow
  /** Where the bytes asked for begin. */
  start: number
  /** Where the first byte that is not here stands. */
  from: number
  end: number
}

export function openLogPuller({ logs, clock, onStoreError }: PullerOptions): LogPuller {
  let chunkBytes = chunkBytesFirst
  let unstoredBytes = 0
  const unstored = new Set<Promise<void>>()
  const spare: Buffer[] = []

  const store = (flow: LogFlow, offset: number, buffer: Buffer, bytes: number): Promise<void> => {
    flow.offset = offset + bytes
    unstoredBytes += bytes
    const stored = logs
      .append(flow.key, offset, buffer.subarray(0, bytes))
      .catch((error: unknown) => {
        // Those behind it do not fit any more either; one of them speaks for all.
        if (!flow.hasFailed) onStoreError(flow, error)
        flow.hasFailed = true
      })
      .finally(() => {
        unstoredBytes -= bytes
        unstored.delete(stored)
        if (buffer.length === writeBytes && spare.length < sparesMax) spare.push(buffer)
      })
    unstored.add(stored)
    return stored
  }

  // Gathered in memory that is used again: the pieces of the wire die young, and nothing large is ever collected.
  const pullOne = async (channel: ReadChannel, read: Read): Promise<void> => {
    const { flow, start, end } = read
    const askedAt = clock.monotonic()
    let skip = read.from - start
    let at = read.from
    let buffer: Buffer | null = null
    let bytes = 0
    let last: Promise<void> = Promise.resolve()
    const flush = (): void => {
      if (buffer !== null && !flow.hasFailed) last = store(flow, at, buffer, bytes)
      at += bytes
      buffer = null
      bytes = 0
    }
    try {
      await channel.askStream(`read ${flow.key} ${start} ${end - start}`, (piece) => {
        let done = Math.min(skip, piece.length)
        skip -= done
        while (done < piece.length) {
          buffer ??= spare.pop() ?? Buffer.allocUnsafeSlow(Math.min(writeBytes, end - at))
          const count = Math.min(buffer.length - bytes, piece.length - done)
          buffer.set(piece.subarray(done, done + count), bytes)
          bytes += count
          done += count
          // The last ones at once: the next frame may follow in the same turn.
          if (bytes === buffer.length || at + bytes === end) flush()
        }
        // Until one is stored, not all: the host goes on while the others are.
        return unstoredBytes > unstoredBytesMax ? Promise.race(unstored) : null
      })
    } finally {
      // What came before a cut is as good as any.
      flush()
      await last
    }
    const tookMs = clock.monotonic() - askedAt
    if (tookMs < fastReadMs && end - start >= chunkBytes) chunkBytes *= 2
    else if (tookMs > slowReadMs) chunkBytes /= 2
    chunkBytes = Math.max(chunkBytesMin, Math.min(chunkBytesMax, chunkBytes))
  }

  return {
    roundBytes: () => chunksPerRound * chunkBytes,
    async pull(channel, isBulk, flows) {
      const under = new Set<Promise<void>>()
      let asked = 0
      let failure: { error: unknown } | null = null
      const room = async (bytes: number): Promise<void> => {
        const isFull = (): boolean =>
          isBulk ? under.size >= readsMax || asked + bytes > askedBytesMax : under.size > 0
        while (under.size > 0 && isFull()) await Promise.race(under)
      }
      for (const flow of flows) {
        let from = flow.offset
        while (from < flow.wantTo && !flow.isBroken && !flow.hasFailed && failure === null) {
          const read = nextRead(flow, from, isBulk ? chunkBytes : mainChunkBytes)
          const bytes = read.end - read.start
          await room(bytes)
          asked += bytes
          const going = pullOne(channel, read)
            .catch((error: unknown) => {
              failure ??= { error }
            })
            .finally(() => {
              under.delete(going)
              asked -= bytes
            })
          under.add(going)
          from = read.end
        }
      }
      // The next round asks the store how much is here: nothing of this one may still be on its way there.
      await Promise.all(under)
      if (failure !== null) throw (failure as { error: unknown }).error
    },
  }
}

function nextRead(flow: LogFlow, from: number, chunkBytes: number): Read {
  const start = from - (from % alignBytes)
  const end = start + chunkBytes
  if (end >= flow.wantTo) return { flow, start, from, end: flow.wantTo }
  // From here on in whole blocks.
  return { flow, start, from, end: end - (end % blockBytes) }
}
