// The lines of one log that name a cause, best first.
import type { EndShape } from './exit-words.ts'
import { excusesThePrevious, isExcused, levelOf } from './decoys.ts'
import type { TaskLog } from './facts.ts'
import type { NewLine } from './novelty.ts'
import type { Rule } from './rule.ts'
import { rules } from './rules.ts'

export interface Candidate {
  rule: Rule
  line: NewLine
  /** Rank, less what makes the line doubtful, more what the exit code says. */
  score: number
}

/** Exit codes by which a tool names its own trouble: they back a line of that class. */
const exitBacks: Readonly<Record<number, readonly string[]>> = {
  6: ['dns_failure'],
  7: ['connection_refused'],
  18: ['connection_reset'],
  23: ['missing_input_file', 'permission_denied'],
  28: ['network_timeout'],
  52: ['connection_reset'],
  56: ['connection_reset'],
  60: ['tls_certificate_error'],
  126: ['not_executable', 'bad_interpreter'],
  127: ['command_not_found', 'bad_interpreter', 'missing_library', 'version_incompatible'],
  132: ['native_crash'],
  134: ['native_crash'],
  135: ['native_crash'],
  136: ['native_crash'],
  139: ['native_crash'],
}

/** Characters that the rules look at in one log: hostile text costs them at most half a second. */
const charsMax = 1_000_000
const lineHeadMax = 1000
const lineTailMax = 300

// A long line, such as a JSON record, says what happened at its start or at its end.
function ends(text: string): string {
  if (text.length <= lineHeadMax + lineTailMax) return text
  return `${text.slice(0, lineHeadMax)} … ${text.slice(-lineTailMax)}`
}

/** Ranked in a log of a task that failed with `shape`. */
export function candidatesIn(
  log: TaskLog,
  fresh: readonly NewLine[],
  shape: EndShape,
): Candidate[] {
  const found: Candidate[] = []
  let budget = charsMax
  // From the end: if the budget ends first, what was printed last has been looked at.
  for (const line of fresh.toReversed()) {
    const text = ends(line.text)
    budget -= text.length
    if (budget < 0) break
    if (isExcused(text) || isHandledTraceback(log, line)) continue
    const level = levelOf(text)
    // Rows that share their second condition stand together: it is looked for once in a line.
    let also: RegExp | undefined
    let isSaid = true
    for (const rule of rules) {
      if (rule.exits !== undefined && !rule.exits.includes(shape.exit ?? -1)) continue
      if (level === 'quiet' && rule.quiet !== true) continue
      if (rule.also !== also) {
        also = rule.also
        isSaid = also === undefined || also.test(text)
      }
      if (!isSaid || !rule.at.test(text)) continue
      const backed = shape.exit !== null && exitBacks[shape.exit]?.includes(rule.cause) === true
      found.push({ rule, line, score: rule.rank - (level === 'warn' ? 2 : 0) + (backed ? 0.9 : 0) })
    }
  }
  return found.toSorted((a, b) => b.score - a.score || b.line.place - a.line.place)
}

const exception = /^[\w.$]{1,200}(?:Error|Exception|Failure|Fault)\b(?::|$)/
const loudWord =
  /\b(?:ERROR|FATAL|CRITICAL|SEVERE|PANIC)\b|^(?:error|fatal|panic)\b|: (?:error|fatal|cannot|could not|failed)\b|\bfailed\b/i

/** The new line that sounds most like trouble, where no rule knows it: the last exception, or the last error. */
export function loudest(log: TaskLog, fresh: readonly NewLine[]): NewLine | null {
  const heard = fresh
    .slice(-loudMax)
    .filter((line) => !isExcused(ends(line.text)) && levelOf(line.text) === 'loud')
  const raised = heard.findLast(
    (line) => exception.test(line.text) && !isHandledTraceback(log, line),
  )
  return raised ?? heard.findLast((line) => loudWord.test(ends(line.text))) ?? null
}

const loudMax = 500

function isHandledTraceback(log: TaskLog, line: NewLine): boolean {
  if (!/^[\w.]{1,120}(?:Error|Exception|Warning|Exit|Interrupt)\b/.test(line.text)) return false
  return excusesThePrevious(log.lines[line.place + 1]?.text)
}
