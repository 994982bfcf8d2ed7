// Lanes come with the work that queues in them, and go when no live run uses them.
import { expect, test } from 'vitest'
import { nothingRan } from '../../electron/engine/attempts.ts'
import { forgetBooks } from '../../electron/engine/books.ts'
import { decideCreate } from '../../electron/engine/create-run.ts'
import { decideReport } from '../../electron/engine/decide-report.ts'
import { reindex } from '../../electron/engine/decide-resume.ts'
import { newDraft } from '../../electron/engine/draft.ts'
import type { Draft } from '../../electron/engine/draft.ts'
import { followUp } from '../../electron/engine/follow-up.ts'
import { laneOf, leaveLanes } from '../../electron/engine/lanes.ts'
import { hostWork, indexRun, liveTask, newEngineState } from '../../electron/engine/state.ts'
import type { LiveRun } from '../../electron/engine/state.ts'
import { decideStarts } from '../../electron/engine/starts.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { attemptKey, runIdAt } from '../../shared/run/ids.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import { openPlacement } from '../helpers/open-placement.ts'

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

test('E5: a lane goes when its run has ended, or gets a new graph', async () => {
  const plan = sketchPlan({ a: {}, b: { needs: ['a'] } })
  const state = newEngineState()
  const id = runIdAt(0, '00000000')
  const decide = (decision: (draft: Draft) => void): void => {
    const draft = newDraft(state, {
      now: 0,
      livedMs: 0,
      roll: () => 0,
      load: () => null,
      placement: openPlacement(1),
      evaluator: openEvaluator(),
      judgement: { matching: () => null, causeOf: () => 'unknown' },
    })
    decision(draft)
    followUp(draft)
    decideStarts(draft)
  }
  decide((draft) => decideCreate(draft, id, { plan, cause: { kind: 'person', by: 'ana' } }))
  expect(state.lanes.size).toBe(1)
  const lane = [...state.lanes.values()][0]
  decide((draft) => {
    const run = state.runs.get(id) as LiveRun
    forgetBooks(draft, run)
    expect(state.lanes.size).toBe(0)
    reindex(draft, run, new Set())
  })
  expect([...state.lanes.values()][0]).not.toBe(lane)
  const name = { host: 'a', key: attemptKey(id, 'a', null, 1) }
  const end = { outcome: 'exited' as const, exit: 1, endedAt: 0, missingOutputs: [], ...nothingRan }
  decide((draft) => decideReport(draft, { kind: 'ended', ...name, end }))
  expect(state.lanes.size).toBe(1)
  const log = { bytes: 0, sha256: null, gaps: [] }
  decide((draft) => decideReport(draft, { kind: 'log_closed', ...name, ...log }))
  expect([state.runs.size, state.lanes.size]).toEqual([0, 0])
})
