// Secrets of environments: a variable of this process, or a file of this machine. Read anew for each start, and kept nowhere.
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { Secrets } from '../ports/secrets.ts'
import { errorCode } from './error-code.ts'

type Env = Readonly<Record<string, string | undefined>>
type Found = Awaited<ReturnType<Secrets['read']>>

const secretBytesMax = 64 * 1024
/** With the line end that is no part of it. */
const fileBytesMax = secretBytesMax + 2

export function openSecrets(env: Env, home = env['HOME'] ?? homedir()): Secrets {
  return {
    async read(source) {
      try {
        if (source.env !== undefined) return fromEnv(env, source.env)
        return await fromFile(source.file.replace(/^~(?=\/)/, () => home))
      } catch (error) {
        return missing(unreadable(source.env ?? source.file, error))
      }
    },
  }
}

function fromEnv(env: Env, name: string): Found {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value === undefined) return missing(`${name} is not set where Sluice runs`)
  return checked(value, name)
}

async function fromFile(path: string): Promise<Found> {
  let bytes: Buffer
  try {
    // A pipe would wait for whoever writes it.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      if (!(await file.stat()).isFile()) return missing(`${path} is no file`)
      bytes = await firstBytes(file, fileBytesMax + 1)
    } finally {
      await file.close()
    }
  } catch (error) {
    return missing(unreadable(path, error))
  }
  // What was cut would pass for whole where it is cut before a line end.
  if (bytes.length > fileBytesMax) return tooLong(path)
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes)) return missing(`${path} is no text`)
  // As editors leave it.
  return checked(text.replace(/\r?\n$/, ''), path)
}

async function firstBytes(file: FileHandle, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, count - length, length)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
  }
}

function checked(value: string, place: string): Found {
  if (value === '') return missing(`${place} is empty`)
  if (value.includes('\0')) return missing(`${place} is no text`)
  if (Buffer.byteLength(value) > secretBytesMax) return tooLong(place)
  return { ok: true, value }
}

// Not the words of the error, which may hold anything.
function unreadable(place: string, error: unknown): string {
  const code = errorCode(error)
  return `${place} cannot be read${code === '' ? '' : ` (${code})`}`
}

function tooLong(place: string): Found {
  return missing(`${place} has more than 64 KB`)
}

function missing(why: string): Found {
  return { ok: false, why }
}
