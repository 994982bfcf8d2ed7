// A binary heap: the earliest of many in O(log n).

export interface MinHeap<T> {
  push(item: T): void
  peek(): T | undefined
  pop(): T | undefined
  size(): number
}

export function minHeap<T>(isBefore: (left: T, right: T) => boolean): MinHeap<T> {
  const items: T[] = []

  const rise = (item: T, from: number): void => {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  const sink = (item: T): void => {
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(items[child + 1]!, items[child]!)) child += 1
      if (!isBefore(items[child]!, item)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }

  return {
    push(item) {
      items.push(item)
      rise(item, items.length - 1)
    },
    peek: () => items[0],
    pop() {
      const first = items[0]
      const last = items.pop()
      if (last !== undefined && items.length > 0) sink(last)
      return first
    },
    size: () => items.length,
  }
}
