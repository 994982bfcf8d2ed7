// Starts queued work while there is room for it. What changed is looked at, and nothing else (E6): lanes where work came in,
// and of each host or limit that has room again the lanes that wait there, best first, until one of them fills it or may
// not go past it (S4).
import { chooseHost } from './choose-host.ts'
import type { Chosen } from './choose-host.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { KeyedHeap } from './keyed-heap.ts'
import { claim, heldBack, park, unpark } from './lanes.ts'
import { blockOf, hasRoom, rateOpensAt } from './limits.ts'
import type { Limit } from './limits.ts'
import { laneGoesBefore, usedSlots } from './state.ts'
import type { HostWork, Lane, LiveTask, Place } from './state.ts'

/** What has waited so long for one thing has its share of the others kept for it (S5). */
const CLAIM_AFTER_MS = 10 * 60_000

export function decideStarts(draft: Draft): void {
  if (draft.stirred.size === 0 && draft.freed.size === 0) return
  // Whoever takes a drain back stirs all lanes, so nothing has to be kept for then.
  if (draft.placement.drain() !== null) return
  new Round(draft).go()
}

const notCalled = { places: [], claims: [] }

class Round {
  readonly #draft: Draft
  readonly #ready = new KeyedHeap<Lane>(laneGoesBefore)
  /** For whose room a lane was called, and what was kept for it. */
  readonly #called = new Map<Lane, { places: readonly Place[]; claims: readonly Limit<Lane>[] }>()
  /** Who was called for it since the last start: nothing has changed for them. */
  readonly #looked = new Map<Place, Set<Lane>>()
  /** Their first can go to none of their hosts, though there is room for others: they wait there without being in the way. */
  readonly #stuck: Lane[] = []

  constructor(draft: Draft) {
    this.#draft = draft
  }

  go(): void {
    const { stirred, freed } = this.#draft
    for (const lane of stirred) {
      // Its first may be another now: those that it held up may come before it.
      for (const limit of heldBack(lane)) freed.add(limit)
      this.#call(lane)
    }
    for (const place of freed) this.#callNext(place)
    for (let lane = this.#ready.pop(); lane !== undefined; lane = this.#ready.pop()) {
      const full = this.#tryLane(lane)
      const { places, claims } = this.#called.get(lane) ?? notCalled
      this.#called.delete(lane)
      for (const place of places) if (!full.includes(place)) this.#callNext(place)
      // What was kept for it and is no more.
      for (const limit of claims)
        if (!full.includes(limit) && !lane.claims.includes(limit)) this.#callNext(limit)
    }
    for (const lane of this.#stuck) park(lane, lane.hosts)
    stirred.clear()
    freed.clear()
  }

  #call(lane: Lane, place?: Place): void {
    const before = this.#called.get(lane) ?? notCalled
    const places = place === undefined ? before.places : [...before.places, place]
    this.#called.set(lane, { places, claims: [...before.claims, ...lane.claims] })
    unpark(lane)
    if (lane.queue.size > 0) this.#ready.push(lane)
  }

  /** S5. */
  #claimOthers(lane: Lane, blocked: Limit<Lane> | null): void {
    const { now, placement } = this.#draft
    if (now - lane.queue.since < CLAIM_AFTER_MS) return
    // Nobody knows when a host that is closed or out of reach is back.
    const isOpen = ({ name, downSince }: HostWork): boolean =>
      downSince === null && placement.closedWhy(name) === null
    if (!lane.hosts.some(isOpen)) return
    const limits = lane.needs.map(({ limit }) => limit)
    claim(
      lane,
      limits.filter((limit) => limit !== blocked),
    )
  }

  #callNext(place: Place): void {
    const lane = place.parked.peek()
    if (lane === undefined || !this.#hasRoom(place)) return
    const looked = this.#looked.get(place) ?? new Set()
    if (looked.has(lane)) return
    this.#looked.set(place, looked.add(lane))
    this.#call(lane, place)
  }

  #hasRoom(place: Place): boolean {
    const { placement } = this.#draft
    if ('kind' in place) {
      // Who came to wait there for room may wait for its rate by now, and nothing else would tell that it opens.
      const opensAt = rateOpensAt(place, this.#draft)
      if (opensAt !== null) this.#awaitRate(place, opensAt)
      return hasRoom(place, this.#draft)
    }
    return (
      usedSlots(place) < placement.slotsOf(place.name) && placement.closedWhy(place.name) === null
    )
  }

  #awaitRate(limit: Limit<Lane>, opensAt: number): void {
    if (limit.opensAt === opensAt) return
    limit.opensAt = opensAt
    this.#draft.state.due.add(opensAt, { kind: 'rate_opens', semaphore: limit.name })
  }

  /** Starts the first of the lane, or lets the lane wait; gives the places that nobody behind it may go past. */
  #tryLane(lane: Lane): readonly Place[] {
    const task = lane.queue.peek()
    if (task === null) return []
    const { placement, now } = this.#draft
    const block = blockOf(lane, { placement, now, goesBefore: laneGoesBefore })
    if (block !== null) {
      const { limit } = block.need
      if (block.kind === 'rate') this.#awaitRate(limit, block.opensAt)
      // What can never start must not be in the way of what can; a change of the workspace looks at all of them.
      if (block.kind === 'never') return []
      park(lane, [limit])
      this.#claimOthers(lane, limit)
      return [limit]
    }
    const chosen = chooseHost(lane, task, placement, now)
    if (chosen === null) {
      this.#stuck.push(lane)
      this.#claimOthers(lane, null)
      return []
    }
    startAttempt(this.#draft, task, chosen)
    this.#looked.clear()
    if (lane.queue.size > 0) this.#ready.push(lane)
    return []
  }
}

function startAttempt(draft: Draft, task: LiveTask, { host, choice }: Chosen): void {
  const number = task.view.attempts.length + 1
  emitTask(draft, task, {
    kind: 'attempt.starting',
    ...nameOf(task),
    number,
    host: host.name,
    ...(choice === null ? {} : { chosen: choice }),
  })
  draft.effects.push({ kind: 'start', host: host.name, task, number })
}

/** The window of a rate has moved on. */
export function openRate(draft: Draft, semaphore: string): void {
  const limit = draft.state.limits.byName.get(`semaphore ${semaphore}`)
  if (limit === undefined) return
  limit.opensAt = null
  draft.freed.add(limit)
}
