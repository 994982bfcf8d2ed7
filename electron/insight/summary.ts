// Two plain sentences for somebody who was asleep a minute ago.
import type { Change, EvidenceLine } from '../../shared/api/views.ts'
import { traitOf } from './traits.ts'
import type { Verdict } from './verdict.ts'

export interface SummaryParts {
  verdict: Verdict
  rootKey: string
  failingKey: string
  host: string
  /** The change that this failure most likely comes from; null when none stands out. */
  telling: Change | null
  evidence: readonly EvidenceLine[]
  timeoutMs: number | null
  /** Masked line that good runs print next; null when there is nothing to compare with. */
  stoppedBefore: string | null
}

export function summarize(parts: SummaryParts): string {
  return `${first(parts)} ${second(parts)}`.trim()
}

function first({ verdict, rootKey, failingKey, host, timeoutMs }: SummaryParts): string {
  const says = saysOf(verdict, timeoutMs)
  if (rootKey !== failingKey) {
    return `${says.slice(0, -1)} in task "${rootKey}", which still ended as succeeded; "${failingKey}" failed on what it left.`
  }
  return `${says.slice(0, -1)} (task "${rootKey}", host "${host}").`
}

function saysOf(verdict: Verdict, timeoutMs: number | null): string {
  if (verdict.cause === 'timeout' && verdict.kind === 'runner') {
    return timeoutMs === null
      ? 'The task ran into its timeout.'
      : `The task ran into its timeout of ${duration(timeoutMs)}.`
  }
  if (verdict.cause === 'ssh_host_key_mismatch' && verdict.kind === 'unknown') {
    return "The host's SSH key is not known yet, so the connection was not made."
  }
  return traitOf(verdict.cause).says
}

function second({ verdict, telling, evidence, stoppedBefore }: SummaryParts): string {
  if (verdict.words !== '') return sentence(verdict.words)
  if (telling !== null) return changeWords(telling)
  const line = evidence[0]
  if (verdict.kind === 'unnamed' && line !== undefined) {
    return `No known cause fits; read line ${line.line}: ${sentence(line.text)}`
  }
  if (verdict.cause === 'unknown' || verdict.cause === 'timeout') {
    const reached =
      line === undefined
        ? 'It printed nothing.'
        : `The last line that it reached is line ${line.line}: ${quoted(line.text)}.`
    return stoppedBefore === null
      ? reached
      : `${reached.slice(0, -1)}; good runs go on with ${quoted(stoppedBefore)}.`
  }
  return line === undefined ? '' : `Line ${line.line}: ${sentence(line.text)}`
}

function changeWords({ what, name, before, after }: Change): string {
  const since = 'Since the last good run'
  if (what === 'script')
    return `${since} ${name === 'run' ? 'its command' : `"${name}"`} was changed.`
  if (what === 'version' && name === 'task') return `${since} the task was added.`
  return `${since} ${what} "${name}" changed from ${quoted(before)} to ${quoted(after)}.`
}

function quoted(text: string): string {
  const short = spoken(text)
  return `"${short.length > 140 ? `${short.slice(0, 139)}…` : short}"`
}

// A line without its time stamp, masked or not: the number of the line says where it is.
function spoken(text: string): string {
  return text
    .trim()
    .replace(/^(?:\d{4}-\d\d-\d\d[T ][\d:.,]{5,20}Z?|#) /, '')
    .replace(/\s+/g, ' ')
}

function sentence(text: string): string {
  const short = spoken(text).slice(0, 240)
  return /[.!?]$/.test(short) ? short : `${short}.`
}

function duration(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`
  return `${ms / 1000} s`
}
