// A failure that an upstream task swallowed: it ended well, and its log says otherwise.
import type { TaskLog, RunFacts } from './facts.ts'
import { noBaseline } from './facts.ts'
import { candidatesIn, type Candidate } from './candidates.ts'
import { newLines, type NewLine } from './novelty.ts'
import { isExcused } from './decoys.ts'
import { fromCandidate } from './own-cause.ts'
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
    const found = swallowed(log, fresh)
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
  return mayBeEmpty(own) ? emptySource(facts, keys) : null
}

function swallowed(log: TaskLog, fresh: readonly NewLine[]): Candidate[] {
  return candidatesIn(log, fresh, succeeded).filter(
    (one) =>
      one.score >= trustRank - 2 && one.rule.rank >= 6 && !weakUpstream.includes(one.rule.cause),
  )
}

const weakUpstream = ['code_syntax_error', 'killed_by_signal', 'upstream_data_empty']

function mayBeEmpty(own: Verdict): boolean {
  return traitOf(own.cause).symptom === true
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
