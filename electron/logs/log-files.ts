// Log bytes on disk: `<run>/<task>.<item>.<number>.log`, and beside it
//   `.tail`    of a log with a limit: its last half (log-parts.ts)
//   `.times`   when bytes came (log-times.ts)
//   `.gaps`    what was found missing before the close, one JSON object per line
//   `.closed`  JSON, once no byte will follow
// L1  Names and lengths of the files are the truth: the end of the last one is the offset to read the host from (H6).
// L2  Bytes are with the operating system before `append` resolves: a killed engine loses none of them.
// L3  What is done to one log is done in the order it was asked; readers see whole writes only.
//     A closed log is with the disk: its host may then forget it, and a power cut here must not be the end of it.
// L4  Open files and remembered logs are bounded; a forgotten log is found again on disk.
// L5  Of a log with a limit never more than the limit and one part of the tail is here; what is missing is a gap.
import { createHash, type Hash } from 'node:crypto'
import { existsSync, fdatasync, read, write, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../shared/api/app-error.ts'
import type { LogGap } from '../../shared/run/events.ts'
import { parseAttemptKey, type AttemptKey } from '../../shared/run/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { DigestWay, LogClosing, LogStore } from '../ports/logs.ts'
import { errorCode } from '../system/error-code.ts'
import { openHashThread } from './hash-thread.ts'
import {
  addPart,
  endOf,
  findParts,
  holesIn,
  limitOf,
  outgrown,
  piecesOf,
  removePart,
  roomFor,
  sizeOf,
  type LogLimit,
  type LogPart,
} from './log-parts.ts'
import { openMacAhead, type MacAhead } from './mac-ahead.ts'
import {
  addGap,
  inPlace,
  readClosing,
  readGaps,
  writeClosing,
  writeClosingNow,
} from './log-records.ts'
import { openLogTimes, readTimes, type LogTime, type LogTimes } from './log-times.ts'
import { OpenFiles } from './open-files.ts'

export interface LogFiles extends LogStore {
  times(key: AttemptKey): LogTime[]
  /** Waits for what was asked, then gives the descriptors back. Before the process ends. */
  closeFiles(): Promise<void>
}

interface Log {
  path: string
  parts: LogPart[]
  limit: LogLimit | null
  /** Of all the bytes; null when it must be made by reading the files, as for all large ones. */
  hash: Hash | null
  /** Of all the bytes, for the digest that will be asked for. */
  ahead: MacAhead | null
  closed: boolean
  times: LogTimes
  /** Bytes that were written since the disk was told to keep them. */
  unsynced: number
  isSyncing: boolean
  /** Work that was asked and has not ended, and the end of the last of it. */
  pending: number
  tail: Promise<unknown>
}

const openFilesMax = 256
const logsMax = 4096
/** A small write to the page cache is cheaper than a turn through the thread pool; a large one may wait for the disk. */
const syncBytesMax = 16 * 1024
/** More is hashed on another thread. */
const ownHashBytesMax = 2 * 1024 * 1024
/** A digest that is made ahead begins with what is here: of more it is made at the end, on the other thread. */
const aheadBytesMax = 32 * 1024 * 1024
const aheadReadBytes = 1024 * 1024
/** The sha256 of a larger log would take long: it is not made for the closing, unless the host's was compared. */
const closingHashBytesMax = 64 * 1024 * 1024
/** A large log goes to the disk as it comes, so that its close need not wait for all of it. */
const syncEveryBytes = 64 * 1024 * 1024

const readAt = promisify(read)
const writeAt = promisify(write)
const toDisk = promisify(fdatasync)

export function openLogFiles(dir: string, clock: Clock): LogFiles {
  const files = new OpenFiles(openFilesMax)
  const thread = openHashThread()
  const logByKey = new Map<AttemptKey, Log>()
  const listenersByKey = new Map<AttemptKey, Set<() => void>>()

  const logOf = (key: AttemptKey): Log => {
    const log = logByKey.get(key) ?? findLog(pathOf(dir, key), clock)
    logByKey.delete(key)
    logByKey.set(key, log)
    if (logByKey.size > logsMax) forgetOldest(logByKey)
    return log
  }

  const changed = (key: AttemptKey): void => {
    for (const listener of listenersByKey.get(key) ?? []) listener()
  }

  const add = async (log: Log, bytes: Uint8Array): Promise<void> => {
    const { length } = bytes
    const start = endOf(log.parts)
    for (let done = 0; done < length;) {
      const { part, room } = roomFor(log.parts, log.limit)
      const count = Math.min(room, length - done)
      try {
        const some = bytes.subarray(done, done + count)
        await files.use(part.path, (fd) => writeWhole(fd, some, part.size))
      } catch (error) {
        // A part may stand in the file, and then it counts (L1).
        log.hash = null
        log.ahead = null
        part.size = sizeOf(part.path)
        throw cannotWrite(log.path, error)
      }
      part.size += count
      done += count
      if (log.limit !== null) trim(log, log.limit)
    }
    if (log.parts.length === 1 && endOf(log.parts) <= ownHashBytesMax) {
      log.hash?.update(bytes)
    } else log.hash = null
    log.ahead?.add(bytes)
    log.times.note(start)
    syncBeside(log, length)
  }

  const trim = (log: Log, limit: LogLimit): void => {
    for (const part of outgrown(log.parts, limit)) {
      files.leave(part.path)
      removePart(part)
    }
  }

  const syncBeside = (log: Log, length: number): void => {
    log.unsynced += length
    if (log.unsynced < syncEveryBytes || log.isSyncing) return
    log.isSyncing = true
    log.unsynced = 0
    // Only to spread the work: the close syncs again and hears of errors.
    files
      .use(log.parts.at(-1)!.path, (fd) => toDisk(fd))
      .catch(() => undefined)
      .finally(() => (log.isSyncing = false))
  }

  const hashOf = async (log: Log): Promise<string> => {
    if (log.hash !== null) return log.hash.copy().digest('hex')
    const [from, to] = [0, endOf(log.parts)]
    if (log.parts.length === 1 && to <= ownHashBytesMax) {
      log.hash = createHash('sha256').update(await readRange(log, 0, to))
      return log.hash.copy().digest('hex')
    }
    return await thread.digest('sha256', piecesOf(log.parts, from, to))
  }

  const beginAhead = async (log: Log, way: DigestWay): Promise<void> => {
    const end = endOf(log.parts)
    if (log.closed || log.parts.length > 1 || end > aheadBytesMax) return
    const ahead = openMacAhead(way)
    while (ahead !== null && ahead.bytes < end) {
      const bytes = await readRange(log, ahead.bytes, Math.min(aheadReadBytes, end - ahead.bytes))
      if (bytes.length === 0) return
      ahead.add(bytes)
    }
    log.ahead = ahead
  }

  const readRange = async (log: Log, offset: number, lengthMax: number): Promise<Uint8Array> => {
    const hole = holesIn(log.parts).find(({ offset: at, bytes }) => offset < at + bytes)
    const end = Math.min(offset + lengthMax, hole?.offset ?? Number.POSITIVE_INFINITY)
    // All are opened in this turn: none of them can be removed before.
    const found = await Promise.all(
      piecesOf(log.parts, offset, end).map(({ path, at, bytes }) =>
        files.use(path, (fd) => readWhole(fd, at, bytes)),
      ),
    )
    return found.length === 1 ? found[0]! : new Uint8Array(Buffer.concat(found))
  }

  const gapsOf = (log: Log): readonly LogGap[] => {
    if (log.closed) return readClosing(log.path).gaps
    return inPlace([...holes(log), ...readGaps(log.path)])
  }

  return {
    async size(key) {
      return endOf(logOf(key).parts)
    },
    limit(key, bytes) {
      const log = logOf(key)
      log.limit = limitOf(bytes)
      return log.limit
    },
    append(key, offset, bytes) {
      const log = logOf(key)
      return inOrder(log, async () => {
        if (log.closed) throw new Error(`Bytes came for ${key}, whose log is closed`)
        const end = endOf(log.parts)
        if (offset !== end) {
          throw new Error(`Bytes for ${key} came at ${offset}, but its log has ${end}`)
        }
        if (bytes.length === 0) return
        try {
          await add(log, bytes)
        } finally {
          if (endOf(log.parts) > end) changed(key)
        }
      })
    },
    skip(key, offset) {
      const log = logOf(key)
      return inOrder(log, async () => {
        const end = endOf(log.parts)
        if (log.closed || offset <= end) return
        if (log.limit === null || end < log.limit.headBytes) {
          throw new Error(`The bytes of ${key} from ${end} to ${offset} are wanted`)
        }
        log.hash = null
        log.ahead = null
        addPart(log.parts, offset)
        trim(log, log.limit)
        changed(key)
      })
    },
    async read(key, offset, lengthMax) {
      const log = logOf(key)
      return await readRange(log, offset, lengthMax)
    },
    gaps: (key) => gapsOf(logOf(key)),
    noteGap(key, gap) {
      const log = logOf(key)
      if (log.closed) return
      addGap(log.path, gap)
      changed(key)
    },
    digestAhead(key, way) {
      const log = logOf(key)
      // What cannot be read ahead is read at the end, which then says so.
      inOrder(log, () => beginAhead(log, way)).catch(() => undefined)
    },
    digest(key, way, from, to) {
      const log = logOf(key)
      return inOrder(log, async () => {
        const { ahead } = log
        if (ahead?.way !== way) return await thread.digest(way, piecesOf(log.parts, from, to))
        // Its key is known from here on.
        log.ahead = null
        return from === 0 && to === ahead.bytes
          ? ahead.end()
          : await thread.digest(way, piecesOf(log.parts, from, to))
      })
    },
    hash(key) {
      const log = logOf(key)
      return inOrder(log, () => hashOf(log))
    },
    close(key, gaps, found) {
      const log = logOf(key)
      return inOrder(log, async () => {
        if (log.closed) return readClosing(log.path)
        const bytes = endOf(log.parts)
        const isWhole = log.parts.length === 1 && bytes <= closingHashBytesMax
        const closing: LogClosing = {
          bytes,
          sha256: found?.sha256 ?? (isWhole ? await hashOf(log) : null),
          verified: found?.verified ?? null,
          gaps: inPlace([...holes(log), ...readGaps(log.path), ...gaps]),
          closedAt: clock.now(),
        }
        for (const part of log.parts) {
          if (part.size > 0) await files.use(part.path, (fd) => toDisk(fd))
        }
        if (bytes <= syncBytesMax) writeClosingNow(log.path, closing)
        else await writeClosing(log.path, closing)
        log.closed = true
        log.ahead = null
        for (const part of log.parts) files.leave(part.path)
        changed(key)
        return closing
      })
    },
    closing(key) {
      const log = logOf(key)
      return log.closed ? readClosing(log.path) : null
    },
    isClosed: (key) => logOf(key).closed,
    onChange(key, listener) {
      const listeners = listenersByKey.get(key) ?? new Set()
      listenersByKey.set(key, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && listenersByKey.get(key) === listeners) {
          listenersByKey.delete(key)
        }
      }
    },
    times: (key) => readTimes(pathOf(dir, key)),
    async closeFiles() {
      await Promise.allSettled([...logByKey.values()].map((log) => log.tail))
      files.leaveAll()
      await thread.close()
    },
  }
}

