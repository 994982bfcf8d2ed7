// The work of one lane that waits its turn.
//   Q1  Higher priority first.
//   Q2  Within a priority, the run that has the fewest live attempts of this lane; between equals, the one that has waited
//       longest since it came or had its last turn. So many runs share a lane, however much one of them has queued. Each
//       live attempt counts as an hour less of waiting, so that no stream of new runs starves one that has some.
//   Q3  Within a run first come, first served; what came at the same time goes in the order of the plan.
//   Q4  The order follows from what is stored, so that it is the same after a restart.
//   Q5  Every operation that decides costs O(log n) at most.
import { KeyedHeap } from './keyed-heap.ts'

/** Where an item stands. Nothing of it changes while the item waits. */
export interface Standing<Run extends object> {
  run: Run
  /** Decides between runs that are equal in all else. */
  runName: string
  priority: number
  /** When it was queued. */
  since: number
  /** Its place in the plan. */
  order: number
}

interface Entry<Item> {
  item: Item
  since: number
  order: number
  line: Line<Item>
}

/** What one run has in this lane. */
interface Share<Item> {
  runName: string
  live: number
  startedAt: number
  starts: number
  lines: Map<number, Line<Item>>
}

/** What one run has waiting at one priority. */
interface Line<Item> {
  share: Share<Item>
  priority: number
  entries: KeyedHeap<Entry<Item>>
}

/** For people: who goes before an item. */
export interface Ahead {
  /** Of higher priority. */
  higher: number
  /** Of the same run and priority. */
  ofRun: number
  /** Of other runs, by fair share. */
  ofOthers: number
}

/** A person reads no number beyond it. */
const AHEAD_MAX = 10_000

export class WorkQueue<Item, Run extends object> {
  readonly #placeOf: (item: Item) => Standing<Run>
  readonly #entryOf = new Map<Item, Entry<Item>>()
  /** Weak: it goes with the run. */
  readonly #shareOf = new WeakMap<Run, Share<Item>>()
  readonly #lines: KeyedHeap<Line<Item>>

  readonly #onCompare: () => void

  /** `onCompare`: of tests, which count. */
  constructor(placeOf: (item: Item) => Standing<Run>, onCompare: () => void = () => {}) {
    this.#placeOf = placeOf
    this.#onCompare = onCompare
    this.#lines = new KeyedHeap((left, right) => {
      onCompare()
      return compareLines(left, right) < 0
    })
  }

  /** Items that wait. */
  get size(): number {
    return this.#entryOf.size
  }

  /** An item that waits already keeps its place. */
  push(item: Item): void {
    if (this.#entryOf.has(item)) return
    const { run, priority, since, order, runName } = this.#placeOf(item)
    const line = this.#lineOf(this.#share(run, runName), priority)
    const entry = { item, since, order, line }
    this.#entryOf.set(item, entry)
    line.entries.push(entry)
    this.#lines.push(line)
  }

  remove(item: Item): void {
    const entry = this.#entryOf.get(item)
    if (entry === undefined) return
    this.#entryOf.delete(item)
    const { line } = entry
    line.entries.remove(entry)
    if (line.entries.size > 0) return this.#lines.moved(line)
    this.#lines.remove(line)
    line.share.lines.delete(line.priority)
  }

  /** Whose turn it is; null when nothing waits. */
  peek(): Item | null {
    return this.#lines.peek()?.entries.peek()?.item ?? null
  }

  /** Since when the first waits: for its run's turn, or since it came. */
  get since(): number {
    const line = this.#lines.peek()
    return line === undefined ? Number.POSITIVE_INFINITY : turnOf(line)
  }

  /** An attempt of the item has started, or is known to have. */
  started(item: Item, at: number): void {
    const { run, runName } = this.#placeOf(item)
    this.#change(this.#share(run, runName), (share) => {
      share.startedAt = Math.max(share.startedAt, at)
      share.starts += 1
    })
  }

  /** How many more attempts (or fewer) of the item's run live. */
  addLive(item: Item, change: 1 | -1): void {
    const { run, runName } = this.#placeOf(item)
    this.#change(this.#share(run, runName), (share) => {
      share.live += change
    })
  }

  /** Between lanes: priority, then who has waited longest. An empty one comes last. */
  goesBefore(other: WorkQueue<Item, Run>): boolean {
    const mine = this.#lines.peek()
    const theirs = other.#lines.peek()
    if (mine === undefined || theirs === undefined)
      return theirs === undefined && mine !== undefined
    const order =
      theirs.priority - mine.priority ||
      turnOf(mine) - turnOf(theirs) ||
      compareNames(mine, theirs) ||
      compareEntries(firstOf(mine), firstOf(theirs))
    return order < 0
  }

  /** Who goes before it, as it looks now. Looks at all of them: for people, not for decisions. */
  ahead(item: Item): Ahead {
    const own = this.#entryOf.get(item)
    if (own === undefined) return { higher: 0, ofRun: 0, ofOthers: 0 }
    let higher = 0
    const rivals: Rival[] = []
    let mine: Rival | null = null
    for (const line of this.#lines.items()) {
      if (line.priority > own.line.priority) higher += line.entries.size
      if (line.priority !== own.line.priority) continue
      const { live, runName } = line.share
      const rival = { left: line.entries.size, live, turn: turnOf(line), runName, served: 0 }
      rivals.push(rival)
      if (line === own.line) mine = rival
    }
    const ofRun = own.line.entries.items().filter((entry) => compareEntries(entry, own) < 0).length
    return { higher, ofRun, ofOthers: mine === null ? 0 : othersBefore(rivals, mine, ofRun) }
  }

  #share(run: Run, runName: string): Share<Item> {
    let share = this.#shareOf.get(run)
    if (share === undefined) {
      share = { runName, live: 0, startedAt: Number.NEGATIVE_INFINITY, starts: 0, lines: new Map() }
      this.#shareOf.set(run, share)
    }
    return share
  }

  #lineOf(share: Share<Item>, priority: number): Line<Item> {
    let line = share.lines.get(priority)
    if (line === undefined) {
      const entries = new KeyedHeap<Entry<Item>>((left, right) => {
        this.#onCompare()
        return compareEntries(left, right) < 0
      })
      line = { share, priority, entries }
      share.lines.set(priority, line)
    }
    return line
  }

  // All of the run's lines move at once, so they must not be in the heap meanwhile. A run has few priorities in one lane.
  #change(share: Share<Item>, change: (share: Share<Item>) => void): void {
    for (const line of share.lines.values()) this.#lines.remove(line)
    change(share)
    for (const line of share.lines.values()) this.#lines.push(line)
  }
}

