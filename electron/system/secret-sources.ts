// Secrets of environments: a variable of this process, or a file of this machine. Read anew for each start, and kept nowhere.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Secrets } from '../ports/secrets.ts'
import { errorCode } from './error-code.ts'

type Env = Readonly<Record<string, string | undefined>>
type Found = Awaited<ReturnType<Secrets['read']>>

const secretBytesMax = 64 * 1024

export function openSecrets(env: Env, home = env['HOME'] ?? homedir()): Secrets {
  return {
    async read(source) {
      if (source.env !== undefined) {
        const value = env[source.env]
        if (value === undefined) return missing(`${source.env} is not set where Sluice runs`)
        return checked(value, source.env)
      }
      const path = source.file.startsWith('~/') ? join(home, source.file.slice(2)) : source.file
      return await fromFile(path)
    },
  }
}

async function fromFile(path: string): Promise<Found> {
  let bytes: Buffer
  try {
    // A pipe would wait for whoever writes it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) return missing(`${path} is no file`)
      bytes = Buffer.alloc(secretBytesMax + 1)
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
      bytes = bytes.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    return missing(`${path} cannot be read (${errorCode(error)})`)
  }
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes) && bytes.length <= secretBytesMax)
    return missing(`${path} is no text`)
  // As editors leave it.
  return checked(text.replace(/\r?\n$/, ''), path)
}

function checked(value: string, place: string): Found {
  if (value === '') return missing(`${place} is empty`)
  if (value.includes('\0')) return missing(`${place} is no text`)
  if (Buffer.byteLength(value) > secretBytesMax) return missing(`${place} has more than 64 KB`)
  return { ok: true, value }
}

function missing(why: string): Found {
  return { ok: false, why }
}
