// Starts queued work while there is room for it. What changed is looked at, and nothing else (E6): lanes where work came in,
// and of each host or limit that has room again the lanes that wait there, best first, until one of them fills it or may
// not go past it (S4).
import { chooseHost } from './choose-host.ts'
import type { Chosen } from './choose-host.ts'
import { emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { KeyedHeap } from './keyed-heap.ts'
import { park, unpark } from './lanes.ts'
import { blockOf, hasRoom } from './limits.ts'
import { laneGoesBefore, usedSlots } from './state.ts'
import type { Lane, LiveTask, Place } from './state.ts'

export function decideStarts(draft: Draft): void {
  if (draft.stirred.size === 0 && draft.freed.size === 0) return
  new Round(draft).go()
}

class Round {
  readonly #draft: Draft
  readonly #ready = new KeyedHeap<Lane>(laneGoesBefore)
  /** For whose room a lane was called. */
  readonly #calledFor = new Map<Lane, Place[]>()
  /** Their first can go to none of their hosts, though there is room for others: they wait there without being in the way. */
  readonly #stuck: Lane[] = []

  constructor(draft: Draft) {
    this.#draft = draft
  }

  go(): void {
    const { stirred, freed } = this.#draft
    for (const lane of stirred) {
      // Its first may be another now: those that it held up may come before it.
      for (const place of lane.parkedAt) if ('kind' in place) freed.add(place)
      this.#call(lane)
    }
    for (const place of freed) this.#callNext(place)
    for (let lane = this.#ready.pop(); lane !== undefined; lane = this.#ready.pop()) {
      const full = this.#tryLane(lane)
      const places = this.#calledFor.get(lane) ?? []
      this.#calledFor.delete(lane)
      for (const place of places) if (!full.includes(place)) this.#callNext(place)
    }
    for (const lane of this.#stuck) park(lane, lane.hosts)
    stirred.clear()
    freed.clear()
  }

  #call(lane: Lane): void {
    unpark(lane)
    if (lane.queue.size > 0) this.#ready.push(lane)
  }

  #callNext(place: Place): void {
    const lane = place.parked.peek()
    if (lane === undefined || !this.#hasRoom(place)) return
    this.#call(lane)
    const places = this.#calledFor.get(lane)
    if (places === undefined) this.#calledFor.set(lane, [place])
    else places.push(place)
  }

  #hasRoom(place: Place): boolean {
    const { placement } = this.#draft
    if ('kind' in place) return hasRoom(place, this.#draft)
    return (
      usedSlots(place) < placement.slotsOf(place.name) && placement.closedWhy(place.name) === null
    )
  }

  /** Starts the first of the lane, or lets the lane wait; gives the places that nobody behind it may go past. */
  #tryLane(lane: Lane): readonly Place[] {
    const task = lane.queue.peek()
    if (task === null) return []
    const { placement, now, state } = this.#draft
    const block = blockOf(lane, { placement, now, goesBefore: laneGoesBefore })
    if (block !== null) {
      const { limit } = block.need
      if (block.kind === 'rate' && limit.opensAt !== block.opensAt) {
        limit.opensAt = block.opensAt
        state.due.add(block.opensAt, { kind: 'rate_opens', semaphore: limit.name })
      }
      // What can never start must not be in the way of what can; a change of the workspace looks at all of them.
      if (block.kind === 'never') return []
      park(lane, [limit])
      return [limit]
    }
    const chosen = chooseHost(lane, task, placement, now)
    if (chosen === null) {
      this.#stuck.push(lane)
      return []
    }
    startAttempt(this.#draft, task, chosen)
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
