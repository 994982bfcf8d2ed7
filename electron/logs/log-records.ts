// What is known of a log beside its bytes: gaps that were found before its close, and the close itself.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LogGap } from '../../shared/run/events.ts'
import type { LogClosing } from '../ports/logs.ts'
import { errorCode } from '../system/error-code.ts'

export function addGap(path: string, { offset, bytes, why }: LogGap): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const line = JSON.stringify({ offset, bytes, why })
  appendFileSync(`${path}.gaps`, `${line}\n`, { mode: 0o600 })
}

/** Sorted, none twice: a gap may be found again after a restart. */
export function inPlace(gaps: readonly LogGap[]): LogGap[] {
  const byText = new Map(gaps.map((gap) => [JSON.stringify([gap.offset, gap.why]), gap]))
  return [...byText.values()].sort((a, b) => a.offset - b.offset)
}

export function readGaps(path: string): LogGap[] {
  if (!existsSync(`${path}.gaps`)) return []
  const lines = readFileSync(`${path}.gaps`, 'utf8').split('\n')
  // A line torn by a crash is found again, as the gap is.
  return lines.flatMap((line) => {
    const [, offset, bytes, why] =
      /^\{"offset":(\d+),"bytes":(\d+|null),"why":(".*")\}$/.exec(line) ?? []
    if (offset === undefined || bytes === undefined || why === undefined) return []
    return [
      {
        offset: Number(offset),
        bytes: bytes === 'null' ? null : Number(bytes),
        why: String(JSON.parse(why)),
      },
    ]
  })
}

export function readClosing(path: string): LogClosing {
  const closing = JSON.parse(readFileSync(`${path}.closed`, 'utf8')) as LogClosing
  // Older ones did not say how the bytes were compared.
  return { ...closing, verified: closing.verified ?? null }
}

/** Of a small log: four turns through the thread pool would cost five times as much. */
export function writeClosingNow(path: string, closing: LogClosing): void {
  const write = (): void => writeFileSync(draftOf(path), JSON.stringify(closing), { mode: 0o600 })
  try {
    write()
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    // A task that said nothing has no folder yet.
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    write()
  }
  renameSync(draftOf(path), `${path}.closed`)
}

/** Of a large one, whose folder is there. Beside the engine's thread: the disk may be busy with it. */
export async function writeClosing(path: string, closing: LogClosing): Promise<void> {
  await writeFile(draftOf(path), JSON.stringify(closing), { mode: 0o600 })
  await rename(draftOf(path), `${path}.closed`)
}

const draftOf = (path: string): string => `${path}.closed.tmp`
