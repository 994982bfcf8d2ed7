// O2: the store says `exited C` exactly where the task came to its own end with C; anything else needs a deed that explains it.
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { TaskShape } from './case-shape.ts'
import { inWords } from './judged.ts'
import type { Judged, OnHost } from './judged.ts'
import { outputHash } from './task-text.ts'

export function judgeEnd(judged: Judged, { key, attempt, host }: OnHost): string[] {
  const { evidence, shape } = judged
  const { deeds } = evidence
  const { end } = attempt
  const started = host.starts.includes(key)
  const natural = host.ends.get(key)
  if (end === null) return evidence.ended ? ['O2: it has no end and the run has'] : []
  const killed = deeds.killed.get(key)
  const wrongs: string[] = []
  if (natural !== undefined && !isEndOf(end, natural) && !mayLoseEnd(judged, key, host.name, end))
    wrongs.push(`O2: it ended by itself with ${natural}, and the store says ${inWords(end)}`)
  switch (end.outcome) {
    case 'exited':
      // The command itself may be removed before its shell has opened it.
      if (deeds.wiped.has(key) && !started && end.exit !== 0) break
      if (natural === undefined) wrongs.push(`O2: ${inWords(end)}, and it never came to an end`)
      // What was taken away under its feet, it did not find.
      if (deeds.wiped.has(key)) break
      if (end.exit === 9) wrongs.push('O2: it was given wrong inputs')
      if (end.exit === 0) wrongs.push(...judgeOutputs(shape, end))
      break
    case 'signalled':
      if (killed !== 'task') wrongs.push(`O2: ${inWords(end)}, and nobody killed it`)
      break
    case 'timed_out':
      if (shape.timeoutMs === null) wrongs.push('O2: timed out without a timeout')
      break
    case 'cancelled':
      if (!deeds.cancelled) wrongs.push('O2: cancelled, and nobody asked for it')
      break
    case 'lost':
      if (!mayBeLost(judged, { key, attempt, host }, end.cause))
        wrongs.push(`O2: ${inWords(end)}, and nothing explains it`)
      break
    case 'not_started':
      if (started) wrongs.push(`O2: ${inWords(end)}, and it did start`)
      if (!mayBeUnstarted(judged, host.name, end))
        wrongs.push(`O2: ${inWords(end)}, and nothing explains it`)
      break
  }
  return wrongs
}

function isEndOf(end: AttemptEnd, natural: number): boolean {
  return end.outcome === 'exited' && end.exit === natural
}

/** The task's own end may be overtaken between its last word and its exit, or its record destroyed. */
function mayLoseEnd(
  { evidence, shape }: Judged,
  key: string,
  host: string,
  end: AttemptEnd,
): boolean {
  const { deeds } = evidence
  if (end.outcome === 'cancelled') return deeds.cancelled
  if (end.outcome === 'timed_out') return shape.timeoutMs !== null
  if (end.outcome === 'signalled') return deeds.killed.get(key) === 'task'
  return (
    end.outcome === 'lost' &&
    (deeds.killed.has(key) ||
      deeds.wiped.has(key) ||
      deeds.rebooted.has(host) ||
      deeds.diskFull.has(host))
  )
}

function mayBeLost({ evidence, shape }: Judged, { key, host }: OnHost, cause: string): boolean {
  const { deeds } = evidence
  switch (cause) {
    case 'host_rebooted':
      return deeds.rebooted.has(host.name)
    case 'supervisor_killed':
    case 'pid_reused':
      return deeds.killed.get(key) === 'supervisor' || deeds.diskFull.has(host.name)
    case 'lease_expired':
    case 'failed_over':
      return shape.pool && deeds.outOfReach.has(host.name)
    case 'record_lost':
      return deeds.diskFull.has(host.name) || deeds.wiped.has(key)
    case 'attempt_vanished':
      return deeds.wiped.has(key)
    default:
      return false
  }
}

/** A folder goes file by file: who comes in between can write in one part and not in the next. */
const wipingMs = 5_000

type NotStarted = Extract<AttemptEnd, { outcome: 'not_started' }>

function mayBeUnstarted({ evidence }: Judged, host: string, end: NotStarted): boolean {
  const { deeds } = evidence
  const isWipedNow = deeds.wipes.some(
    (one) => one.host === host && Math.abs(end.endedAt - one.at) < wipingMs,
  )
  switch (end.cause) {
    case 'host_unreachable':
      return deeds.outOfReach.has(host)
    case 'ssh_host_key_mismatch':
      return deeds.wrongKey.has(host)
    case 'host_refused':
      return deeds.diskFull.has(host) || isWipedNow
    default:
      return false
  }
}

function judgeOutputs(shape: TaskShape, end: Extract<AttemptEnd, { outcome: 'exited' }>): string[] {
  if (shape.outputLines === null) return []
  const output = end.outputs?.find(({ name }) => name === 'data')
  if (output === undefined) return ['O2: it succeeded, and its output is not here']
  const isRight = output.sha256 === outputHash(shape.name, shape.outputLines)
  return isRight ? [] : ['O2: its output has other bytes than it wrote']
}
