// The files of one log. Without a limit it is one file. Of a log with a limit the file ends where the first half does, and
// the last half lies beside it in the folder `.tail`, cut into files named by the offset of their first byte: what has
// become the middle is freed by removing whole files. What is where is read from names and lengths alone.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogHalves } from '../ports/logs.ts'

export interface LogPart {
  path: string
  /** Offset of its first byte in the log. */
  start: number
  size: number
}

export interface LogLimit extends LogHalves {
  bytes: number
  /** Of one file of the tail: so much more than the limit may be here. */
  partBytes: number
}

/** Hosts read in blocks: both halves begin where one does. */
const alignBytes = 64 * 1024
const partBytesMax = 4 * 1024 * 1024
/** A smaller limit would show nothing. */
export const limitBytesMin = 2 * alignBytes

export function limitOf(bytes: number): LogLimit {
  const all = Math.max(bytes, limitBytesMin)
  const headBytes = alignDown(all / 2)
  const partBytes = Math.max(alignBytes, Math.min(partBytesMax, alignDown(headBytes / 8)))
  return { bytes: all, headBytes, tailBytes: all - headBytes, partBytes }
}

function alignDown(bytes: number): number {
  return Math.floor(bytes / alignBytes) * alignBytes
}

/** The first is the head, also where there is no file yet. */
export function findParts(path: string): LogPart[] {
  const head = { path, start: 0, size: sizeOf(path) }
  const folder = folderOf(path)
  if (!existsSync(folder)) return [head]
  const tail = readdirSync(folder)
    .filter((name) => /^\d{1,15}$/.test(name))
    .map((name) => ({
      path: join(folder, name),
      start: Number(name),
      size: sizeOf(join(folder, name)),
    }))
    .filter((part) => part.start >= head.size)
    .sort((a, b) => a.start - b.start)
  return [head, ...tail]
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

export function endOf(parts: readonly LogPart[]): number {
  const last = parts.at(-1)
  return last === undefined ? 0 : last.start + last.size
}

/** Where the next bytes go, and how many of them; a part is added where the last one is full. */
export function roomFor(parts: LogPart[], limit: LogLimit | null): { part: LogPart; room: number } {
  const part = parts.at(-1)!
  if (limit === null) return { part, room: Number.POSITIVE_INFINITY }
  const room = (part.start === 0 ? limit.headBytes : limit.partBytes) - part.size
  if (room > 0) return { part, room }
  return { part: addPart(parts, endOf(parts)), room: limit.partBytes }
}

export function addPart(parts: LogPart[], start: number): LogPart {
  const [head] = parts
  const folder = folderOf(head!.path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const part = { path: join(folder, String(start)), start, size: 0 }
  writeFileSync(part.path, '', { mode: 0o600 })
  parts.push(part)
  return part
}

/** Takes those out of `parts` that the last half does not reach into any more. */
export function outgrown(parts: LogPart[], limit: LogLimit): LogPart[] {
  const end = endOf(parts)
  let count = 0
  while (count + 2 < parts.length && end - parts[count + 2]!.start >= limit.tailBytes) count += 1
  return parts.splice(1, count)
}

export function removePart(part: LogPart): void {
  rmSync(part.path, { force: true })
}

/** Between the parts. */
export function holesIn(parts: readonly LogPart[]): { offset: number; bytes: number }[] {
  return parts.flatMap((part, index) => {
    const before = parts[index - 1]
    const offset = before === undefined ? 0 : before.start + before.size
    return part.start > offset ? [{ offset, bytes: part.start - offset }] : []
  })
}

/** The pieces of files that hold the bytes from `from` to `to`; holes are left out. */
export function piecesOf(parts: readonly LogPart[], from: number, to: number): LogPiece[] {
  return parts.flatMap(({ path, start, size }) => {
    const [first, end] = [Math.max(from, start), Math.min(to, start + size)]
    return first < end ? [{ path, at: first - start, bytes: end - first }] : []
  })
}

export interface LogPiece {
  path: string
  at: number
  bytes: number
}

function folderOf(path: string): string {
  return `${path}.tail`
}
