// What the tray and the notifications say about runs, from the stream of run rows. Pure.
import type { RunRow, RunsWatch } from '../../shared/api/views.ts'
import { isRunEnd } from '../../shared/run/states.ts'

export interface RunNews {
  /** Newest first, `rowsMax` at most. */
  rows: readonly RunRow[]
  /** Runs that ended with this message and that we saw going before. */
  ended: readonly RunRow[]
}

export interface RunCounts {
  running: number
  /** Pipelines, per environment, whose newest ended run failed. */
  failed: number
}

export const noNews: RunNews = { rows: [], ended: [] }

const rowsMax = 500

export function foldRunNews(news: RunNews, message: RunsWatch): RunNews {
  const before = new Map(news.rows.map((row) => [row.run, row]))
  const changed = message.kind === 'snapshot' ? message.rows : [message.row]
  // A snapshot after a lost link: runs that ended meanwhile are news too.
  const ended = changed.filter((row) => {
    const last = before.get(row.run)
    return last !== undefined && !isRunEnd(last.state) && isRunEnd(row.state)
  })
  const after = new Map(before)
  for (const row of changed) after.set(row.run, row)
  const rows = [...after.values()].sort((a, b) => (a.run < b.run ? 1 : -1)).slice(0, rowsMax)
  return { rows, ended }
}

export function countRuns(rows: readonly RunRow[]): RunCounts {
  const newestEnd = new Map<string, RunRow>()
  let running = 0
  for (const row of rows) {
    if (!isRunEnd(row.state)) running++
    const key = `${row.pipeline}\0${row.environment}`
    if (isRunEnd(row.state) && !newestEnd.has(key)) newestEnd.set(key, row)
  }
  const failed = [...newestEnd.values()].filter((row) => row.state === 'failed').length
  return { running, failed }
}

export function countsInWords({ running, failed }: RunCounts): string {
  if (running === 0 && failed === 0) return 'Nothing runs'
  const parts = []
  if (running > 0) parts.push(`${running} ${running === 1 ? 'run' : 'runs'} going`)
  if (failed > 0) parts.push(`${failed} ${failed === 1 ? 'pipeline' : 'pipelines'} failed`)
  return parts.join(', ')
}

/** Null for an end that needs no word: the person who cancelled knows. */
export function noticeOfEnd(row: RunRow): { title: string; body: string } | null {
  const where = row.environment === '' ? '' : ` in ${row.environment}`
  const seconds =
    row.startedAt === null || row.endedAt === null
      ? ''
      : ` after ${durationInWords(row.endedAt - row.startedAt)}`
  switch (row.state) {
    case 'succeeded':
      return { title: `${row.pipeline} succeeded`, body: `Done${where}${seconds}.` }
    case 'failed':
      return {
        title: `${row.pipeline} failed`,
        body: `Failed${where}${seconds}. Click to see why.`,
      }
    default:
      return null
  }
}

function durationInWords(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
