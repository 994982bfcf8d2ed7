// A binary heap whose items can be taken out of the middle, or moved when what orders them has changed: O(log n) each.

export class KeyedHeap<Item> {
  readonly #goesBefore: (left: Item, right: Item) => boolean
  readonly #items: Item[] = []
  readonly #placeOf = new Map<Item, number>()

  /** Items must not change their order by themselves: whoever changes one says so with `moved`. */
  constructor(goesBefore: (left: Item, right: Item) => boolean) {
    this.#goesBefore = goesBefore
  }

  get size(): number {
    return this.#items.length
  }

  has(item: Item): boolean {
    return this.#placeOf.has(item)
  }

  peek(): Item | undefined {
    return this.#items[0]
  }

  pop(): Item | undefined {
    const first = this.#items[0]
    if (first !== undefined) this.remove(first)
    return first
  }

  push(item: Item): void {
    if (this.#placeOf.has(item)) return this.moved(item)
    this.#items.push(item)
    this.#rise(item, this.#items.length - 1)
  }

  remove(item: Item): void {
    const place = this.#placeOf.get(item)
    if (place === undefined) return
    this.#placeOf.delete(item)
    const last = this.#items.pop() as Item
    if (last === item) return
    this.#items[place] = last
    this.#placeOf.set(last, place)
    this.moved(last)
  }

  /** Where it stands may be wrong now. */
  moved(item: Item): void {
    const place = this.#placeOf.get(item)
    if (place === undefined) return
    if (this.#rise(item, place) === place) this.#sink(item, place)
  }

  /** In no order. */
  items(): readonly Item[] {
    return this.#items
  }

  #rise(item: Item, from: number): number {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = this.#items[parent] as Item
      if (!this.#goesBefore(item, above)) break
      this.#set(above, at)
      at = parent
    }
    this.#set(item, at)
    return at
  }

  #sink(item: Item, from: number): void {
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= this.#items.length) break
      const right = child + 1
      if (
        right < this.#items.length &&
        this.#goesBefore(this.#items[right] as Item, this.#items[child] as Item)
      )
        child = right
      const below = this.#items[child] as Item
      if (!this.#goesBefore(below, item)) break
      this.#set(below, at)
      at = child
    }
    this.#set(item, at)
  }

  #set(item: Item, at: number): void {
    this.#items[at] = item
    this.#placeOf.set(item, at)
  }
}
