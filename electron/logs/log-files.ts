// Log bytes on disk: one file per attempt, `<run>/<task>.<item>.<number>.log`, and beside it
//   `.times`   when bytes came: lines `offset,ms since 1970 UTC`, one per 250 ms at most
//   `.closed`  JSON, once no byte will follow
// L1  The file's length is the truth: it is the offset to read the host from (H6). Nothing else is kept about it.
// L2  Bytes are with the operating system before `append` resolves: a killed engine loses none of them.
// L3  What is done to one log is done in the order it was asked; readers see whole appends only.
//     A closed log is with the disk: its host may then forget it, and a power cut here must not be the end of it.
// L4  Open files and remembered logs are bounded; a forgotten log is found again on disk.
import { createHash, type Hash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  fdatasync,
  mkdirSync,
  read,
  readFileSync,
  renameSync,
  statSync,
  write,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../shared/api/app-error.ts'
import type { LogGap } from '../../shared/run/events.ts'
import { parseAttemptKey, type AttemptKey } from '../../shared/run/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { LogStore } from '../ports/logs.ts'
import { errorCode } from '../system/error-code.ts'
import { openHashThread, type HashThread } from './hash-thread.ts'
import { OpenFiles } from './open-files.ts'

/** What a closed log says about itself. */
export interface LogClosing {
  bytes: number
  sha256: string
  gaps: readonly LogGap[]
  closedAt: number
}

/** The byte at `offset` came at `atMs`, ms since 1970 UTC. */
export interface LogTime {
  offset: number
  atMs: number
}

export interface LogFiles extends LogStore {
  /** null while bytes may follow. */
  closing(key: AttemptKey): LogClosing | null
  times(key: AttemptKey): LogTime[]
  /** Waits for what was asked, then gives the descriptors back. Before the process ends. */
  closeFiles(): Promise<void>
}

interface Log {
  path: string
  size: number
  /** Of all `size` bytes; null when it must be made by reading the file, as for all large ones. */
  hash: Hash | null
  /** How far the hash thread was sent. */
  hashSent: number
  closed: boolean
  /** `monotonic` of the last line in `.times`. */
  timedAt: number
  /** Work that was asked and has not ended, and the end of the last of it. */
  pending: number
  tail: Promise<unknown>
}

const openFilesMax = 256
const logsMax = 4096
const timeEveryMs = 250
/** A small write to the page cache is cheaper than a turn through the thread pool; a large one may wait for the disk. */
const syncBytesMax = 16 * 1024
/** More is hashed on another thread, which is told every `hashStepBytes`. */
const ownHashBytesMax = 2 * 1024 * 1024
const hashStepBytes = 8 * 1024 * 1024

const readAt = promisify(read)
const writeAt = promisify(write)
const toDisk = promisify(fdatasync)

export function openLogFiles(dir: string, clock: Clock): LogFiles {
  const files = new OpenFiles(openFilesMax)
  const thread = openHashThread()
  const logByKey = new Map<AttemptKey, Log>()
  const listenersByKey = new Map<AttemptKey, Set<() => void>>()

  const logOf = (key: AttemptKey): Log => {
    const log = logByKey.get(key) ?? findLog(pathOf(dir, key))
    logByKey.delete(key)
    logByKey.set(key, log)
    if (logByKey.size > logsMax) forgetOldest(logByKey, thread)
    return log
  }

  const changed = (key: AttemptKey): void => {
    for (const listener of listenersByKey.get(key) ?? []) listener()
  }

  const add = async (log: Log, bytes: Uint8Array): Promise<void> => {
    try {
      await files.use(log.path, (fd) => writeWhole(fd, bytes, log.size))
    } catch (error) {
      // A part may stand in the file, and then it counts (L1).
      log.hash = null
      log.size = statSync(log.path, { throwIfNoEntry: false })?.size ?? 0
      throw cannotWrite(log.path, error)
    }
    if (log.size + bytes.length <= ownHashBytesMax) log.hash?.update(bytes)
    else log.hash = null
    const monotonic = clock.monotonic()
    if (monotonic - log.timedAt >= timeEveryMs) {
      log.timedAt = monotonic
      appendFileSync(`${log.path}.times`, `${log.size},${clock.now()}\n`)
    }
    log.size += bytes.length
    if (log.size - log.hashSent < hashStepBytes) return
    log.hashSent = log.size
    thread.advance(log.path, log.size)
  }

  const hashOf = async (log: Log): Promise<string> => {
    if (log.size > ownHashBytesMax) return thread.digest(log.path, log.size)
    log.hash ??= await files.use(log.path, (fd) => hashFile(fd, log.size))
    return log.hash.copy().digest('hex')
  }

  return {
    async size(key) {
      return logOf(key).size
    },
    append(key, offset, bytes) {
      const log = logOf(key)
      return inOrder(log, async () => {
        if (log.closed) throw new Error(`Bytes came for ${key}, whose log is closed`)
        if (offset !== log.size) {
          throw new Error(`Bytes for ${key} came at ${offset}, but its log has ${log.size}`)
        }
        if (bytes.length === 0) return
        await add(log, bytes)
        changed(key)
      })
    },
    async read(key, offset, lengthMax) {
      const log = logOf(key)
      const length = Math.min(lengthMax, log.size - offset)
      if (length <= 0) return new Uint8Array(0)
      return files.use(log.path, (fd) => readWhole(fd, offset, length))
    },
    hash(key) {
      const log = logOf(key)
      return inOrder(log, () => hashOf(log))
    },
    close(key, gaps) {
      const log = logOf(key)
      return inOrder(log, async () => {
        if (log.closed) return
        const sha256 = await hashOf(log)
        if (log.size > 0) await files.use(log.path, (fd) => toDisk(fd))
        writeClosing(log.path, { bytes: log.size, sha256, gaps, closedAt: clock.now() })
        log.closed = true
        files.leave(log.path)
        if (log.hashSent > 0 || log.size > ownHashBytesMax) thread.forget(log.path)
        changed(key)
      })
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
    closing(key) {
      const path = pathOf(dir, key)
      return logOf(key).closed
        ? (JSON.parse(readFileSync(`${path}.closed`, 'utf8')) as LogClosing)
        : null
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

function findLog(path: string): Log {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return {
    path,
    size,
    hash: size === 0 ? createHash('sha256') : null,
    hashSent: 0,
    closed: existsSync(`${path}.closed`),
    timedAt: -Infinity,
    pending: 0,
    tail: Promise.resolve(),
  }
}

/** L4. One that works keeps its place: its size and order are only here. */
function forgetOldest(logByKey: Map<AttemptKey, Log>, thread: HashThread): void {
  for (const [key, log] of logByKey) {
    if (log.pending > 0) continue
    logByKey.delete(key)
    if (log.hashSent > 0) thread.forget(log.path)
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

async function hashFile(fd: number, size: number): Promise<Hash> {
  return createHash('sha256').update(await readWhole(fd, 0, size))
}

function writeClosing(path: string, closing: LogClosing): void {
  // A task that said nothing has no folder yet.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(`${path}.closed.tmp`, JSON.stringify(closing), { mode: 0o600 })
  renameSync(`${path}.closed.tmp`, `${path}.closed`)
}

function readTimes(path: string): LogTime[] {
  if (!existsSync(`${path}.times`)) return []
  const lines = readFileSync(`${path}.times`, 'latin1').split('\n')
  // A line torn by a crash says nothing.
  return lines.flatMap((line) => {
    const [, offset, atMs] = /^(\d+),(\d+)$/.exec(line) ?? []
    return offset === undefined ? [] : [{ offset: Number(offset), atMs: Number(atMs) }]
  })
}

function cannotWrite(path: string, error: unknown): AppError {
  const code = errorCode(error)
  const why = code === 'ENOSPC' ? 'the disk is full' : String(error)
  return new AppError('environment', `Cannot write the log ${path}: ${why}`, {
    hint: 'Make room on this machine; the log goes on where it stopped.',
    cause: error,
  })
}
