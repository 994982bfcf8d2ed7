// Bytes named by their sha256, one file each, in folders by the first two digits.
// A file appears whole or not at all: written beside, flushed, renamed. One that is being received is `<hash>.part`.
import { createHash } from 'node:crypto'
import { createReadStream, rmSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { BlobSink, BlobStore } from '../ports/logs.ts'
import { systemClock } from '../system/clock.ts'
import { errorCode } from '../system/error-code.ts'

const pieceBytes = 256 * 1024
const hashForm = /^[0-9a-f]{64}$/
const leftoverForm = /\.(tmp|part)$/

/** Whoever puts or finds bytes is about to name them; a file that is younger than this by its time need not be told. */
const freshMs = 3_600_000

export interface BlobFiles extends BlobStore {
  /** Hashes of what nobody has put or asked for since, and the files of what never came whole. */
  olderThan(at: number): AsyncGenerator<OldBlob>
  /** Its bytes that are gone; 0 where somebody has put it or asked for it after all. */
  removeOld(blob: OldBlob, at: number): number
}

export interface OldBlob {
  /** null: it never came whole. */
  sha256: string | null
  path: string
}

export function openBlobFiles(dir: string, clock: Clock = systemClock): BlobFiles {
  const receiving = new Set<string>()
  /** Being put or asked for: how often at once. */
  const wanted = new Map<string, number>()
  let temporaries = 0

  const pathOf = (sha256: string): string => {
    // A hash comes from stored runs and from hosts; anything else could name a file elsewhere.
    if (!hashForm.test(sha256)) throw new Error(`Not a sha256: ${JSON.stringify(sha256)}`)
    return join(dir, sha256.slice(0, 2), sha256)
  }

  /** Its size; null when it is not here. What is here stays for a while. */
  const find = async (path: string): Promise<number | null> => {
    const found = await statOf(path)
    if (found === null) return null
    const now = clock.now()
    if (found.mtimeMs < now - freshMs) await utimes(path, now / 1000, now / 1000)
    return found.size
  }

  /** Nobody removes it meanwhile. */
  const holding = async <Value>(path: string, act: () => Promise<Value>): Promise<Value> => {
    wanted.set(path, (wanted.get(path) ?? 0) + 1)
    try {
      return await act()
    } finally {
      const left = (wanted.get(path) ?? 1) - 1
      if (left === 0) wanted.delete(path)
      else wanted.set(path, left)
    }
  }

  const write = async (path: string, bytes: Uint8Array): Promise<void> => {
    const folder = join(path, '..')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    temporaries += 1
    const temporary = join(folder, `.${process.pid}-${temporaries}.tmp`)
    try {
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(bytes)
        await file.datasync()
      } finally {
        await file.close()
      }
      await place(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  return {
    async open(sha256) {
      const path = pathOf(sha256)
      const bytes = (await statOf(path))?.size
      if (bytes === undefined) return null
      return {
        bytes,
        read: (from, length) =>
          createReadStream(path, {
            start: from,
            end: from + length - 1,
            highWaterMark: pieceBytes,
          }),
      }
    },
    async receive(sha256) {
      const path = pathOf(sha256)
      await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
      // A second one of the same name goes its own way: the first may be slow.
      const isSecond = receiving.has(path)
      temporaries += 1
      const part = isSecond ? `${path}.${process.pid}-${temporaries}.part` : `${path}.part`
      const done = (): void => {
        if (!isSecond) receiving.delete(path)
      }
      receiving.add(path)
      try {
        return await openSink({ part, path, sha256, isKept: !isSecond, done })
      } catch (error) {
        done()
        throw error
      }
    },
    async put(bytes) {
      const sha256 = hashOf(bytes)
      const path = pathOf(sha256)
      await holding(path, async () => {
        // One of the right name and size is there whole; `get` tells if the disk spoilt it.
        if ((await find(path)) !== bytes.length) await write(path, bytes)
      })
      return sha256
    },
    async has(sha256) {
      const path = pathOf(sha256)
      return await holding(path, async () => (await find(path)) !== null)
    },
    async get(sha256) {
      const path = pathOf(sha256)
      const bytes = await readIfThere(path)
      if (bytes === null || hashOf(bytes) === sha256) return bytes
      throw new AppError(
        'environment',
        `The stored file ${path} does not have the content that it is named by.`,
        {
          hint: 'The disk spoilt it, or somebody changed it. Remove the file and run the task that made it again.',
        },
      )
    },
    async *olderThan(at) {
      for (const folder of await namesIn(dir)) {
        for (const name of await namesIn(join(dir, folder))) {
          const path = join(dir, folder, name)
          const isBlob = hashForm.test(name)
          if (!isBlob && !leftoverForm.test(name)) continue
          const found = await statOf(path)
          if (found !== null && found.mtimeMs < at) yield { sha256: isBlob ? name : null, path }
        }
      }
    },
    // In one go: whoever wants it in this process comes before or after.
    removeOld({ path }, at) {
      if (wanted.has(path) || receiving.has(path.replace(/\.part$/, ''))) return 0
      const found = statSync(path, { throwIfNoEntry: false })
      if (found === undefined || found.mtimeMs >= at) return 0
      rmSync(path, { force: true })
      return found.size
    },
  }
}

interface Wanted {
  /** Where it is gathered. */
  part: string
  path: string
  sha256: string
  /** It may be gone on with. */
  isKept: boolean
  done: () => void
}

/** The hash of what is here already is made again: that is cheaper than to send it again. */
async function openSink(wanted: Wanted): Promise<BlobSink> {
  const { part } = wanted
  const file = await open(part, 'a', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const piece of createReadStream(part, { highWaterMark: pieceBytes })) {
      hash.update(piece as Buffer)
      bytes += (piece as Buffer).length
    }
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    get bytes() {
      return bytes
    },
    async write(piece) {
      await file.writeFile(piece)
      hash.update(piece)
      bytes += piece.length
    },
    async leave() {
      await file.close()
      if (!wanted.isKept) await rm(part, { force: true })
      wanted.done()
    },
    async finish() {
      try {
        await file.datasync()
      } finally {
        await file.close()
        wanted.done()
      }
      const isWhole = hash.digest('hex') === wanted.sha256
      if (isWhole) await place(part, wanted.path)
      else await rm(part, { force: true })
      return isWhole
    },
  }
}

async function place(temporary: string, path: string): Promise<void> {
  await rename(temporary, path)
  await flushFolder(join(path, '..'))
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path)
  } catch (error) {
    return nullIfMissing(error)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOTDIR') return []
    return nullIfMissing(error) ?? []
  }
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    return nullIfMissing(error)
  }
}

function nullIfMissing(error: unknown): null {
  if (errorCode(error) === 'ENOENT') return null
  throw error
}

/** Makes the rename itself last. Windows has no such call. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
