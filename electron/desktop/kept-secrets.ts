// The answers a person wished to be kept, each encrypted by the operating system before it is written here. What opens them
// again is in the system's own key store, never in this file.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { SecretStore } from '../ports/asks.ts'
import { replaceFile } from '../system/replace-file.ts'
import { AppError } from '../../shared/api/app-error.ts'

export interface Cipher {
  /** Why nothing can be encrypted here; null: it can. */
  unavailable(): string | null
  encrypt(text: string): Buffer
  /** Throws where another account or another key wrote it. */
  decrypt(bytes: Buffer): string
}

const keptMax = 1_000
/** Name -> encrypted bytes, base64. */
const fileForm = z.record(z.string(), z.string())

export function openKeptSecrets(file: string, cipher: Cipher): SecretStore {
  const read = (): Record<string, string> => {
    try {
      return fileForm.parse(JSON.parse(readFileSync(file, 'utf8')))
    } catch {
      // Nothing was kept yet, or nobody can read what was: the person is asked again.
      return {}
    }
  }
  const write = (kept: Record<string, string>): void => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    replaceFile(file, `${JSON.stringify(kept, null, 2)}\n`)
  }
  const remove = (name: string): void => {
    const { [name]: removed, ...rest } = read()
    if (removed === undefined) return
    if (Object.keys(rest).length === 0) rmSync(file, { force: true })
    else write(rest)
  }

  return {
    get unavailable() {
      return cipher.unavailable()
    },
    async get(name) {
      const kept = read()[name]
      if (kept === undefined || cipher.unavailable() !== null) return null
      try {
        return cipher.decrypt(Buffer.from(kept, 'base64'))
      } catch {
        remove(name) // the system's key is another one by now
        return null
      }
    },
    async set(name, secret) {
      const why = cipher.unavailable()
      if (why !== null) throw new AppError('environment', `Nothing can be kept here: ${why}.`)
      const { [name]: _before, ...rest } = read()
      // The oldest go first.
      const others = Object.entries(rest).slice(-(keptMax - 1))
      write({ ...Object.fromEntries(others), [name]: cipher.encrypt(secret).toString('base64') })
    },
    async delete(name) {
      remove(name)
    },
  }
}
