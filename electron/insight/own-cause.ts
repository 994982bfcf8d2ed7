// The cause as the failing task run itself shows it. In this order: transport, scheduler, wording, exit code.
import type { AttemptView } from '../../shared/run/run-view.ts'
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'
import type { Baseline, LogLine, TaskLog } from './facts.ts'
import { candidatesIn, loudest, type Candidate } from './candidates.ts'
import { shapeOf, type EndShape } from './exit-words.ts'
import { blamedOnHost, transportOnHost } from './host-blame.ts'
import type { HostSigns } from './host-signs.ts'
import { lossCause } from './losses.ts'
import { lastMilestone, newLines, type NewLine } from './novelty.ts'
import { rules } from './rules.ts'
import { verdict, type Verdict } from './verdict.ts'

export interface OwnInput {
  attempt: AttemptView
  log: TaskLog
  baseline: Baseline
  host: HostSigns
  /** Its script, command or files differ from the last good run's. */
  scriptChanged: boolean
  /** Paths of the declared outputs, by name. */
  outputs: Readonly<Record<string, string>>
}

const crashSignals = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSYS']
/** Of a killed process these name the true cause, whatever the signal. */
const beforeSignal = ['out_of_memory', 'disk_full', 'quota_exceeded', 'io_error']

export function ownCause(input: OwnInput): Verdict {
  const end = input.attempt.end
  if (end === null) return verdict('unknown', { confidence: 'low' })
  if (end.outcome === 'not_started')
    return transportOnHost(transportCause(end.cause, end.message), input.host)
  if (end.outcome === 'lost') return lossCause(input.attempt, end, input.host)
  return blamedOnHost(asItShows(input, end), input.host)
}

type Ran = Exclude<AttemptEnd, { outcome: 'not_started' } | { outcome: 'lost' }>

function asItShows(input: OwnInput, end: Ran): Verdict {
  const shape = shapeOf(end)
  const fresh = newLines(input.log, input.baseline)
  const found = candidatesIn(input.log, fresh, shape)
  if (end.outcome === 'timed_out') return timedOut(input, found)
  if (shape.signal !== null) {
    const signalled = signalCause(input, shape, found)
    if (signalled !== null) return signalled
  }
  const missing = end.outcome === 'exited' ? (end.missingOutputs ?? []) : []
  if (end.outcome === 'exited' && end.exit === 0 && missing.length > 0) {
    return verdict('missing_output', {
      confidence: 'high',
      words: `Missing: ${missing.map((name) => placeOf(input, name)).join(', ')}.`,
    })
  }
  if (end.outcome === 'exited' && end.exit === 0 && end.badValues !== undefined)
    return verdict('missing_output', { confidence: 'high', words: end.badValues })
  const best = found[0]
  if (best === undefined || best.score < 3)
    return exitAlone(input, shape, loudest(input.log, fresh))
  return worded(input, best, found)
}

function placeOf({ outputs }: OwnInput, name: string): string {
  const path = outputs[name]
  return path === undefined ? name : `${name} (${path})`
}

const transportWords: Readonly<Record<TransportCause, { cause: string; kind: string }>> = {
  host_unreachable: { cause: 'host_unreachable', kind: '' },
  ssh_auth_failure: { cause: 'ssh_auth_failure', kind: '' },
  ssh_host_key_mismatch: { cause: 'ssh_host_key_mismatch', kind: '' },
  ssh_host_key_unknown: { cause: 'ssh_host_key_mismatch', kind: 'unknown' },
  dns_failure: { cause: 'dns_failure', kind: 'ssh' },
  host_refused: { cause: 'host_refused', kind: '' },
  input_missing: { cause: 'missing_input_file', kind: 'artifact' },
  secret_missing: { cause: 'config_missing', kind: 'secret' },
}

function transportCause(found: TransportCause, message: string): Verdict {
  const { cause, kind } = transportWords[found]
  if (found === 'host_refused') {
    // The agent's message is the host's own wording: a full disk is a full disk.
    const text = message.slice(0, 2000)
    const rule = rules.filter(
      (row) => row.exits === undefined && row.also === undefined && row.at.test(text),
    )
    const best = rule.toSorted((a, b) => b.rank - a.rank)[0]
    if (best !== undefined) {
      return verdict(best.cause, { kind: 'agent', confidence: 'high', words: message })
    }
  }
  return verdict(cause, { kind, confidence: 'high', words: message })
}

