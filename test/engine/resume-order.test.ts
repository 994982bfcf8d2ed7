// What a resume writes down at once, before anything of it runs.
import { expect, test } from 'vitest'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'

const hour = 3_600_000

test('a resume with other params pins them', async () => {
  const world = makeWorld()
  const run = world.startPlan(
    { ...sketchPlan({ a: {} }), params: { day: '1' } },
    { a: { exit: 1 } },
  )
  await world.finish(run)
  const plan = { ...sketchPlan({ a: {} }, 'v2'), params: { day: '2' } }
  world.engine.resume({ run, plan, options: FROM_FAILURE }, 'ana')
  expect(world.view(run).params).toEqual({ day: '2' })
  const same = world.events(run).filter((event) => event.kind === 'run.resumed')
  expect(same).toMatchObject([{ params: { day: '2' } }])
})

test('a list that is done anew is stored as not begun, with all its items', async () => {
  const world = makeWorld()
  const fanOut = {
    over: '${{ tasks.list.outputs.files }}',
    maxParallel: null,
    join: 'all' as const,
    failFast: false,
  }
  const tasks = { list: {}, load: { needs: ['list'], fanOut } }
  const files = { values: { files: ['x', 'y'] } }
  const run = world.start(tasks, { list: [files, { ...files, ms: hour }] })
  await world.finish(run)
  const options = { ...FROM_FAILURE, from: ['list'] }
  world.engine.resume({ run, plan: sketchPlan(tasks), options }, 'ana')
  await world.flow(10_000)
  expect(world.states(run)).toEqual({
    list: 'running',
    load: 'waiting',
    'load[0]': 'waiting',
    'load[1]': 'waiting',
  })
})

test('what is new and needs what is refused is held up from the start; what is gone is skipped once', async () => {
  const world = makeWorld()
  const pay = { effect: 'irreversible' as const }
  const skipped = { when: '${{ params.day == "1" }}' }
  const before = { ...sketchPlan({ pay, bad: {}, gone: {}, off: skipped }), params: { day: '2' } }
  const run = world.startPlan(before, {
    pay: { exit: 1 },
    bad: [{ exit: 1 }, {}],
    gone: { exit: 1 },
  })
  await world.finish(run)
  const tasks = { pay, bad: {}, tell: { needs: ['pay'] } }
  const after = { ...sketchPlan(tasks, 'v2'), params: { day: '2' } }
  world.engine.resume({ run, plan: after, options: FROM_FAILURE }, 'ana')
  expect(world.task(run, 'tell')).toMatchObject({
    state: 'upstream_failed',
    why: 'needs pay, which is refused',
  })
  expect(world.task(run, 'gone')).toMatchObject({
    state: 'skipped',
    why: 'it is not in this version',
  })
  expect(world.task(run, 'off').why).not.toBe('it is not in this version')
  expect((await world.finish(run)).state).toBe('failed')
  expect(world.states(run)).toMatchObject({ bad: 'succeeded', pay: 'failed' })
})

test('what needs a set-up that is bad or skipped stays where it was, whatever its rule', async () => {
  const world = makeWorld()
  const tasks = {
    make: { setup: true as const, effect: 'irreversible' as const },
    off: { setup: true as const, when: '${{ params.day == "1" }}' },
    work: { needs: ['make'], trigger: 'all_done' as const },
    idle: { needs: ['off'], trigger: 'all_done' as const },
  }
  const plan = { ...sketchPlan(tasks), params: { day: '2' } }
  const run = world.startPlan(plan, { make: { exit: 1 } })
  await world.finish(run)
  world.engine.resume({ run, plan, options: { ...FROM_FAILURE, from: ['work', 'idle'] } }, 'ana')
  await world.finish(run)
  expect(world.task(run, 'work')).toMatchObject({
    state: 'upstream_failed',
    why: 'needs its set-up make',
    attempts: [],
  })
  expect(world.task(run, 'idle')).toMatchObject({ state: 'skipped', why: 'needs its set-up off' })
})
