import { expect, test } from 'vitest'
import {
  findRun,
  lastGoodRuns,
  listRuns,
  loadRun,
  resolveRunRef,
} from '../../electron/store/run-queries.ts'
import { findVersion, rememberVersion } from '../../electron/store/versions.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import { makeWorld } from '../helpers/world.ts'

test('runs are listed newest first, by state and by page', async () => {
  const world = makeWorld()
  const ids: RunId[] = []
  for (let i = 0; i < 5; i += 1) {
    ids.push(world.start({ t: {} }, { t: { exit: i === 3 ? 1 : 0 } }))
    await world.finish(ids[i] as RunId)
    await world.flow(2000)
  }
  const { db } = world.store
  expect(listRuns(db, { limit: 10 }).map((row) => row.run)).toEqual(ids.toReversed())
  expect(listRuns(db, { limit: 2, before: ids[2] as RunId }).map((row) => row.run)).toEqual([
    ids[1],
    ids[0],
  ])
  expect(listRuns(db, { limit: 10, state: 'failed' }).map((row) => row.run)).toEqual([ids[3]])
  const good = lastGoodRuns(db, {
    pipeline: 'sketch',
    environment: 'dev',
    before: ids[4] as RunId,
    limit: 2,
  })
  expect(good.map((row) => row.run)).toEqual([ids[2], ids[1]])
})

test('a run is found by its id, a unique part of it, or as the latest', () => {
  const world = makeWorld()
  const run = world.start({ t: {} })
  const { db } = world.store
  expect(resolveRunRef(db, run)).toBe(run)
  expect(resolveRunRef(db, run.slice(-5))).toBe(run)
  expect(resolveRunRef(db, 'latest')).toBe(run)
  expect(() => resolveRunRef(db, 'nothing')).toThrow('There is no run "nothing"')
  world.start({ t: {} })
  expect(() => resolveRunRef(db, '2026')).toThrow('fits more than one run')
})

test('the latest run is the last that somebody started, also within a second, and no part of another', async () => {
  const world = makeWorld()
  const { db } = world.store
  const runs: RunId[] = []
  for (let i = 0; i < 8; i += 1) {
    runs.push(world.start({ t: {} }))
    await world.flow(10)
  }
  expect(new Set(runs.map((run) => run.slice(0, 15))).size).toBe(1)
  const cause = JSON.stringify({ kind: 'parent', run: runs[0], task: 'below', item: null })
  const child = runs[7]
  db.prepare('update run set cause = ? where run = ?').run(cause, child)
  expect(resolveRunRef(db, 'latest')).toBe(runs[6])
})

test('a run loads with the tasks that no event has touched yet', () => {
  const world = makeWorld()
  const run = world.start({ a: {}, b: { needs: ['a'] } })
  const stored = loadRun(world.store.db, run)
  expect(stored?.view.tasks['b']?.state).toBe('waiting')
  expect(stored?.view.counts).toEqual({ running: 1, waiting: 1 })
  expect(findRun(world.store.db, 'none' as RunId)).toBeNull()
})

test('a version keeps the text it was first seen with', () => {
  const { store } = makeWorld()
  const row = {
    version: 'v' as VersionId,
    pipeline: 'p',
    file: 'p.yaml',
    text: 'one',
    gitCommit: null,
    firstSeenAt: 1,
  }
  rememberVersion(store.db, row)
  rememberVersion(store.db, { ...row, text: 'two' })
  expect(findVersion(store.db, row.version)).toEqual(row)
})
