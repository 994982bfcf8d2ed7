import { expect, test } from 'vitest'
import {
  countRuns,
  countsInWords,
  foldRunNews,
  noNews,
  noticeOfEnd,
} from '../../electron/desktop/run-news.ts'
import type { RunRow } from '../../shared/api/views.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import type { RunState } from '../../shared/run/states.ts'

function row(number: number, state: RunState, more: Partial<RunRow> = {}): RunRow {
  return {
    run: `20260101-00000${number}-aaaaaaaa` as RunId,
    pipeline: 'orders',
    environment: 'dev',
    version: 'v' as VersionId,
    state,
    cause: { kind: 'person', by: 'ada' },
    createdAt: number,
    startedAt: 0,
    endedAt: 65_000,
    counts: {},
    ...more,
  }
}

test('only a run that was seen going is news when it ends', () => {
  const first = foldRunNews(noNews, {
    kind: 'snapshot',
    rows: [row(2, 'running'), row(1, 'failed')],
  })
  expect(first.ended).toEqual([])
  const second = foldRunNews(first, { kind: 'row', row: row(2, 'succeeded') })
  expect(second.ended.map(({ run }) => run)).toEqual([row(2, 'succeeded').run])
  expect(foldRunNews(second, { kind: 'row', row: row(2, 'succeeded') }).ended).toEqual([])
})

test('a run that ended while the link was lost is news with the next snapshot', () => {
  const before = foldRunNews(noNews, { kind: 'snapshot', rows: [row(1, 'running')] })
  const after = foldRunNews(before, { kind: 'snapshot', rows: [row(1, 'failed')] })
  expect(after.ended).toHaveLength(1)
})

test('a run that was resumed and ends again is news again', () => {
  const states: RunState[] = ['running', 'failed', 'running', 'succeeded']
  let news = noNews
  const ends = states.map((state) => {
    news = foldRunNews(news, { kind: 'row', row: row(1, state) })
    return news.ended.length
  })
  expect(ends).toEqual([0, 1, 0, 1])
})

test('a pipeline counts as failed while its newest ended run is', () => {
  const failed = [row(1, 'succeeded'), row(2, 'failed'), row(3, 'running')]
  const sorted = foldRunNews(noNews, { kind: 'snapshot', rows: failed }).rows
  expect(countRuns(sorted)).toEqual({ running: 1, failed: 1 })
  const healed = foldRunNews({ rows: sorted, ended: [] }, { kind: 'row', row: row(3, 'succeeded') })
  expect(countRuns(healed.rows)).toEqual({ running: 0, failed: 0 })
})

test('the same pipeline in another environment counts for itself', () => {
  const rows = [row(2, 'succeeded'), row(1, 'failed', { environment: 'prod' })]
  expect(countRuns(rows).failed).toBe(1)
})

test('counts are said in words', () => {
  expect(countsInWords({ running: 0, failed: 0 })).toBe('Nothing runs')
  expect(countsInWords({ running: 1, failed: 2 })).toBe('1 run going, 2 pipelines failed')
})

test('an end that needs a word gets one', () => {
  expect(noticeOfEnd(row(1, 'failed'))).toEqual({
    title: 'orders failed',
    body: 'Failed in dev after 1 min 5 s. Click to see why.',
  })
  expect(noticeOfEnd(row(1, 'succeeded'))?.title).toBe('orders succeeded')
  expect(noticeOfEnd(row(1, 'cancelled'))).toBeNull()
})
