// Who may connect now. A workspace of hundreds of hosts does not open hundreds of connections at once, and a gateway or
// a host that says "too many" (sshd's MaxStartups) is believed.
//   B1  At most so many handshakes at once in all, and so many at one place: an address, or the jump host before it.
//   B2  In the order of asking; one whose place is full does not hold back those behind it; a person goes first.
//   B3  A handshake that takes long waits for a person or for a dead address: it holds back only its own place.
//   B4  A place that is too busy gets fewer at once, and none for a moment (additive increase, multiplicative decrease).
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import { TransportError } from './transport.ts'

export type Outcome = 'made' | 'busy' | 'failed'

export interface ConnectTurn {
  /** Once; more than that changes nothing. */
  leave(outcome: Outcome): void
}

export interface ConnectRequest {
  /** Where the first TCP connection goes; may have to ask the configuration. */
  place: () => Promise<string>
  /** A person waits for it. Asked whenever a turn is free. */
  isUrgent: () => boolean
  /** It does not get its turn at once. */
  onWait?: (ahead: number) => void
}

export interface ConnectBudget {
  /** Rejects with the signal's reason. */
  enter(request: ConnectRequest, signal: AbortSignal): Promise<ConnectTurn>
}

export interface ConnectBudgetOptions {
  clock: Clock
  dice: Dice
  atOnceMax?: number
  atOncePerPlaceMax?: number
}

const atOnceMaxDefault = 8
const atOncePerPlaceMaxDefault = 2
/** B3. */
const freshMs = 4_000
/** B4. */
const recovery = 0.25
const pauseMsMin = 200
const pauseMsMax = 5_000
const waitingMax = 10_000
/** Of configurations that are asked at once: each may be a process. */
const lookupsMax = 4

interface Place {
  active: number
  limit: number
  busyInRow: number
  notBefore: number
}

interface Waiter {
  place: string
  isUrgent: () => boolean
  go: () => void
}

export function openConnectBudget(options: ConnectBudgetOptions): ConnectBudget {
  const { clock, dice } = options
  const atOnceMax = options.atOnceMax ?? atOnceMaxDefault
  const perPlaceMax = options.atOncePerPlaceMax ?? atOncePerPlaceMaxDefault
  const places = new Map<string, Place>()
  const waiters: Waiter[] = []
  const lookups: (() => void)[] = []
  let looking = 0
  let fresh = 0
  let stopTimer: () => void = () => undefined

  const placeOf = (name: string): Place => {
    const known = places.get(name)
    if (known !== undefined) return known
    const made = { active: 0, limit: perPlaceMax, busyInRow: 0, notBefore: 0 }
    places.set(name, made)
    return made
  }
  const mayGo = ({ place }: Waiter): boolean => {
    const { active, limit, notBefore } = placeOf(place)
    return active < Math.floor(limit) && notBefore <= clock.monotonic()
  }
  const admit = (): void => {
    while (fresh < atOnceMax) {
      const ready = waiters.filter(mayGo)
      const next = ready.find((waiter) => waiter.isUrgent()) ?? ready[0]
      if (next === undefined) break
      waiters.splice(waiters.indexOf(next), 1)
      next.go()
    }
    wakeForPauses()
  }
  const wakeForPauses = (): void => {
    stopTimer()
    const now = clock.monotonic()
    const dueAt = Math.min(
      ...waiters.map(({ place }) => placeOf(place).notBefore).filter((at) => at > now),
    )
    if (dueAt !== Number.POSITIVE_INFINITY) stopTimer = clock.after(dueAt - now, admit)
  }
  const settle = (place: Place, outcome: Outcome): void => {
    if (outcome === 'made') {
      place.busyInRow = 0
      place.limit = Math.min(perPlaceMax, place.limit + recovery)
    } else if (outcome === 'busy') {
      place.limit = Math.max(1, place.limit / 2)
      const top = Math.min(pauseMsMax, pauseMsMin * 2 ** Math.min(++place.busyInRow, 10))
      place.notBefore = clock.monotonic() + top * dice.roll()
    }
  }
  const take = (name: string): ConnectTurn => {
    const place = placeOf(name)
    place.active++
    fresh++
    let isFresh = true
    const noLongerFresh = (): void => {
      if (!isFresh) return
      isFresh = false
      fresh--
    }
    const stopFresh = clock.after(freshMs, () => {
      noLongerFresh()
      admit()
    })
    let hasLeft = false
    return {
      leave(outcome) {
        if (hasLeft) return
        hasLeft = true
        stopFresh()
        noLongerFresh()
        place.active--
        settle(place, outcome)
        const isAsBefore = place.active === 0 && place.limit === perPlaceMax
        if (isAsBefore && place.notBefore <= clock.monotonic()) places.delete(name)
        admit()
      },
    }
  }

  const look = async (place: () => Promise<string>): Promise<string> => {
    if (looking >= lookupsMax) await new Promise<void>((resolve) => lookups.push(resolve))
    else looking++
    try {
      return await place()
    } finally {
      // The turn goes from hand to hand.
      const next = lookups.shift()
      if (next === undefined) looking--
      else next()
    }
  }

  return {
    async enter({ place, isUrgent, onWait }, signal) {
      signal.throwIfAborted()
      const name = await look(place)
      signal.throwIfAborted()
      if (waiters.length >= waitingMax)
        throw new TransportError('host_unreachable', `${waitingMax} hosts wait to be connected.`)
      return await new Promise<ConnectTurn>((resolve, reject) => {
        const waiter: Waiter = {
          place: name,
          isUrgent,
          go() {
            signal.removeEventListener('abort', onAbort)
            resolve(take(name))
          },
        }
        const onAbort = (): void => {
          waiters.splice(waiters.indexOf(waiter), 1)
          wakeForPauses()
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', onAbort, { once: true })
        const ahead = waiters.length
        waiters.push(waiter)
        admit()
        if (waiters.includes(waiter)) onWait?.(ahead)
      })
    },
  }
}
