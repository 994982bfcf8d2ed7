// Root cause of a failed run: which task, what class, which lines say so, what changed, who waits.
//   I1  Pure: facts in, answer out. The same facts give the same answer.
//   I2  Every line shown is a line of a log, with its own number; five at most.
//   I3  A run in which nothing failed has no cause. Where the evidence is not there the class is `unknown`.
//   I4  Order of belief: transport, scheduler, a tool's wording on lines that good logs lack, the host's state, exit code alone.
//   I5  An upstream task that succeeded is blamed only for new wording of its own, and only when the failing task shows a symptom.
import type { Change, EvidenceLine, RootCause } from '../../shared/api/views.ts'
import type { RemedySpec } from '../../shared/pipeline/spec.ts'
import { isTaskGood } from '../../shared/run/states.ts'
import { blamedParam, isUsual } from './blame-param.ts'
import { exitWords } from './exit-words.ts'
import type { RunFacts, TaskLog } from './facts.ts'
import { noBaseline } from './facts.ts'
import { failuresOf, type Failure } from './failures.ts'
import { keyOf, runsByTask, upstreamOf, waitingOf } from './family.ts'
import { hostFactsOf } from './host-facts.ts'
import { signsOf } from './host-signs.ts'
import { lastMilestone } from './novelty.ts'
import { ownCause } from './own-cause.ts'
import { summarize } from './summary.ts'
import { traitOf, widerCause } from './traits.ts'
import { upstreamCause, type UpstreamCause } from './upstream.ts'
import type { Verdict } from './verdict.ts'

const linesMax = 5
const changesMax = 12
const emptyLog: TaskLog = { attempt: 0, lines: [], whole: true }
const codeChanges = ['script', 'version']

/** Null when nothing failed. */
export function explain(facts: RunFacts): RootCause | null {
  const failure = failuresOf(facts.view)[0]
  if (failure === undefined) return null
  const own = causeOf(facts, failure)
  const above = isSymptom(own) ? upstreamCause(facts, upstreamKeys(facts, failure), own) : null
  return answer(facts, failure, own, above)
}

/** The cause as the failing task itself shows it, before anything upstream is looked at. */
export function causeOf(facts: RunFacts, failure: Failure): Verdict {
  const key = keyOf(failure.task)
  return ownCause({
    attempt: failure.attempt,
    log: facts.logs.get(key) ?? emptyLog,
    baseline: facts.baselines.get(key) ?? noBaseline,
    host: signsOf(failure.attempt.snapshot ?? null, failure.attempt),
    scriptChanged: changesOf(facts, failure.task.task).some((one) =>
      codeChanges.includes(one.what),
    ),
    outputs: facts.plan.tasks.find((one) => one.name === failure.task.task)?.outputs ?? {},
  })
}

/** The failing task may only show what another did: only then is it worth reading upstream logs. */
export function isSymptom(own: Verdict): boolean {
  // Code that was changed since it last ran well is its own cause.
  if (own.kind === 'changed') return false
  return traitOf(own.cause).symptom === true || own.kind === 'plain'
}

/** Task runs upstream that ended well, nearest first. */
export function upstreamKeys(facts: Pick<RunFacts, 'plan' | 'view'>, failure: Failure): string[] {
  const runs = runsByTask(facts.view)
  return upstreamOf(facts.plan, failure.task.task).flatMap((name) =>
    (runs.get(name) ?? []).filter((task) => isTaskGood(task.state)).map(keyOf),
  )
}

