// Follows what waits for a person, also over a link that is lost and made again.
import type { Client, InputOf, ItemOf, StreamName } from '../../shared/api/contract.ts'
import type { RunRow } from '../../shared/api/views.ts'
import { sleep, type Clock } from '../ports/clock.ts'
import {
  freshAsks,
  freshQuestions,
  isNewDoubt,
  noticeOfAsk,
  noticeOfDoubt,
  noticeOfQuestions,
  type Notice,
} from './person-news.ts'

export interface PersonWatcher {
  onNotice(notice: Notice): void
  onError(error: unknown): void
}

type ClientNow = () => Promise<Client>

const againAfterMs = 2_000
/** A short cut of a link is over by then, and nobody has to be told. */
const settleMs = 5_000

/** Until `signal` is aborted. */
export async function watchPerson(
  clientNow: ClientNow,
  clock: Clock,
  watcher: PersonWatcher,
  signal: AbortSignal,
): Promise<void> {
  const follow = followStream(clientNow, clock, watcher, signal)
  const seen = new Set<string>()
  const asks = follow('ask.watch', {}, (item) => {
    for (const ask of freshAsks(seen, item.asks)) {
      seen.add(ask.id)
      watcher.onNotice(noticeOfAsk(ask))
    }
  })
  const rows = new Map<string, RunRow>()
  const doubts = follow('runs.watch', { limit: 100 }, (item) => {
    for (const row of item.kind === 'snapshot' ? item.rows : [item.row]) {
      const isNew = isNewDoubt(rows.get(row.run), row)
      const notice = noticeOfQuestions(row, freshQuestions(rows.get(row.run), row))
      if (notice !== null) watcher.onNotice(notice)
      rows.set(row.run, row)
      if (isNew) void tellDoubt(row.run)
    }
  })

  async function tellDoubt(run: string): Promise<void> {
    try {
      await sleep(clock, settleMs, signal)
      const client = await clientNow()
      const once = new AbortController()
      for await (const item of client.stream('run.watch', { run }, once.signal)) {
        once.abort()
        const notice = item.kind === 'snapshot' ? noticeOfDoubt(item.view, item.graph) : null
        if (notice !== null) watcher.onNotice(notice)
        return
      }
    } catch (error) {
      if (!signal.aborted) watcher.onError(error)
    }
  }

  await Promise.all([asks, doubts])
}

function followStream(
  clientNow: ClientNow,
  clock: Clock,
  watcher: PersonWatcher,
  signal: AbortSignal,
) {
  return async <K extends StreamName>(
    name: K,
    input: InputOf<K>,
    onItem: (item: ItemOf<K>) => void,
  ): Promise<void> => {
    while (!signal.aborted) {
      try {
        const client = await clientNow()
        for await (const item of client.stream(name, input, signal)) onItem(item)
      } catch (error) {
        if (!signal.aborted) watcher.onError(error)
      }
      // Aborted while it waits: the loop's condition ends it.
      await sleep(clock, againAfterMs, signal).catch(() => {})
    }
  }
}