function compareLines<Item>(left: Line<Item>, right: Line<Item>): number {
  return (
    right.priority - left.priority ||
    rankOf(left.share.live, turnOf(left)) - rankOf(right.share.live, turnOf(right)) ||
    left.share.starts - right.share.starts ||
    compareNames(left, right)
  )
}

const LIVE_COUNTS_MS = 3_600_000

/** Q2. The smallest is next. */
function rankOf(live: number, turn: number): number {
  return turn + live * LIVE_COUNTS_MS
}

// Since when it waits: since its first came, or since its run's last turn.
function turnOf<Item>(line: Line<Item>): number {
  return Math.max(line.share.startedAt, firstOf(line).since)
}

function compareNames<Item>(left: Line<Item>, right: Line<Item>): number {
  const [one, other] = [left.share.runName, right.share.runName]
  return one < other ? -1 : Number(one > other)
}

/** A line in use is never empty. */
function firstOf<Item>(line: Line<Item>): Entry<Item> {
  return line.entries.peek() as Entry<Item>
}

function compareEntries<Item>(left: Entry<Item>, right: Entry<Item>): number {
  return left.since - right.since || left.order - right.order
}

interface Rival {
  left: number
  live: number
  turn: number
  runName: string
  served: number
}

// Plays the turns until all of the run's own that come first have had theirs, and it is its turn.
function othersBefore(rivals: readonly Rival[], mine: Rival, own: number): number {
  const heap = new KeyedHeap<Rival>((left, right) => {
    const order = rankOf(left.live, left.turn) - rankOf(right.live, right.turn)
    return order < 0 || (order === 0 && left.runName < right.runName)
  })
  for (const rival of rivals) heap.push(rival)
  let latest = rivals.reduce((most, { turn }) => Math.max(most, turn), 0)
  let others = 0
  while (others < AHEAD_MAX) {
    const next = heap.pop()
    if (next === undefined) break
    if (next !== mine) others += 1
    else if (mine.served === own) break
    next.served += 1
    next.live += 1
    latest += 1
    next.turn = latest
    if (next.served < next.left) heap.push(next)
  }
  return others
}
