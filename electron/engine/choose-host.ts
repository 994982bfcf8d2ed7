// Which host of its lane takes a task now, and why not the others. Pure: slots, cordons and the state come in.
//   1  A host that is closed or full takes nothing.
//   2  In a pool, a host whose link is down is passed over while another can be reached, and so is one where this task
//      has just failed to start.
//   3  Then health. Then affinity: where the task ran before, its files and caches may still be. Then the pool's own way.
import type { Placement } from '../ports/placement.ts'
import type { AttemptEnd, HostChoice } from '../../shared/run/events.ts'
import { HEALTHY_SCORE, healthScore } from './health.ts'
import { usedSlots } from './state.ts'
import type { HostWork, Lane, LiveTask } from './state.ts'

export interface Chosen {
  host: HostWork
  /** Of a pool only. */
  choice: HostChoice | null
}

export interface HostVerdict {
  host: HostWork
  verdict: 'free' | 'busy' | 'closed' | 'down' | 'tried'
  why: string
}

/** Null: no host can take it now. Limits besides hosts are asked before (`limits.ts`). */
export function chooseHost(
  lane: Lane,
  task: LiveTask,
  placement: Placement,
  now: number,
): Chosen | null {
  const only = lane.hosts.length === 1 ? lane.hosts[0] : undefined
  if (only !== undefined) {
    const isFree = usedSlots(only) < placement.slotsOf(only.name)
    return isFree && placement.closedWhy(only.name) === null ? { host: only, choice: null } : null
  }
  const verdicts = judgeHosts(lane, task, placement)
  const by = { lane, task, placement, now }
  const best = bestOf(usableOf(verdicts), by)
  if (best === null) return null
  const { why, better } = wordsOf(best, by)
  const passedOver = verdicts
    .filter((one) => one !== best)
    .map((one) => ({ host: one.host.name, why: one.verdict === 'free' ? better : one.why }))
  return { host: best.host, choice: { why, passedOver } }
}

/** What each host of a lane says to one task. */
export function judgeHosts(lane: Lane, task: LiveTask, placement: Placement): HostVerdict[] {
  const tried = triedHosts(task)
  const isPool = lane.hosts.length > 1
  return lane.hosts.map((host): HostVerdict => {
    const closed = placement.closedWhy(host.name)
    if (closed !== null) return { host, verdict: 'closed', why: closed }
    const slots = placement.slotsOf(host.name)
    const used = slotWords(host, placement)
    if (isPool && tried.has(host.name))
      return { host, verdict: 'tried', why: 'this task could not start there just now' }
    if (isPool && host.downSince !== null)
      return { host, verdict: 'down', why: `out of reach: ${host.downWhy}` }
    if (usedSlots(host) >= slots) return { host, verdict: 'busy', why: used }
    return { host, verdict: 'free', why: used }
  })
}

// Work waits for a host that is merely full. Where all the open ones are out of reach, one of them is tried all the same:
// a link that nobody needs is not made, so only trying shows that it is back.
function usableOf(verdicts: readonly HostVerdict[]): readonly HostVerdict[] {
  const free = verdicts.filter(({ verdict }) => verdict === 'free')
  if (free.length > 0 || verdicts.some(({ verdict }) => verdict === 'busy')) return free
  const down = verdicts.filter(({ verdict }) => verdict === 'down')
  return down.length > 0 ? down : verdicts.filter(({ verdict }) => verdict === 'tried')
}

interface Choosing {
  lane: Lane
  task: LiveTask
  placement: Placement
  now: number
}

/** Null: none of them has room. */
function bestOf(
  usable: readonly HostVerdict[],
  { lane, task, placement, now }: Choosing,
): HostVerdict | null {
  const before = hostBefore(task)
  const share = (host: HostWork): number => usedSlots(host) / placement.slotsOf(host.name)
  const isHealthy = (host: HostWork): boolean => healthScore(host.trouble, now) >= HEALTHY_SCORE
  // The order of the lane decides between equals.
  const ranked = usable
    .filter(({ host }) => share(host) < 1)
    .toSorted(
      ({ host: a }, { host: b }) =>
        Number(isHealthy(b)) - Number(isHealthy(a)) ||
        Number(b.name === before) - Number(a.name === before) ||
        (lane.pick === 'spread' ? liveOfRun(task, a) - liveOfRun(task, b) : 0) ||
        (lane.pick === 'in_order' ? 0 : share(a) - share(b)),
    )
  return ranked[0] ?? null
}

/** Why this host, and what those that could have taken it are told. */
function wordsOf(
  { host }: HostVerdict,
  { lane, task, placement }: Choosing,
): { why: string; better: string } {
  const { name } = host
  if (name === hostBefore(task))
    return { why: 'it ran here before', better: `${name} had it before` }
  if (lane.pick === 'in_order') return { why: 'the first that can', better: `${name} comes first` }
  if (lane.pick === 'spread') {
    const live = liveOfRun(task, host)
    const why = `${live} ${live === 1 ? 'attempt' : 'attempts'} of this run here, the fewest`
    return { why, better: `${name} has fewer of this run` }
  }
  const why = `${slotWords(host, placement)}, the smallest share`
  return { why, better: `${name} is less busy` }
}

function liveOfRun(task: LiveTask, host: HostWork): number {
  return task.run.liveByHost.get(host.name) ?? 0
}

function slotWords(host: HostWork, placement: Placement): string {
  return `${usedSlots(host)} of ${placement.slotsOf(host.name)} slots in use`
}

/** Where its latest attempt ran, unless the host itself was the trouble. */
function hostBefore(task: LiveTask): string | null {
  const last = task.view.attempts.at(-1)
  if (last === undefined || last.end === null || isHostsFault(last.end)) return null
  return last.host
}

/** The end says something about the host, nothing about the work. */
export function isHostsFault(end: AttemptEnd): boolean {
  return end.outcome === 'not_started' || end.outcome === 'lost'
}

/** Hosts where this task could not start, or was lost, since it last got somewhere; none when those are all there are. */
export function triedHosts(task: LiveTask): ReadonlySet<string> {
  const { attempts, elsewhere } = task.view
  const tried = new Set<string>()
  if (elsewhere === 0) return tried
  for (const { host, end } of attempts.slice(-elsewhere).toReversed()) {
    if (end === null || !isHostsFault(end)) break
    tried.add(host)
  }
  return task.planned.hosts.every((host) => tried.has(host)) ? new Set() : tried
}
