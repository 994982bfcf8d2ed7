// The streams of a scripted client: each watches a topic, and what is told to a topic reaches all that watch it.

export type Topic =
  | 'runs'
  | 'hosts'
  | 'asks'
  | 'waves'
  | `run ${string}`
  | `log ${string}`
  | `shell ${string}`

export interface Feeds {
  /** Begins with what `first` holds, and ends with its topic or the signal. */
  open<Item>(topic: Topic, signal: AbortSignal, first: readonly Item[]): AsyncIterable<Item>
  tell(topic: Topic, item: unknown): void
  end(topic: Topic): void
}

interface Feed {
  topic: Topic
  queue: unknown[]
  ended: boolean
  wake: () => void
}

export function makeFeeds(): Feeds {
  const feeds = new Set<Feed>()

  async function* itemsOf(feed: Feed, signal: AbortSignal): AsyncIterable<unknown> {
    const end = (): void => endOne(feed)
    signal.addEventListener('abort', end, { once: true })
    feeds.add(feed)
    try {
      for (;;) {
        while (feed.queue.length > 0) yield feed.queue.shift()
        if (feed.ended || signal.aborted) return
        await new Promise<void>((resolve) => (feed.wake = resolve))
      }
    } finally {
      feeds.delete(feed)
      signal.removeEventListener('abort', end)
    }
  }

  return {
    open: <Item>(topic: Topic, signal: AbortSignal, first: readonly Item[]) =>
      itemsOf(
        { topic, queue: structuredClone([...first]), ended: false, wake: () => {} },
        signal,
      ) as AsyncIterable<Item>,
    tell(topic, item) {
      for (const feed of feeds) {
        if (feed.topic !== topic) continue
        feed.queue.push(structuredClone(item))
        feed.wake()
      }
    },
    end(topic) {
      for (const feed of feeds) if (feed.topic === topic) endOne(feed)
    },
  }
}

function endOne(feed: Feed): void {
  feed.ended = true
  feed.wake()
}