function answer(
  facts: RunFacts,
  failure: Failure,
  own: Verdict,
  above: UpstreamCause | null,
): RootCause {
  const failingKey = keyOf(failure.task)
  const rootKey = above?.taskKey ?? failingKey
  const root = facts.view.tasks[rootKey]?.task ?? failure.task.task
  const found = withParam(facts, rootKey, above?.verdict ?? own)
  const changed = ranked(facts, root, found.param)
  const evidence = evidenceOf(
    rootKey,
    found.verdict,
    above === null ? null : { key: failingKey, own },
  )
  const cause = found.verdict.cause
  const snapshot = failure.attempt.snapshot ?? null
  const signs = signsOf(snapshot, failure.attempt)
  return {
    rootTask: root,
    attempt: above?.attempt ?? failure.attempt.number,
    class: cause,
    summary: summarize({
      verdict: found.verdict,
      rootKey,
      failingKey,
      telling: tellingChange(facts, root, found),
      evidence,
      timeoutMs: facts.plan.tasks.find((one) => one.name === root)?.timeoutMs ?? null,
      stoppedBefore: stoppedBefore(facts, failingKey),
      survivors: survivorsOf(failure),
    }),
    evidence,
    changed,
    waiting: waitingOf(facts, root),
    exitWords: failure.attempt.end === null ? '' : exitWords(failure.attempt.end, signs),
    confidence: found.verdict.confidence,
    transient: traitOf(cause).transient && found.verdict.kind !== 'SIGPIPE',
    hostLevel: isHostLevel(facts, failure, found.verdict, changed),
    evidenceGaps: gapsOf(facts, failure, found.verdict),
    hostFacts: hostFactsOf(snapshot, signs, {
      before: facts.hostsBefore.get(failure.attempt.host) ?? null,
      cause,
    }),
    remedies: remediesOf(facts, root, cause),
    lastGoodRun: facts.lastGoodRun,
  }
}

function withParam(
  facts: RunFacts,
  key: string,
  found: Verdict,
): { verdict: Verdict; param: Change | null } {
  const log = facts.logs.get(key)
  const texts = found.lines.map((line) => line.text)
  const own = blamedParam(found, facts, texts)
  if (own !== null) return { verdict: { ...found, cause: 'bad_parameter' }, param: own }
  if (log === undefined) return { verdict: found, param: null }
  // Tools rarely repeat a parameter in their error; the lines after it, and the task's own echo of it, may.
  const first = found.lines[0]?.line ?? 0
  const near = log.lines.filter((line) => line.line > first && line.line <= first + 3)
  const blamed = blamedParam(
    found,
    facts,
    near.map((line) => line.text),
  )
  if (blamed !== null) return { verdict: { ...found, cause: 'bad_parameter' }, param: blamed }
  return { verdict: found, param: null }
}

function evidenceOf(
  rootKey: string,
  found: Verdict,
  failing: { key: string; own: Verdict } | null,
): EvidenceLine[] {
  const lines = found.lines.map((line) => ({ task: rootKey, ...line }))
  const shown = failing?.own.lines.slice(0, 1).map((line) => ({ task: failing.key, ...line })) ?? []
  // 0: a line of a tail too far away to count; it cannot be cited.
  return [...lines, ...shown].filter((one) => one.line > 0).slice(0, linesMax)
}

function changesOf(facts: RunFacts, task: string): Change[] {
  return facts.changes.filter((change) => change.task === null || change.task === task)
}

// The blamed parameter, then what changed in the root task, then upstream of it, then the rest.
function ranked(facts: RunFacts, root: string, param: Change | null): Change[] {
  const above = new Set(upstreamOf(facts.plan, root))
  const place = (change: Change): number => {
    if (change === param) return 0
    if (isUsual(change, facts.restless)) return 9
    if (change.task === root) return 1
    if (change.task === null) return change.what === 'version' ? 4 : 2
    return above.has(change.task) ? 3 : 5
  }
  return facts.changes
    .filter((one) => one.what !== 'none')
    .toSorted((a, b) => place(a) - place(b))
    .slice(0, changesMax)
}

const codeOrSetting = ['script', 'env', 'param', 'input', 'host', 'version']

// The change worth a sentence: the blamed parameter, or what was changed in the root task itself where its own doing failed.
function tellingChange(
  facts: RunFacts,
  root: string,
  { verdict, param }: { verdict: Verdict; param: Change | null },
): Change | null {
  if (param !== null) return param
  const trait = traitOf(verdict.cause)
  if (trait.hostLevel || trait.transient || verdict.cause === 'unknown') return null
  const own = facts.changes.filter(
    (one) => one.task === root && codeOrSetting.includes(one.what) && !isUsual(one, facts.restless),
  )
  return own.find((one) => one.what === 'script') ?? own[0] ?? null
}