/** Throws on a key that is none: its parts name a folder and a file. */
function pathOf(dir: string, key: AttemptKey): string {
  const { run, task, item, number } = parseAttemptKey(key)
  if (!/^[A-Za-z0-9_.-]{1,160}$/.test(key)) throw new Error(`Not a safe file name: ${key}`)
  return join(dir, run, `${task}.${item ?? 'x'}.${number}.log`)
}

function findLog(path: string, clock: Clock): Log {
  const parts = findParts(path)
  return {
    path,
    parts,
    limit: null,
    hash: endOf(parts) === 0 ? createHash('sha256') : null,
    ahead: null,
    closed: existsSync(`${path}.closed`),
    times: openLogTimes(path, clock),
    unsynced: 0,
    isSyncing: false,
    pending: 0,
    tail: Promise.resolve(),
  }
}

/** L4. One that works keeps its place: its size and order are only here. */
function forgetOldest(logByKey: Map<AttemptKey, Log>): void {
  for (const [key, log] of logByKey) {
    // One with a limit would forget that it has one.
    if (log.pending > 0 || (log.limit !== null && !log.closed)) continue
    logByKey.delete(key)
    return
  }
}

/** L3. Work on a log that is idle begins at once. */
function inOrder<T>(log: Log, work: () => Promise<T>): Promise<T> {
  const done = log.pending === 0 ? work() : log.tail.then(work)
  log.pending += 1
  const after = (): void => {
    log.pending -= 1
  }
  log.tail = done.then(after, after)
  return done
}

async function writeWhole(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const rest = bytes.length - done
    done +=
      rest <= syncBytesMax
        ? writeSync(fd, bytes, done, rest, position + done)
        : (await writeAt(fd, bytes, done, rest, position + done)).bytesWritten
  }
}

async function readWhole(fd: number, offset: number, length: number): Promise<Uint8Array> {
  // Its own memory, not a piece of Node's pool: it may be handed over to another thread.
  const bytes = Buffer.allocUnsafeSlow(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await readAt(fd, bytes, done, length - done, offset + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

/** L5. The head of a log that outgrew its limit is half of it, give or take a block. */
function holes({ parts, limit }: Log): LogGap[] {
  const bytes = limit?.bytes ?? 2 * parts[0]!.size
  return holesIn(parts).map((hole) => ({ ...hole, why: `over the limit of ${bytes} bytes` }))
}

function cannotWrite(path: string, error: unknown): AppError {
  const code = errorCode(error)
  const why = code === 'ENOSPC' ? 'the disk is full' : String(error)
  return new AppError('environment', `Cannot write the log ${path}: ${why}`, {
    hint: 'Make room on this machine; the log goes on where it stopped.',
    cause: error,
  })
}
