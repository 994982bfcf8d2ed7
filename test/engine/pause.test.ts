// A pause holds in the runs below, in their own histories, and over restarts.
import { beforeEach, expect, test } from 'vitest'
import type { RunId } from '../../shared/run/ids.ts'
import type { World } from '../helpers/world.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'

let world: World
let top: RunId
let middle: RunId
let bottom: RunId
const said = { by: 'ana', reason: 'window' }

const pausedOf = (run: RunId): string | null => {
  const { paused } = world.stored(run).view
  return paused === undefined ? null : (paused.through ?? 'itself')
}

beforeEach(async () => {
  world = makeWorld()
  const planOf = (tasks: Parameters<typeof sketchPlan>[0], pipeline: string) => ({
    child: { plan: { ...sketchPlan(tasks, pipeline), pipeline }, late: {} },
  })
  const inner = planOf({ a: {}, b: { needs: ['a'] } }, 'inner')
  const outer = planOf({ sub: inner, side: { needs: ['sub'] } }, 'outer')
  top = world.start({ part: outer, last: { needs: ['part'] } }, { a: { ms: 60_000 } })
  await world.flow(1000)
  middle = world.task(top, 'part').child as RunId
  bottom = world.task(middle, 'sub').child as RunId
})

test('nothing begins in the runs below a paused one, what runs goes on, and a restart changes nothing', async () => {
  world.engine.pause(top, said)
  expect([top, middle, bottom].map(pausedOf)).toEqual(['itself', top, top])
  world.crash()
  await world.flow(120_000)
  expect(world.states(bottom)).toEqual({ a: 'succeeded', b: 'waiting' })
  expect(world.engine.placement({ run: bottom, task: 'b', item: null })?.why).toBe(
    `Its run is paused with run ${top} by ana: window.`,
  )
  expect(() => world.engine.unpause(bottom, 'bob')).toThrow(`is paused with run ${top}`)
  world.engine.unpause(top, 'bob')
  expect([top, middle, bottom].map(pausedOf)).toEqual([null, null, null])
  expect((await world.finish(top)).state).toBe('succeeded')
})

test('a run that was paused apart stays paused when the one above goes on, and the other way round', async () => {
  world.engine.pause(middle, said)
  world.engine.pause(top, said)
  expect([top, middle, bottom].map(pausedOf)).toEqual(['itself', 'itself', middle])
  world.engine.unpause(top, 'bob')
  expect([top, middle, bottom].map(pausedOf)).toEqual([null, 'itself', middle])

  world.engine.pause(top, said)
  world.engine.unpause(middle, 'bob')
  expect([top, middle, bottom].map(pausedOf)).toEqual(['itself', top, top])
  world.engine.pause(middle, said)
  world.engine.unpause(top, 'bob')
  expect([top, middle, bottom].map(pausedOf)).toEqual([null, 'itself', middle])
  world.crash()
  world.engine.unpause(middle, 'bob')
  expect((await world.finish(top)).state).toBe('succeeded')
})

test('a cancel of a paused run ends the runs below it', async () => {
  world.engine.pause(top, said)
  world.engine.cancel(top, 'ana', 'enough')
  expect((await world.finish(top)).state).toBe('cancelled')
  expect(world.stored(bottom).view.state).toBe('cancelled')
})