function timedOut(input: OwnInput, found: readonly Candidate[]): Verdict {
  const { reached } = lastMilestone(input.log, input.baseline)
  const last = reached ?? input.log.lines.findLast((line) => line.text.trim() !== '') ?? null
  // What it was stuck on, when it said so, stands beside the timeout; the timeout is the fact.
  const stuck = found.filter(
    (one) => one.rule.cause === 'db_deadlock_or_lock' || one.rule.cause === 'lock_held',
  )
  const lines = [
    ...stuck.slice(0, 1).map((one) => asLine(one.line)),
    ...(last === null ? [] : [last]),
  ]
  return verdict('timeout', { kind: 'runner', confidence: 'high', lines })
}

function signalCause(
  input: OwnInput,
  shape: EndShape,
  found: readonly Candidate[],
): Verdict | null {
  const signal = shape.signal ?? ''
  const deeper = found.find((one) => one.score >= 7 && beforeSignal.includes(one.rule.cause))
  if (deeper !== undefined) return fromCandidate(deeper, found, 'high')
  const said = found.filter(
    (one) => one.rule.cause === 'native_crash' || one.rule.cause === 'killed_by_signal',
  )
  const lines = said.slice(0, 2).map((one) => asLine(one.line))
  if (crashSignals.includes(signal))
    return verdict('native_crash', { kind: signal, confidence: 'high', lines })
  const kill = input.host.memoryKill
  if (signal === 'SIGKILL' && kill !== null) {
    return verdict('out_of_memory', {
      kind: 'kernel',
      confidence: kill.sure ? 'high' : 'medium',
      lines,
      words: kill.words,
    })
  }
  if (signal === 'SIGXFSZ') return null
  return verdict('killed_by_signal', { kind: signal, confidence: 'high', lines })
}

/** Exit codes that mean one thing whoever gives them. Anything else alone tells nothing. */
function exitAlone(input: OwnInput, shape: EndShape, loud: NewLine | null): Verdict {
  const { reached } = lastMilestone(input.log, input.baseline)
  const last = reached ?? input.log.lines.findLast((line) => line.text.trim() !== '') ?? null
  const lines = last === null ? [] : [last]
  switch (shape.exit) {
    case 124:
      return verdict('timeout', {
        kind: 'command',
        lines,
        words: 'Exit 124 is what the timeout command gives when time is up.',
      })
    case 126:
      return verdict('not_executable', { kind: 'exit', lines })
    case 127:
      return verdict('command_not_found', { kind: 'exit', lines })
    default:
      // No rule knows this wording. It is still the line to read first.
      if (loud !== null)
        return verdict('unknown', { kind: 'unnamed', confidence: 'low', lines: [asLine(loud)] })
      return verdict('unknown', { confidence: 'low', lines })
  }
}

function worded(input: OwnInput, best: Candidate, found: readonly Candidate[]): Verdict {
  const sure =
    input.baseline.logs > 0 && best.score >= 8 ? 'high' : best.score >= 5 ? 'medium' : 'low'
  const made = fromCandidate(best, found, sure)
  if (made.cause === 'schema_mismatch' && made.kind === 'key') return keyError(input, best, made)
  if (made.cause === 'code_runtime_error' && input.scriptChanged)
    return { ...made, kind: 'changed' }
  return made
}

// A missing key is a setting's when the code reads it from one, a bug when the code changed, and else a column's.
function keyError(input: OwnInput, best: Candidate, made: Verdict): Verdict {
  const before = input.log.lines.slice(Math.max(0, best.line.place - 4), best.line.place)
  const code = before.map((line) => line.text).join('\n')
  if (/\b(?:cfg|config|conf|settings|environ|getenv|params|options)\b/i.test(code)) {
    return { ...made, cause: 'config_missing', kind: 'key' }
  }
  if (input.scriptChanged) return { ...made, cause: 'code_runtime_error', kind: 'changed' }
  return made
}

/** The best candidate's block read from its first line: a tool names the trouble, then talks on. */
export function fromCandidate(
  best: Candidate,
  found: readonly Candidate[],
  confidence: Verdict['confidence'],
): Verdict {
  const same = found.filter(
    (one) => one.rule.cause === best.rule.cause && one.score >= best.score - 2,
  )
  const byPlace = new Map(same.map((one) => [one.line.place, one]))
  let top = best
  for (let gap = 1; gap <= blockGapMax; gap += 1) {
    const above = byPlace.get(top.line.place - gap)
    if (above === undefined || above.score < best.score) continue
    top = above
    gap = 0
  }
  const lines = [top.line, ...same.map((one) => one.line)]
  const distinct = [...new Map(lines.map((line) => [line.line, asLine(line)])).values()]
  return verdict(best.rule.cause, {
    kind: top.rule.kind ?? best.rule.kind ?? '',
    confidence,
    lines: distinct.slice(0, 2),
  })
}

/** Lines of the same trouble this near to each other are one block. */
const blockGapMax = 4

function asLine(line: NewLine): LogLine {
  return { line: line.line, text: line.text }
}
