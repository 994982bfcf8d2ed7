// What has arrived of one stream and was not read yet. Its size is bounded by the credit that the sender has.

export interface Inbox<Item> extends AsyncIterator<Item, undefined> {
  put(item: Item, cost: number): void
  /** The reader gets what is here, then the end. */
  end(): void
  /** The reader gets what is here, then the error. */
  fail(error: Error): void
  /** The reader goes away: what is here is dropped. */
  leave(): void
}

export interface InboxEvents {
  /** The reader took an item of this cost. */
  onTaken: (cost: number) => void
  /** Once: no more will be read or put. */
  onLeft: () => void
}

type Done = IteratorResult<never, undefined>
const done: Done = { done: true, value: undefined }

export function openInbox<Item>(events: InboxEvents): Inbox<Item> {
  let items: { item: Item; cost: number }[] = []
  let head = 0
  let ending: { error: Error | null } | null = null
  let left = false
  let waiting: {
    resolve: (result: IteratorResult<Item, undefined>) => void
    reject: (error: Error) => void
  } | null = null

  const finish = (error: Error | null): void => {
    if (ending !== null) return
    ending = { error }
    const reader = waiting
    waiting = null
    if (reader === null) return
    leaveOnce()
    if (error === null) reader.resolve(done)
    else reader.reject(error)
  }
  const leaveOnce = (): void => {
    if (left) return
    left = true
    events.onLeft()
  }
  const takeFirst = (): { item: Item; cost: number } | undefined => {
    const first = items[head]
    if (first === undefined) return undefined
    head += 1
    // Shifting an array of thousands per item is quadratic; dropping the read part now and then is not.
    if (head >= 1024 || head === items.length) {
      items = items.slice(head)
      head = 0
    }
    return first
  }

  return {
    put(item, cost) {
      if (ending !== null) return
      if (waiting === null) {
        items.push({ item, cost })
        return
      }
      const reader = waiting
      waiting = null
      events.onTaken(cost)
      reader.resolve({ done: false, value: item })
    },
    end: () => finish(null),
    fail: (error) => finish(error),
    leave() {
      items = []
      head = 0
      finish(null)
      leaveOnce()
    },
    next() {
      const first = takeFirst()
      if (first !== undefined) {
        if (ending === null) events.onTaken(first.cost)
        return Promise.resolve({ done: false, value: first.item })
      }
      if (ending === null) {
        return new Promise((resolve, reject) => (waiting = { resolve, reject }))
      }
      leaveOnce()
      const { error } = ending
      ending = { error: null } // a reader that asks again after the error sees the end
      return error === null ? Promise.resolve(done) : Promise.reject(error)
    },
    return() {
      this.leave()
      return Promise.resolve(done)
    },
  }
}
