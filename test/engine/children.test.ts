// A task that is a run of another pipeline.
import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'
import type { PlannedChild } from '../../shared/run/plan.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'

const childOf = (
  tasks: Record<string, TaskSketch>,
  late: PlannedChild['late'] = {},
): PlannedChild => ({ plan: { ...sketchPlan(tasks, 'child-v1'), pipeline: 'child' }, late })

const inner: Record<string, TaskSketch> = { one: {}, two: { needs: ['one'] } }
const outer = (child = childOf(inner), more: TaskSketch = {}): Record<string, TaskSketch> => ({
  before: {},
  sub: { needs: ['before'], child, ...more },
  after: { needs: ['sub'] },
})

function start(world: World, tasks = outer(), script: Script = {}): RunId {
  return world.start(tasks, script)
}

async function childRun(world: World, run: RunId): Promise<RunId> {
  for (let step = 0; step < 100; step += 1) {
    const { child } = world.task(run, 'sub')
    if (child !== undefined) return child
    await world.flow(500)
  }
  throw new Error('no child')
}

test('a sub-pipeline is a run of its own, and its task ends as it ends', async () => {
  const world = makeWorld()
  const run = start(world)
  const child = await childRun(world, run)
  expect(world.view(child)).toMatchObject({
    pipeline: 'child',
    cause: { kind: 'parent', run, task: 'sub', item: null },
  })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.states(child)).toEqual({ one: 'succeeded', two: 'succeeded' })
  expect(world.states(run)).toEqual({ before: 'succeeded', sub: 'succeeded', after: 'succeeded' })
})

test('a failure inside is the failure of the task, and says which run to look at', async () => {
  const world = makeWorld()
  const run = start(world, outer(), { two: { exit: 3 } })
  expect((await world.finish(run)).state).toBe('failed')
  const { why, child } = world.task(run, 'sub')
  expect(why).toBe(`its run ${child} failed`)
  expect(world.states(run)['after']).toBe('upstream_failed')
})

test('a resume of the parent goes on with the run of its sub-pipeline', async () => {
  const world = makeWorld()
  const run = start(world, outer(), { two: [{ exit: 3 }, {}] })
  await world.finish(run)
  world.engine.resume({ run, plan: sketchPlan(outer()), options: FROM_FAILURE }, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  const child = world.task(run, 'sub').child as RunId
  expect(world.task(child, 'one').attempts).toHaveLength(1)
  expect(world.task(run, 'before').attempts).toHaveLength(1)
})

test('a sub-pipeline that was resumed alone is taken up by its parent', async () => {
  const world = makeWorld()
  const run = start(world, outer(), { two: [{ exit: 3 }, {}] })
  await world.finish(run)
  const child = world.task(run, 'sub').child as RunId
  world.engine.resume({ run: child, plan: childOf(inner).plan, options: FROM_FAILURE }, 'ana')
  expect((await world.finish(child)).state).toBe('succeeded')
  expect(world.states(run)['sub']).toBe('failed')
  world.engine.resume({ run, plan: sketchPlan(outer()), options: FROM_FAILURE }, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 'sub').why).toBe(`its run ${child} has succeeded`)
  expect(world.task(child, 'two').attempts).toHaveLength(2)
})

test('params of a sub-pipeline may come from a task before it', async () => {
  const child = childOf(
    { one: { lateEnv: { DAY: '${{ params.day }}' } } },
    { day: { template: '${{ tasks.before.outputs.day }}', type: 'date', choices: [] } },
  )
  const world = makeWorld()
  const run = start(world, outer(child), { before: { values: { day: '2026-01-31' } } })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.host('a').orders.find(({ key }) => key.includes('.one.'))?.env['DAY']).toBe(
    '2026-01-31',
  )
  const bad = makeWorld()
  const other = start(bad, outer(child), { before: { values: { day: 'tomorrow' } } })
  expect((await bad.finish(other)).state).toBe('failed')
  expect(bad.task(other, 'sub').why).toBe('its param day: "tomorrow" is no date.')
})

test('a cancel of the parent cancels its sub-pipeline and waits for the proof', async () => {
  const world = makeWorld()
  const run = start(world, outer(), { one: { ms: 600_000, stubborn: true } })
  const child = await childRun(world, run)
  await world.flow(2000)
  world.engine.cancel(run, 'ana', 'enough')
  expect(world.engine.live(run)).not.toBeNull()
  expect((await world.finish(run)).state).toBe('cancelled')
  expect(world.view(child).state).toBe('cancelled')
  expect(world.states(run)).toEqual({ before: 'succeeded', sub: 'cancelled', after: 'cancelled' })
})

test('E2, E7: killed after any commit, parent and child agree and nothing starts twice', async () => {
  for (let at = 1; at < 30; at += 1) {
    const world = makeWorld({ seed: at })
    let commits = 0
    world.killAfterCommit = () => (commits += 1) === at
    let run: RunId
    try {
      run = start(world)
    } catch {
      world.crash()
      run = world.store.db.prepare<[], RunId>('select run from run').pluck().get() as RunId
    }
    for (let step = 0; step < 20; step += 1) {
      if (world.fatal.length > 0) world.crash()
      await world.flow(1000)
    }
    expect((await world.finish(run)).state).toBe('succeeded')
    const count = world.store.db.prepare<[], number>('select count(*) from run').pluck().get()
    expect(count).toBe(2)
    for (const starts of world.host('a').starts.values()) expect(starts).toBe(1)
  }
})

test('sub-pipelines nest, and each item of a fan-out may be one', async () => {
  const world = makeWorld()
  const nested = childOf({ deep: { child: childOf(inner) } })
  const fanOut = { over: ['x', 'y'], maxParallel: 1, join: 'all' as const, failFast: false }
  const run = world.start({ sub: { child: nested, fanOut } })
  expect((await world.finish(run)).state).toBe('succeeded')
  const runs = world.store.db.prepare<[], number>('select count(*) from run').pluck().get()
  expect(runs).toBe(5)
  expect(world.task(run, 'sub[0]').child).not.toBe(world.task(run, 'sub[1]').child)
})
