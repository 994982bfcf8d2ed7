// Files of a person's ssh folder: their names come from configurations, so one may be a disk image, a pipe that nobody fills or
// a device without end. Read whole, or not at all.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errorCode } from '../system/error-code.ts'

export type SmallFile =
  | { kind: 'text'; text: string }
  /** `code`: ENOENT and the like; EFBIG above the limit, ENXIO for what is no file. */
  | { kind: 'unread'; code: string }

/** Rejects for what says nothing about the file, such as too many open ones. */
export async function readSmallFile(path: string, bytesMax: number): Promise<SmallFile> {
  try {
    // A pipe would be waited for otherwise.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const status = await file.stat()
      if (status.isDirectory()) return { kind: 'unread', code: 'EISDIR' }
      if (!status.isFile()) return { kind: 'unread', code: 'ENXIO' }
      if (status.size > bytesMax) return { kind: 'unread', code: 'EFBIG' }
      return { kind: 'text', text: await file.readFile('utf8') }
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = errorCode(error)
    if (!ofTheFile.has(code)) throw error
    return { kind: 'unread', code }
  }
}

const ofTheFile = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENXIO',
  'ELOOP',
  'ENAMETOOLONG',
])
