// What Sluice says about itself: JSON lines, in a file that cannot grow without end, with secrets hidden by their value.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import type { Clock } from '../ports/clock.ts'
import { errorCode } from './error-code.ts'

export type Level = 'info' | 'warn' | 'error'

export interface AppLog {
  /** `area`: the folder that speaks. Errors among the fields keep their stack. */
  write(level: Level, area: string, message: string, fields?: Record<string, unknown>): void
  /** From here on, `value` is written as `***`. Gives back its undo. */
  hide(value: string): () => void
  close(): void
}

export interface AppLogOptions {
  file: string
  clock: Clock
  /** Of one file; the log keeps this one and `keptFiles` older ones. */
  bytesMax?: number
  keptFiles?: number
}

/** A shorter value would blank out half of each line and hide nothing. */
const secretLengthMin = 4
const lineBytesMax = 16 * 1024

export function openAppLog(options: AppLogOptions): AppLog {
  const { file, clock, bytesMax = 5 * 1024 * 1024, keptFiles = 3 } = options
  const secrets = new Map<string, number>()
  let fd: number | null = openSync(file, 'a', 0o600)
  let bytes = fstatSync(fd).size

  const rotate = (): void => {
    if (fd !== null) closeSync(fd)
    for (let number = keptFiles; number > 0; number--) {
      moveIfThere(number === 1 ? file : `${file}.${number - 1}`, `${file}.${number}`)
    }
    fd = openSync(file, keptFiles === 0 ? 'w' : 'a', 0o600)
    bytes = 0
  }

  return {
    write(level, area, message, fields = {}) {
      if (fd === null) return
      const at = new Date(clock.now()).toISOString()
      const text = JSON.stringify({ at, level, area, message, ...fields }, withErrors)
      const line = Buffer.from(`${bounded(redacted(text, secrets.keys()), at, level, area)}\n`)
      if (bytes > 0 && bytes + line.length > bytesMax) rotate()
      bytes += writeSync(fd, line)
    },
    hide(value) {
      if (value.length < secretLengthMin) return () => {}
      // As it stands inside a JSON string.
      const written = JSON.stringify(value).slice(1, -1)
      secrets.set(written, (secrets.get(written) ?? 0) + 1)
      let hidden = true
      return () => {
        if (!hidden) return
        hidden = false
        const left = (secrets.get(written) ?? 1) - 1
        if (left === 0) secrets.delete(written)
        else secrets.set(written, left)
      }
    },
    close() {
      if (fd !== null) closeSync(fd)
      fd = null
    },
  }
}

function withErrors(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (!(value instanceof Error)) return value
  return {
    ...Object.fromEntries(Object.entries(value)),
    message: value.message,
    stack: value.stack,
    cause: value.cause,
  }
}

/** Longest first: a secret that holds another one is hidden whole. */
function redacted(text: string, secrets: Iterable<string>): string {
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length)
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}

/** Stays one JSON document: a line that is too long keeps its start as text. */
function bounded(line: string, at: string, level: Level, area: string): string {
  if (line.length <= lineBytesMax) return line
  return JSON.stringify({ at, level, area, message: 'cut', start: line.slice(0, lineBytesMax / 2) })
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
