// When the bytes of a log came, apart from the bytes: `.times` beside the log, lines `offset,ms since 1970 UTC`. Bounded: one
// line per 250 ms at most, and when there are many, every second one goes and they come half as often from then on.
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Clock } from '../ports/clock.ts'

/** The byte at `offset` came at `atMs`, ms since 1970 UTC. */
export interface LogTime {
  offset: number
  atMs: number
}

export interface LogTimes {
  /** Bytes came and begin at `offset`. Best effort: a time that cannot be written is not worth a byte of the log. */
  note(offset: number): void
}

const everyMsMin = 250
export const linesMax = 16_384

export function openLogTimes(path: string, clock: Clock): LogTimes {
  let noted = Number.NEGATIVE_INFINITY
  let everyMs = everyMsMin
  let lines: number | null = null
  return {
    note(offset) {
      const monotonic = clock.monotonic()
      if (monotonic - noted < everyMs) return
      noted = monotonic
      try {
        lines ??= readTimes(path).length
        if (lines >= linesMax) {
          lines = thin(path)
          everyMs *= 2
        }
        appendFileSync(`${path}.times`, `${offset},${clock.now()}\n`, { mode: 0o600 })
        lines += 1
      } catch {
        // A full disk: the bytes say so themselves.
      }
    },
  }
}

function thin(path: string): number {
  const kept = readTimes(path).filter((_, index) => index % 2 === 0)
  const text = kept.map(({ offset, atMs }) => `${offset},${atMs}\n`).join('')
  writeFileSync(`${path}.times.tmp`, text, { mode: 0o600 })
  renameSync(`${path}.times.tmp`, `${path}.times`)
  return kept.length
}

export function readTimes(path: string): LogTime[] {
  if (!existsSync(`${path}.times`)) return []
  const lines = readFileSync(`${path}.times`, 'latin1').split('\n')
  // A line torn by a crash says nothing.
  return lines.flatMap((line) => {
    const [, offset, atMs] = /^(\d+),(\d+)$/.exec(line) ?? []
    return offset === undefined ? [] : [{ offset: Number(offset), atMs: Number(atMs) }]
  })
}
