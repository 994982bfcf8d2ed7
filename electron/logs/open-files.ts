// Open descriptors by path, bounded: the one unused for longest is closed when another is needed.
import { closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorCode } from '../system/error-code.ts'

interface OpenFile {
  fd: number
  users: number
  /** Close it as soon as nobody uses it. */
  leaving: boolean
}

export class OpenFiles {
  readonly #byPath = new Map<string, OpenFile>()
  readonly #filesMax: number

  constructor(filesMax: number) {
    this.#filesMax = filesMax
  }

  /** Opens for reading and writing, and makes what is missing of file and folder. The descriptor is good until `work` settles. */
  async use<T>(path: string, work: (fd: number) => Promise<T> | T): Promise<T> {
    const file = this.#byPath.get(path) ?? { fd: openOrMake(path), users: 0, leaving: false }
    // A Map keeps the order of insertion: the first is the one unused for longest.
    this.#byPath.delete(path)
    this.#byPath.set(path, file)
    file.users += 1
    file.leaving = false
    this.#makeRoom()
    try {
      return await work(file.fd)
    } finally {
      file.users -= 1
      if (file.leaving && file.users === 0) this.#close(path, file)
    }
  }

  leave(path: string): void {
    const file = this.#byPath.get(path)
    if (file === undefined) return
    file.leaving = true
    if (file.users === 0) this.#close(path, file)
  }

  leaveAll(): void {
    for (const path of this.#byPath.keys()) this.leave(path)
  }

  #makeRoom(): void {
    if (this.#byPath.size <= this.#filesMax) return
    for (const [path, file] of this.#byPath) {
      if (file.users > 0) continue
      this.#close(path, file)
      return
    }
  }

  #close(path: string, file: OpenFile): void {
    this.#byPath.delete(path)
    closeSync(file.fd)
  }
}

function openOrMake(path: string): number {
  const flags = constants.O_RDWR | constants.O_CREAT
  try {
    return openSync(path, flags, 0o600)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return openSync(path, flags, 0o600)
  }
}
