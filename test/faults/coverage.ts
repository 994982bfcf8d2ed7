// What was really done to the hosts and to the engine, by case: a fault that is planned and meets nobody proves nothing.
import type { Case } from './case-shape.ts'
import type { Deed, Done } from './deed-kinds.ts'
import type { Deeds, Evidence, HostEvidence } from './evidence.ts'

export function note(deeds: Deeds, deed: Deed, times = 1): void {
  if (times > 0) deeds.done.set(deed, (deeds.done.get(deed) ?? 0) + times)
}

/** What the case itself saw, and what its evidence shows. */
export function doneIn(one: Case, evidence: Evidence): Done {
  const { deeds, view } = evidence
  const attempts = Object.values(view.tasks).flatMap((task) => task.attempts)
  const ends = attempts.flatMap(({ end }) => (end === null ? [] : [end]))
  const busy = one.machines.filter(({ name }) => attempts.some(({ host }) => host === name))
  note(deeds, 'MaxSessions 1', busy.filter(({ maxSessions }) => maxSessions === 1).length)
  note(deeds, 'noisy shell', busy.filter(({ noisy }) => noisy).length)
  note(deeds, 'timeout', ends.filter(({ outcome }) => outcome === 'timed_out').length)
  const left = ends.filter((end) => survivorsOf(end).length > 0).length
  if (one.kind === 'child of another user') note(deeds, 'survivor of another user', left)
  if (one.kind === 'child in the kernel') note(deeds, 'survivor in the kernel', left)
  note(deeds, 'resume after a failure', view.resumes)
  // Nobody gets in without it.
  const isIn = attempts.some(({ hostStartedAt }) => hostStartedAt !== null)
  note(deeds, 'asked for a passphrase', one.passphrase && isIn ? 1 : 0)
  const isMoved = (end: (typeof ends)[number]): boolean =>
    end.outcome === 'lost' && (end.cause === 'lease_expired' || end.cause === 'failed_over')
  note(deeds, 'failover', ends.filter(isMoved).length)
  for (const { host, at } of deeds.cuts) {
    const there = evidence.hosts.find(({ name }) => name === host)
    if (there !== undefined) for (const deed of metBy(at, there, evidence)) note(deeds, deed)
  }
  return Object.fromEntries(deeds.done)
}

/** Shorter than any silence: who begins so soon after it had been ordered before. */
const underWayMs = 150

/** What was under way on a host when it fell silent. */
function metBy(at: number, host: HostEvidence, { events, view }: Evidence): Set<Deed> {
  const met = new Set<Deed>()
  for (const event of events) {
    if (event.kind !== 'attempt.starting' || event.host !== host.name || event.at > at) continue
    const { task, number } = event
    const life = host.lives.get(`${view.run}.${task}.x.${number}`)
    const heard = events.find(
      (one) =>
        (one.kind === 'attempt.running' || one.kind === 'attempt.ended') &&
        one.task === task &&
        one.number === number,
    )
    if (heard !== undefined && heard.at <= at) {
      if (life !== undefined && life.toMs > at) met.add('cut while streaming')
    } else if (life === undefined || life.fromMs > at + underWayMs) met.add('cut before the start')
    else met.add('cut after the start')
  }
  return met
}

function survivorsOf(end: object): readonly string[] {
  return 'survivors' in end && Array.isArray(end.survivors) ? (end.survivors as string[]) : []
}
