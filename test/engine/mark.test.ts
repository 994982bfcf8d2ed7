// What a person may say about how a task run counts, and what goes on because of it.
import { expect, test } from 'vitest'
import { errorShape } from '../../shared/api/app-error.ts'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import { parseTaskKey } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'

const hour = 3_600_000
const said = { by: 'ana', reason: 'by hand' }
const fanOut = {
  over: '${{ tasks.list.outputs.files }}',
  maxParallel: null,
  join: 'all' as const,
  failFast: false,
}
const mapped: Record<string, TaskSketch> = {
  list: {},
  load: { needs: ['list'], fanOut },
  join: { needs: ['load'] },
}
const files = { values: { files: ['x', 'y'] } }

function mark(world: World, run: RunId, key: string, state: 'succeeded' | 'skipped'): void {
  world.engine.mark({ run, ...parseTaskKey(key), state, ...said })
}

function refusal(world: World, run: RunId, key: string): ErrorShape {
  try {
    mark(world, run, key, 'skipped')
  } catch (error) {
    return errorShape(error)
  }
  throw new Error(`${key} was marked`)
}

test('what lives cannot be marked, and the way out is named', async () => {
  const world = makeWorld()
  const onUnknown = { waitMs: 0, then: 'ask' as const }
  const run = world.start({ t: { onUnknown }, done: { host: 'b' } }, { t: { ms: hour } })
  await world.flow(5000)
  expect(refusal(world, run, 't')).toEqual({
    code: 'conflict',
    message: 'Task t is running: its own end counts.',
    hint: 'Cancel the run, or wait for its end.',
  })
  expect(refusal(world, run, 'done')).toEqual({
    code: 'conflict',
    message: 'Task done cannot be marked: it is succeeded.',
    hint: '',
  })
  world.fleet.drop('a')
  await world.flow(20_000)
  expect(refusal(world, run, 't')).toEqual({
    code: 'conflict',
    message: 'Task t is unknown: its own end counts.',
    hint: 'Settle it first.',
  })
})

test('a marked item of a run that goes on joins its list again at once', async () => {
  const world = makeWorld()
  const run = world.start(
    { ...mapped, slow: {} },
    { list: files, 'load[1]': { exit: 1 }, slow: { ms: hour } },
  )
  await world.flow(30_000)
  expect(world.states(run)).toMatchObject({ load: 'failed', join: 'upstream_failed' })
  mark(world, run, 'load[1]', 'succeeded')
  await world.flow(30_000)
  expect(world.states(run)).toMatchObject({ load: 'succeeded', join: 'succeeded' })
})

test('a run of which all that failed was marked ends anew by a resume, without running anything', async () => {
  const world = makeWorld()
  const tasks: Record<string, TaskSketch> = { a: {}, b: { needs: ['a'] } }
  const run = world.start(tasks, { b: { exit: 1 } })
  expect((await world.finish(run)).state).toBe('failed')
  mark(world, run, 'b', 'succeeded')
  expect(world.view(run).state).toBe('failed')
  const plan = world.engine.resume({ run, plan: sketchPlan(tasks), options: FROM_FAILURE }, 'ana')
  expect(plan.map(({ decision }) => decision)).toEqual(['reuse', 'reuse'])
  expect(await world.finish(run)).toMatchObject({ state: 'succeeded', resumes: 1 })
  expect(world.task(run, 'b').attempts).toHaveLength(1)
})

test('a sub-pipeline of which all that failed was marked counts so when the run above it is resumed', async () => {
  const world = makeWorld()
  const inner = { ...sketchPlan({ one: {} }), pipeline: 'inner' }
  const tasks: Record<string, TaskSketch> = {
    sub: { child: { plan: inner, late: {} } },
    next: { needs: ['sub'] },
  }
  const run = world.start(tasks, { one: { exit: 1 } })
  await world.finish(run)
  const child = world.task(run, 'sub').child as RunId
  mark(world, child, 'one', 'succeeded')
  world.engine.resume({ run, plan: sketchPlan(tasks), options: FROM_FAILURE }, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.view(child).state).toBe('succeeded')
  expect(world.task(child, 'one').attempts).toHaveLength(1)
  expect(world.states(run)).toEqual({ sub: 'succeeded', next: 'succeeded' })
})

test('a list that waits to be done anew may be skipped, its old items with it', async () => {
  const world = makeWorld()
  const run = world.start(mapped, { list: [files, { ...files, ms: hour }] })
  await world.finish(run)
  const options = { ...FROM_FAILURE, from: ['list'] }
  world.engine.resume({ run, plan: sketchPlan(mapped), options }, 'ana')
  await world.flow(10_000)
  mark(world, run, 'load', 'skipped')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.states(run)).toEqual({
    list: 'succeeded',
    load: 'skipped',
    'load[0]': 'skipped',
    'load[1]': 'skipped',
    join: 'skipped',
  })
})

test('what was skipped because of it goes on too, but not what a person skipped', async () => {
  const world = makeWorld()
  const tasks: Record<string, TaskSketch> = {
    first: {},
    a: { needs: ['first'], when: '${{ params.day == "1" }}' },
    b: { needs: ['a'] },
    c: { needs: ['a'] },
    slow: {},
  }
  const plan = { ...sketchPlan(tasks), params: { day: '2' } }
  const run = world.startPlan(plan, { slow: { ms: hour } })
  mark(world, run, 'c', 'skipped')
  await world.flow(10_000)
  expect(world.states(run)).toMatchObject({ a: 'skipped', b: 'skipped', c: 'skipped' })
  mark(world, run, 'a', 'succeeded')
  await world.flow(10_000)
  expect(world.states(run)).toMatchObject({ a: 'succeeded', b: 'succeeded', c: 'skipped' })
})

test('what ran before a resume and is held up this time goes on as well', async () => {
  const world = makeWorld()
  const tasks = { a: {}, b: { needs: ['a'] }, slow: {} }
  const run = world.start(tasks, { a: [{}, { exit: 1 }], slow: [{}, { ms: hour }] })
  await world.finish(run)
  const options = { ...FROM_FAILURE, from: ['a', 'slow'] }
  world.engine.resume({ run, plan: sketchPlan(tasks), options }, 'ana')
  await world.flow(10_000)
  expect(world.states(run)).toEqual({ a: 'failed', b: 'upstream_failed', slow: 'running' })
  mark(world, run, 'a', 'succeeded')
  await world.flow(10_000)
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'succeeded', slow: 'running' })
})

test.each([
  ['cancelled', 'cancelled', 'the run was cancelled'],
  ['stopped', 'cancelled', 'the run was cancelled'],
  ['paused', 'waiting', ''],
] as const)('in a run that is %s a mark lets nothing begin', async (how, state, why) => {
  const world = makeWorld()
  const slow = { ms: hour, stubborn: true }
  const tasks = { a: {}, b: { needs: ['a'] }, slow: { graceMs: hour } }
  const run = world.start(tasks, { a: { exit: 1 }, slow })
  await world.flow(10_000)
  if (how === 'cancelled') world.engine.cancel(run, 'ana', '')
  if (how === 'stopped') world.engine.stopAfter(run, { by: 'ana', reason: '', after: null })
  if (how === 'paused') world.engine.pause(run, { by: 'ana', reason: '' })
  mark(world, run, 'a', 'succeeded')
  await world.flow(10_000)
  expect(world.states(run)).toEqual({ a: 'succeeded', b: state, slow: 'running' })
  expect(world.task(run, 'b').why).toBe(why)
})
