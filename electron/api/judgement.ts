// What the engine may ask about the log of a failed attempt before it tries the task again. Answers come at once, so what is
// read is bounded; and nothing is compared with good runs, so a cause may be less sure than the one that is shown later.
import { RE2JS } from '@bufbuild/re2'
import { ownCause } from '../insight/own-cause.ts'
import { linesIn } from '../insight/log-excerpt.ts'
import { noBaseline } from '../insight/facts.ts'
import type { TaskLog } from '../insight/facts.ts'
import { signsOf } from '../insight/host-signs.ts'
import { readLogEnds } from '../logs/log-ends.ts'
import type { Judgement } from '../ports/judgement.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, AttemptName } from '../../shared/run/ids.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'

export interface JudgementOptions {
  /** Where the log files are. */
  logsDir: string
  /** The attempt as it is stored; null: it is not. */
  attempt: (name: AttemptName) => AttemptView | null
  /** What cannot be read is a fault of ours, never a reason to stop the engine. */
  onError: (error: unknown) => void
}

const patternBytesMax = { head: 64 << 10, tail: 1 << 20 }
/** A class of cause has hundreds of wordings: a MiB would hold up the engine for half a second. */
const causeBytesMax = { head: 32 << 10, tail: 128 << 10 }
const compiledMax = 256

export function openJudgement(options: JudgementOptions): Judgement {
  const compiled = new Map<string, RE2JS | null>()
  let last: { key: AttemptKey; log: TaskLog } | null = null

  const logOf = (key: AttemptKey): TaskLog => {
    if (last?.key !== key) last = { key, log: readLog(options.logsDir, key, patternBytesMax) }
    return last.log
  }
  // The pipeline's check has refused what cannot be compiled; a plan of another version of Sluice may hold it all the same.
  const compile = (pattern: string): RE2JS | null => {
    const known = compiled.get(pattern)
    if (known !== undefined) return known
    let made: RE2JS | null = null
    try {
      made = RE2JS.compile(pattern)
    } catch (error) {
      options.onError(error)
    }
    const [oldest] = compiled.keys()
    if (compiled.size >= compiledMax && oldest !== undefined) compiled.delete(oldest)
    compiled.set(pattern, made)
    return made
  }
  const safely = <Answer>(answer: () => Answer, otherwise: Answer): Answer => {
    try {
      return answer()
    } catch (error) {
      options.onError(error)
      return otherwise
    }
  }

  return {
    matching: (key, patterns) =>
      safely(() => {
        const { lines } = logOf(key)
        for (const pattern of patterns) {
          const matcher = compile(pattern)
          if (matcher !== null && lines.some(({ text }) => matcher.test(text))) return pattern
        }
        return null
      }, null),
    causeOf: (key, end) =>
      safely(() => {
        const name = parseAttemptKey(key)
        const attempt: AttemptView = {
          number: name.number,
          host: '',
          state: 'ended',
          startingAt: 0,
          hostStartedAt: end.hostStartedAt,
          unknownWhy: null,
          log: null,
          ...options.attempt(name),
          end,
        }
        const host = signsOf(attempt.snapshot ?? null, attempt)
        const log = readLog(options.logsDir, key, causeBytesMax)
        const input = { attempt, log, baseline: noBaseline, host }
        return ownCause({ ...input, scriptChanged: false, outputs: {} }).cause
      }, 'unknown'),
  }
}

function readLog(dir: string, key: AttemptKey, bytesMax: typeof patternBytesMax): TaskLog {
  const { head, tail, whole } = readLogEnds(dir, key, bytesMax)
  const { number } = parseAttemptKey(key)
  if (whole) return { attempt: number, whole, lines: linesIn(Buffer.concat([head, tail]), 1) }
  // Both ends are cut in the middle of a line.
  const headLines = linesIn(head.subarray(0, head.lastIndexOf(newline) + 1), 1)
  const tailLines = linesIn(tail.subarray(tail.indexOf(newline) + 1), headLines.length + 2)
  return { attempt: number, whole, lines: [...headLines, ...tailLines] }
}

const newline = 10
