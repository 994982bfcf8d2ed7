// Bytes named by their sha256, one file each, in folders by the first two digits.
// A file appears whole or not at all: written beside, flushed, renamed.
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import type { BlobStore } from '../ports/logs.ts'
import { errorCode } from '../system/error-code.ts'

const hashForm = /^[0-9a-f]{64}$/

export function openBlobFiles(dir: string): BlobStore {
  let temporaries = 0

  const pathOf = (sha256: string): string => {
    // A hash comes from stored runs and from hosts; anything else could name a file elsewhere.
    if (!hashForm.test(sha256)) throw new Error(`Not a sha256: ${JSON.stringify(sha256)}`)
    return join(dir, sha256.slice(0, 2), sha256)
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
      await rename(temporary, path)
      await flushFolder(folder)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  return {
    async put(bytes) {
      const sha256 = hashOf(bytes)
      const path = pathOf(sha256)
      // One of the right name and size is there whole; `get` tells if the disk spoilt it.
      if ((await sizeOf(path)) !== bytes.length) await write(path, bytes)
      return sha256
    },
    async has(sha256) {
      return (await sizeOf(pathOf(sha256))) !== null
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
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size
  } catch (error) {
    return nullIfMissing(error)
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
