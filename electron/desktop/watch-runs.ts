// Follows the runs of the engine for the tray and the notifications, also over a link that is lost and made again.
import type { Client } from '../../shared/api/contract.ts'
import type { RunRow } from '../../shared/api/views.ts'
import type { Clock } from '../ports/clock.ts'
import { sleep } from '../ports/clock.ts'
import { countRuns, foldRunNews, noNews, type RunCounts } from './run-news.ts'

export interface RunWatcher {
  onCounts(counts: RunCounts): void
  onEnded(row: RunRow): void
  onError(error: unknown): void
}

const againAfterMs = 2_000

/** Until `signal` is aborted. */
export async function watchRuns(
  clientNow: () => Promise<Client>,
  clock: Clock,
  watcher: RunWatcher,
  signal: AbortSignal,
): Promise<void> {
  let news = noNews
  while (!signal.aborted) {
    try {
      const client = await clientNow()
      for await (const message of client.stream('runs.watch', {}, signal)) {
        news = foldRunNews(news, message)
        watcher.onCounts(countRuns(news.rows))
        for (const row of news.ended) watcher.onEnded(row)
      }
    } catch (error) {
      if (!signal.aborted) watcher.onError(error)
    }
    // Aborted while it waits: the loop's condition ends it.
    await sleep(clock, againAfterMs, signal).catch(() => {})
  }
}
