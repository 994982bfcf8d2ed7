// Two plain sentences for somebody who was asleep a minute ago.
import type { Change, EvidenceLine } from '../../shared/api/views.ts'
import { traitOf } from './traits.ts'
import type { Verdict } from './verdict.ts'

export interface SummaryParts {
  verdict: Verdict
  rootKey: string
  failingKey: string
  /** The change that this failure most likely comes from; null when none stands out. */
  telling: Change | null
  evidence: readonly EvidenceLine[]
  timeoutMs: number | null
  /** Masked line that good runs print next; null when there is nothing to compare with. */
  stoppedBefore: string | null
  /** `PID:COMMAND` of what a stop could not end. */
  survivors: readonly string[]
}

/** What is particular to this failure comes first: the screens show the task, the host and the class beside it. */
export function summarize(parts: SummaryParts): string {
  const { verdict, rootKey, failingKey, telling, timeoutMs } = parts
  const says = saysOf(verdict, timeoutMs)
  if (rootKey !== failingKey) {
    const swallowed = `${says.slice(0, -1)} in task "${rootKey}", which still ended as succeeded; "${failingKey}" failed on what it left.`
    return `${swallowed} ${ownWords(parts) ?? ''}`.trim()
  }
  const line = tellingLine(parts)
  const alive = survivorWords(parts.survivors)
  if (alive !== '') return `${line ?? says} ${alive}`
  if (line === null) {
    const more = ownWords(parts) ?? (verdict.host === '' ? reached(parts) : verdict.host)
    return `${says} ${more}`.trim()
  }
  if (verdict.host !== '') return `${line} ${sentence(verdict.host)}`
  if (telling !== null) return `${line} ${changeWords(telling)}`
  return `${line} ${verdict.kind === 'unnamed' ? 'No known cause fits.' : says}`
}

function survivorWords(survivors: readonly string[]): string {
  if (survivors.length === 0) return ''
  const named = survivors.slice(0, survivorsMax).map((one) => {
    const [pid = '', ...command] = one.split(':')
    return command.length === 0 ? pid : `${pid} (${command.join(':')})`
  })
  const rest = survivors.length - named.length
  const more = rest > 0 ? ` and ${rest} more` : ''
  return `Still alive on the host: ${named.join(', ')}${more}.`
}

const survivorsMax = 5

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

/** The line of the log that says it; null where none does, or where words of our own say more. */
function tellingLine({ verdict, evidence }: SummaryParts): string | null {
  const line = evidence[0]
  if (line === undefined || verdict.words !== '') return null
  // The exit code alone tells: the line only says how far it came.
  if (verdict.kind === 'exit') return null
  if (verdict.kind === 'unnamed') return sentence(line.text)
  return verdict.cause === 'unknown' || verdict.cause === 'timeout' ? null : sentence(line.text)
}

function ownWords(parts: SummaryParts): string | null {
  if (parts.verdict.words !== '') return sentence(parts.verdict.words)
  return parts.telling === null ? tellingLine(parts) : changeWords(parts.telling)
}

function reached({ verdict, evidence, stoppedBefore }: SummaryParts): string {
  const tells = ['unknown', 'timeout'].includes(verdict.cause) || verdict.kind === 'exit'
  if (!tells) return ''
  const line = evidence[0]
  const last =
    line === undefined
      ? 'It printed nothing.'
      : `The last line that it reached is line ${line.line}: ${quoted(line.text)}.`
  return stoppedBefore === null
    ? last
    : `${last.slice(0, -1)}; good runs go on with ${quoted(stoppedBefore)}.`
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
  // A full stop after a fingerprint or a command would be copied along with it.
  return /[.!?]$|sluice hosts trust \S+ \S+$/.test(short) ? short : `${short}.`
}

function duration(ms: number): string {
  if (ms >= 3_600_000 && ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  if (ms >= 60_000 && ms % 60_000 === 0) return `${ms / 60_000} min`
  return `${ms / 1000} s`
}