function survivorsOf({ attempt }: Failure): readonly string[] {
  const { end } = attempt
  if (end?.outcome === 'timed_out') return end.survivors ?? []
  if (end?.outcome !== 'lost') return []
  const fenced = attempt.fenced
  const after = fenced !== undefined && fenced !== null && 'survivors' in fenced ? fenced : end
  return after.survivors ?? []
}

function isHostLevel(
  facts: RunFacts,
  failure: Failure,
  found: Verdict,
  changed: readonly Change[],
): boolean {
  const trait = traitOf(found.cause)
  // A key file that is ours to repair, and git's own ssh, are no trouble of this host.
  const end = failure.attempt.end
  if (found.cause === 'ssh_auth_failure') {
    return found.kind !== 'key_file_mode' && !(end?.outcome === 'exited' && end.exit === 128)
  }
  if (trait.hostLevel || hostSiblings(facts, failure) > 0) return true
  if (found.kind === 'docker_daemon' || found.kind === 'ssh') return true
  if (trait.hostIfUnchanged !== true || facts.lastGoodRun === null) return false
  const root = failure.task.task
  return !changed.some(
    (one) =>
      (one.task === root || one.task === null) &&
      ['script', 'param', 'env', 'version'].includes(one.what),
  )
}

const siblingWindowMs = 120_000

// Others that the same host failed at about the same time, without having run to an end of their own.
function hostSiblings(facts: RunFacts, failure: Failure): number {
  const end = failure.attempt.end
  if (end === null || (end.outcome !== 'not_started' && end.outcome !== 'lost')) return 0
  return failuresOf(facts.view).filter(
    (other) =>
      other.task !== failure.task &&
      other.attempt.host === failure.attempt.host &&
      other.attempt.end?.outcome === end.outcome &&
      Math.abs(other.attempt.end.endedAt - end.endedAt) <= siblingWindowMs,
  ).length
}

function stoppedBefore(facts: RunFacts, key: string): string | null {
  const log = facts.logs.get(key)
  const baseline = facts.baselines.get(key)
  if (log === undefined || baseline === undefined || baseline.logs === 0) return null
  return lastMilestone(log, baseline).missing
}

function gapsOf(facts: RunFacts, failure: Failure, found: Verdict): string[] {
  const gaps: string[] = []
  const key = keyOf(failure.task)
  const end = failure.attempt.end
  const ran = end !== null && end.outcome !== 'not_started'
  const log = facts.logs.get(key)
  const isEmpty = log === undefined || log.lines.length === 0
  if (ran && isEmpty) gaps.push('The attempt wrote no log.')
  if (ran && log !== undefined && !log.whole) gaps.push('The log is long: its middle was not read.')
  if (ran && (facts.baselines.get(key)?.logs ?? 0) === 0)
    gaps.push('There is no good run of this task to compare with.')
  if ((failure.attempt.log?.gaps.length ?? 0) > 0)
    gaps.push('Parts of the log could not be fetched from the host.')
  if (
    found.cause === 'killed_by_signal' &&
    found.kind === 'SIGKILL' &&
    (failure.attempt.snapshot?.oomKills ?? null) === null
  ) {
    gaps.push("The host's memory counters would tell whether the kernel ended it.")
  }
  if (traitOf(found.cause).isDeath === true || found.cause === 'unknown') {
    for (const gap of failure.attempt.snapshot?.missing ?? []) gaps.push(`Of the host: ${gap}.`)
  }
  if (found.kind === 'unnamed') gaps.push('No rule knows the wording of this error.')
  else if (found.kind === 'plain')
    gaps.push('No rule knows what says this: the class is a guess from its plain words.')
  else if (found.cause === 'unknown')
    gaps.push(
      `${isEmpty ? 'The exit code alone does not tell why' : 'No line of the log tells why'}; let the command print errors (for example with \`set -x\`).`,
    )
  return gaps
}

function remediesOf(
  facts: RunFacts,
  root: string,
  cause: string,
): (RemedySpec & { index: number })[] {
  const task = facts.plan.tasks.find((one) => one.name === root)
  return (task?.remedies ?? [])
    .map((remedy, index) => ({ ...remedy, index }))
    .filter(({ cause: due }) => due === null || due === cause || due === widerCause(cause))
}
