// Which lines of a log are new against the last good logs of the same task. Most of what a failed task prints, it prints when all is well.
import type { Baseline, LogLine, TaskLog } from './facts.ts'
import { maskLine } from './mask.ts'

export interface NewLine extends LogLine {
  /** Place in the log, counted in lines read. */
  place: number
}

/** At most this many new lines are looked at: the first few and the last many. */
const headMax = 1000
const tailMax = 4000

/** `goodLogs`: newest first. */
export function baselineOf(goodLogs: readonly TaskLog[]): Baseline {
  const seenIn = new Map<string, number>()
  const once: Set<string>[] = []
  let order: string[] = []
  for (const [index, log] of goodLogs.entries()) {
    const counts = new Map<string, number>()
    for (const { text } of log.lines) {
      const mask = maskLine(text)
      counts.set(mask, (counts.get(mask) ?? 0) + 1)
    }
    for (const mask of counts.keys()) seenIn.set(mask, (seenIn.get(mask) ?? 0) + 1)
    const single = [...counts].filter(([mask, count]) => count === 1 && mask !== '')
    once.push(new Set(single.map(([mask]) => mask)))
    if (index === 0) order = single.map(([mask]) => mask)
  }
  // A line that stood once in what was read may stand in the unread middle too.
  const whole = goodLogs.every((log) => log.whole)
  const milestones = whole
    ? order.filter((mask) => once.every((set) => set.has(mask))).slice(0, 2000)
    : []
  return { logs: goodLogs.length, seenIn, milestones }
}

// A long log is compared once, though gathering and explaining both ask.
const compared = new WeakMap<TaskLog, { baseline: Baseline; lines: NewLine[] }>()

export function newLines(log: TaskLog, baseline: Baseline): readonly NewLine[] {
  const known = compared.get(log)
  if (known?.baseline === baseline) return known.lines
  const lines = compare(log, baseline)
  compared.set(log, { baseline, lines })
  return lines
}

function compare(log: TaskLog, baseline: Baseline): NewLine[] {
  const head: NewLine[] = []
  let tail: NewLine[] = []
  for (const [place, { line, text }] of log.lines.entries()) {
    if (text.trim() === '') continue
    const seen = baseline.logs === 0 ? 0 : (baseline.seenIn.get(maskLine(text)) ?? 0)
    // With one good log only, a line in it is all the health we know of.
    if (seen > 0) continue
    const found = { line, text, place }
    if (head.length < headMax) head.push(found)
    else tail.push(found)
    if (tail.length >= 2 * tailMax) tail = tail.slice(-tailMax)
  }
  return [...head, ...tail.slice(-tailMax)]
}

/** The last line that every good log has too, and the one that should have followed. */
export function lastMilestone(
  log: TaskLog,
  baseline: Baseline,
): { reached: LogLine | null; missing: string | null } {
  if (baseline.milestones.length === 0) return { reached: null, missing: null }
  const have = new Map<string, LogLine>()
  for (const line of log.lines) have.set(maskLine(line.text), line)
  let reached: LogLine | null = null
  for (const mask of baseline.milestones) {
    const line = have.get(mask)
    if (line === undefined) return { reached, missing: mask }
    reached = line
  }
  return { reached, missing: null }
}
