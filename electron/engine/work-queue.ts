// First come, first served, with cheap removal: an entry that is not ready any more is skipped when its turn comes.

export class WorkQueue<Item> {
  readonly #isReady: (item: Item) => boolean
  #items: Item[] = []
  #head = 0
  #waiting = new Set<Item>()

  constructor(isReady: (item: Item) => boolean) {
    this.#isReady = isReady
  }

  /** Items that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** An item that waits already keeps its place. */
  push(item: Item): void {
    if (this.#waiting.has(item)) return
    this.#waiting.add(item)
    this.#items.push(item)
  }

  remove(item: Item): void {
    this.#waiting.delete(item)
  }

  /** The next ready item, taken out; null when none is ready. */
  take(): Item | null {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head] as Item
      this.#head += 1
      if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head)
        this.#head = 0
      }
      if (this.#waiting.delete(item) && this.#isReady(item)) return item
    }
    this.#items = []
    this.#head = 0
    return null
  }
}
