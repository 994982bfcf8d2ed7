// First come, first served, with cheap removal: an entry that is not ready any more is skipped when its turn comes.

interface Entry<Item> {
  item: Item
  ticket: number
}

export class WorkQueue<Item> {
  readonly #isReady: (item: Item) => boolean
  #entries: Entry<Item>[] = []
  #head = 0
  #waiting = new Set<Item>()

  constructor(isReady: (item: Item) => boolean) {
    this.#isReady = isReady
  }

  /** Items that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** `ticket` grows with each push. An item that waits already keeps its place. */
  push(item: Item, ticket: number): void {
    if (this.#waiting.has(item)) return
    this.#waiting.add(item)
    this.#entries.push({ item, ticket })
  }

  remove(item: Item): void {
    this.#waiting.delete(item)
  }

  /** The next ready item, left where it is; null when none is ready. */
  peek(): Readonly<Entry<Item>> | null {
    while (this.#head < this.#entries.length) {
      const entry = this.#entries[this.#head] as Entry<Item>
      if (this.#waiting.has(entry.item) && this.#isReady(entry.item)) return entry
      this.#waiting.delete(entry.item)
      this.#step()
    }
    this.#entries = []
    this.#head = 0
    return null
  }

  /** Takes out what `peek` gave. */
  take(): void {
    const entry = this.#entries[this.#head]
    if (entry === undefined) return
    this.#waiting.delete(entry.item)
    this.#step()
  }

  /** How many wait before it. Looks at all of them: for people, not for decisions. */
  ahead(item: Item): number {
    let count = 0
    for (let at = this.#head; at < this.#entries.length; at += 1) {
      const entry = this.#entries[at] as Entry<Item>
      if (entry.item === item) return count
      if (this.#waiting.has(entry.item)) count += 1
    }
    return count
  }

  #step(): void {
    this.#head += 1
    if (this.#head <= 1024 || this.#head * 2 <= this.#entries.length) return
    this.#entries = this.#entries.slice(this.#head)
    this.#head = 0
  }
}
