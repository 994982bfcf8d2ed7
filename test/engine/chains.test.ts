// A chain of tasks for each item of a list: a fan-out of a sub-pipeline.
import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'
import type { FanOutSpec } from '../../shared/pipeline/spec.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'

const links: Record<string, TaskSketch> = {
  get: { lateEnv: { ITEM: '${{ params.item }}' } },
  put: { needs: ['get'] },
}

function chains(items: readonly string[], more: Partial<FanOutSpec> = {}) {
  const plan = { ...sketchPlan(links, 'chain-v1'), pipeline: 'chain' }
  const late = { item: { template: '${{ item }}', type: 'string' as const, choices: [] } }
  const fanOut: FanOutSpec = {
    over: items,
    maxParallel: null,
    join: 'all',
    failFast: false,
    ...more,
  }
  return { chain: { child: { plan, late }, fanOut }, after: { needs: ['chain'] } }
}

const childOf = (world: World, run: RunId, item: number): RunId =>
  world.task(run, taskKey('chain', item)).child as RunId

/** By item: how its links stand. */
const standing = (world: World, run: RunId, count: number): string[] =>
  Array.from({ length: count }, (_, item) => {
    const { child } = world.task(run, taskKey('chain', item))
    return child === undefined ? 'none' : Object.values(world.states(child)).join(' ')
  })

test('an item goes on as soon as its own task before it is done, whatever the others do', async () => {
  const world = makeWorld()
  const run = world.start(chains(['a', 'b', 'c']))
  await world.flow(500)
  world.engine.pause(childOf(world, run, 0), { by: 'ana', reason: '' })
  await world.flow(10_000)
  const done = 'succeeded succeeded'
  expect(standing(world, run, 3)).toEqual(['succeeded waiting', done, done])
  world.engine.unpause(childOf(world, run, 0), 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  const envs = world.host('a').orders.map(({ env }) => env['ITEM'])
  expect(envs.filter((item) => item !== undefined).toSorted()).toEqual(['a', 'b', 'c'])
})

test('max_parallel counts items whose chain is under way', async () => {
  const world = makeWorld()
  const run = world.start(chains(['a', 'b', 'c'], { maxParallel: 2 }), { put: { ms: 10_000 } })
  await world.flow(5000)
  expect(standing(world, run, 3)).toEqual(['succeeded running', 'succeeded running', 'none'])
  await world.flow(7000)
  expect(standing(world, run, 3)[2]).toBe('running waiting')
  expect((await world.finish(run)).state).toBe('succeeded')
})

test.each([
  ['all', 'failed'],
  ['any', 'succeeded'],
  [0.5, 'succeeded'],
  [0.6, 'failed'],
] as const)('join %s when the chains of 2 of 4 items failed: %s', async (join, state) => {
  const world = makeWorld()
  const run = world.start(chains(['a', 'b', 'c', 'd'], { join, maxParallel: 1 }), {})
  const bad = new Set<RunId>()
  for (let step = 0; step < 40; step += 1) {
    for (const item of [0, 1]) {
      const { child } = world.task(run, taskKey('chain', item))
      if (child === undefined || bad.has(child)) continue
      bad.add(child)
      world.engine.cancel(child, 'ana', 'a bad item')
    }
    await world.flow(250)
  }
  await world.finish(run)
  expect(world.states(run)).toMatchObject({
    chain: state,
    'chain[0]': 'failed',
    'chain[3]': 'succeeded',
    after: state === 'succeeded' ? 'succeeded' : 'upstream_failed',
  })
})

test('a resume repeats of an item only what had not succeeded', async () => {
  const world = makeWorld()
  const script: Script = { put: [{ exit: 1 }, {}] }
  const run = world.start(chains(['a', 'b']), script)
  expect((await world.finish(run)).state).toBe('failed')
  const before = [childOf(world, run, 0), childOf(world, run, 1)]
  const { plan } = world.stored(run)
  world.engine.resume({ run, plan, options: FROM_FAILURE }, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect([childOf(world, run, 0), childOf(world, run, 1)]).toEqual(before)
  for (const child of before) {
    expect(world.task(child, 'get').attempts).toHaveLength(1)
    expect(world.task(child, 'put').attempts).toHaveLength(2)
  }
})
