// Lanes come with the work that queues in them, and go when no live run uses them.
import { expect, test } from 'vitest'
import { laneOf, leaveLanes } from '../../electron/engine/lanes.ts'
import { hostWork, indexRun, liveTask, newEngineState } from '../../electron/engine/state.ts'
import type { LiveRun } from '../../electron/engine/state.ts'
import { makeWorld } from '../helpers/world.ts'

test('E5: a lane goes with the last run that used it, and comes again for the next', () => {
  const world = makeWorld()
  const run = (): LiveRun => {
    const id = world.start({ a: { semaphores: { db: 1 } }, b: {} })
    const { view, plan } = world.stored(id)
    return indexRun(view, plan)
  }
  const state = newEngineState()
  const [one, two] = [run(), run()]
  const lane = laneOf(state, liveTask(one, 'a'))
  expect(laneOf(state, liveTask(two, 'a'))).toBe(lane)
  expect(laneOf(state, liveTask(two, 'b'))).not.toBe(lane)
  const counts = (): number[] => [
    state.lanes.size,
    hostWork(state, 'a').lanes.size,
    state.limits.byName.get('semaphore db')?.lanes.size ?? 0,
  ]
  expect(counts()).toEqual([2, 2, 1])
  leaveLanes(state, two)
  expect(counts()).toEqual([1, 1, 1])
  leaveLanes(state, one)
  expect(counts()).toEqual([0, 0, 0])
  const again = indexRun(one.view, one.plan)
  expect(laneOf(state, liveTask(again, 'a'))).not.toBe(lane)
  expect(counts()).toEqual([1, 1, 1])
})
