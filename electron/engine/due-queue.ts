// What is due when. Entries are never removed; whoever takes one checks that it still means something.
import { minHeap } from '../../shared/schedule/min-heap.ts'

export class DueQueue<Item> {
  readonly #heap = minHeap<{ at: number; order: number; item: Item }>((a, b) =>
    a.at === b.at ? a.order < b.order : a.at < b.at,
  )
  #order = 0

  /** When the next item is due; null when none is. */
  get nextAt(): number | null {
    return this.#heap.peek()?.at ?? null
  }

  add(at: number, item: Item): void {
    this.#heap.push({ at, order: this.#order++, item })
  }

  /** The first item due at or before `now`, taken out; null when none is. Equal times come in the order they were added. */
  take(now: number): Item | null {
    const first = this.#heap.peek()
    if (first === undefined || first.at > now) return null
    this.#heap.pop()
    return first.item
  }
}
