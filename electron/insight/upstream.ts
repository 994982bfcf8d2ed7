// A failure that an upstream task swallowed: it ended well, and its log says otherwise.
import type { TaskLog, RunFacts } from './facts.ts'
import { noBaseline } from './facts.ts'
import { candidatesIn, type Candidate } from './candidates.ts'
import { newLines, type NewLine } from './novelty.ts'
import { isExcused } from './decoys.ts'
import { fromCandidate } from './own-cause.ts'
import { isEmptied } from './run-differences.ts'
import { traitOf } from './traits.ts'
import { verdict, type Verdict } from './verdict.ts'

export interface UpstreamCause {
  taskKey: string
  attempt: number
  verdict: Verdict
}

const succeeded = { exit: 0, signal: null }

/** A count of nothing where work is counted: `rows=0`, `limit=0`, `loaded 0 records`. */
const nothing =
  /\b(?:rows?|records?|count|lines?|loaded|inserted|written|wrote|read|fetched|extracted|limit|files?|objects?|messages?|events?|bytes|size|items?|total)\b ?[=:] ?0\b(?![.,]?\d)|\b(?:COPY|INSERT 0|loaded|wrote|read|fetched|extracted|inserted|processed|exported|found|got|SELECT) 0\b(?![.,]\d)|\b0 (?:rows?|records?|lines?|files?|objects?|messages?|events?|bytes|items?)\b(?! (?:rejected|skipped|failed|dropped|ignored|errors))/i

/** Causes that would hardly make a later task fail on its data, or that are this very symptom again. */
const trustRank = 7

/** `keys`: upstream task runs that ended well, nearest first. */
export function upstreamCause(
  facts: RunFacts,
  keys: readonly string[],
  own: Verdict,
): UpstreamCause | null {
  let best: { found: UpstreamCause; score: number } | null = null
  for (const [distance, key] of keys.entries()) {
    const log = facts.logs.get(key)
    const baseline = facts.baselines.get(key) ?? noBaseline
    // Without a good log there's no telling a swallowed failure from a habit of this task.
    if (log === undefined || baseline.logs === 0) continue
    const fresh = newLines(log, baseline)
    const found = swallowed(log, fresh).filter((one) => one.rule.rank >= rankMin(own))
    const top = found[0]
    if (top !== undefined) {
      const score = top.score - distance * 0.01
      if (best === null || score > best.score) {
        const made = fromCandidate(top, found, top.score >= 8 ? 'high' : 'medium')
        best = { found: { taskKey: key, attempt: log.attempt, verdict: made }, score }
      }
    }
  }
  if (best !== null) return best.found
  return mayBeEmpty(own) ? (emptySource(facts, keys) ?? emptyOutput(facts, keys)) : null
}

/** Whether a log that ended well has anything that could be blamed at all, before it's compared with good ones. */
export function mayTell(log: TaskLog): boolean {
  const all = newLines(log, noBaseline)
  return all.some((line) => nothing.test(line.text)) || swallowed(log, all).length > 0
}

function swallowed(log: TaskLog, fresh: readonly NewLine[]): Candidate[] {
  return candidatesIn(log, fresh, succeeded).filter(
    (one) =>
      one.score >= trustRank - 2 && one.rule.rank >= 6 && !weakUpstream.includes(one.rule.cause),
  )
}

/** Bad data may have any cause upstream; a peer's refusal has few, so a plain errno there is not enough. */
const dataSymptoms = [
  'data_parse_error',
  'schema_mismatch',
  'data_test_failed',
  'missing_input_file',
  'corrupt_input',
  'upstream_data_empty',
  'upstream_data_stale',
  'code_runtime_error',
  'unknown',
]

function rankMin(own: Verdict): number {
  return dataSymptoms.includes(own.cause) ? 6 : 8
}

const weakUpstream = ['code_syntax_error', 'killed_by_signal', 'upstream_data_empty']

function mayBeEmpty(own: Verdict): boolean {
  return traitOf(own.cause).symptom === true
}

// No line says it, but an output that used to hold something is empty.
function emptyOutput(facts: RunFacts, keys: readonly string[]): UpstreamCause | null {
  for (const key of keys.toReversed()) {
    const task = facts.view.tasks[key]
    const attempt = task?.attempts.at(-1)
    const change = facts.changes.find((one) => one.task === task?.task && isEmptied(one))
    if (attempt === undefined || change === undefined) continue
    const words = `Its output "${change.name}" is empty; in the last good run it had ${change.before}.`
    return {
      taskKey: key,
      attempt: attempt.number,
      verdict: verdict('upstream_data_empty', { words }),
    }
  }
  return null
}

// The task furthest upstream that first counts nothing is where the data went.
function emptySource(facts: RunFacts, keys: readonly string[]): UpstreamCause | null {
  for (const key of keys.toReversed()) {
    const log = facts.logs.get(key)
    const baseline = facts.baselines.get(key) ?? noBaseline
    if (log === undefined || baseline.logs === 0) continue
    const lines = newLines(log, baseline).filter(
      (line) => nothing.test(line.text) && !isExcused(line.text),
    )
    const first = lines[0]
    if (first === undefined) continue
    const shown = lines.slice(0, 2).map(({ line, text }) => ({ line, text }))
    return {
      taskKey: key,
      attempt: log.attempt,
      verdict: verdict('upstream_data_empty', { lines: shown }),
    }
  }
  return null
}
