// What a resume promises, rule by rule, through the engine's public face; then that it keeps the promise.
import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'
import type { FanOutSpec } from '../../shared/pipeline/spec.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'

interface Failed {
  world: World
  run: RunId
  preview(options?: Partial<RecoveryOptions>): Record<string, [string, string]>
  resume(options?: Partial<RecoveryOptions>): Promise<Record<string, string>>
  made(task: string, item?: number): number
}

async function ended(tasks: Record<string, TaskSketch>, script: Script = {}): Promise<Failed> {
  const world = makeWorld()
  const run = world.start(tasks, script)
  await world.finish(run)
  const request = (options: Partial<RecoveryOptions>) => ({
    run,
    plan: sketchPlan(tasks),
    options: { ...FROM_FAILURE, ...options },
  })
  return {
    world,
    run,
    preview(options = {}) {
      const plan = world.engine.previewResume(request(options))
      return Object.fromEntries(
        plan.map(({ task, item, decision, reason }) => [taskKey(task, item), [decision, reason]]),
      )
    },
    async resume(options = {}) {
      world.engine.resume(request(options), 'ana')
      await world.finish(run)
      return world.states(run)
    },
    made: (task, item) => world.task(run, taskKey(task, item ?? null)).attempts.length,
  }
}

const chain: Record<string, TaskSketch> = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }
const fanOut: FanOutSpec = {
  over: '${{ tasks.list.outputs.files }}',
  maxParallel: null,
  join: 'all',
  failFast: false,
}
const mapped: Record<string, TaskSketch> = {
  list: {},
  load: { needs: ['list'], fanOut },
  join: { needs: ['load'] },
}
const files = { list: { values: { files: ['x', 'y', 'z'] } } }

test('a single item may be asked for again, and what comes after the list with it', async () => {
  const done = await ended(mapped, files)
  expect(done.preview({ from: ['load[2]'] })).toMatchObject({
    load: ['run', '1 of 3 items run again'],
    'load[2]': ['run', 'was asked for'],
    join: ['run', 'needs load, which runs again'],
  })
  await done.resume({ from: ['load[2]'] })
  expect([done.made('load', 0), done.made('load', 2), done.made('join')]).toEqual([1, 2, 2])
})

test('a list whose maker runs again is done anew, all of it', async () => {
  const done = await ended(mapped, files)
  expect(done.preview({ from: ['list'] })['load']).toEqual(['run', 'needs list, which runs again'])
  await done.resume({ from: ['list'] })
  expect([0, 1, 2].map((at) => done.made('load', at))).toEqual([2, 2, 2])
})

test('one item of a run that goes on may be tried again by hand', async () => {
  const world = makeWorld()
  const tasks = { ...mapped, slow: {} }
  const run = world.start(tasks, { ...files, 'load[1]': [{ exit: 1 }, {}], slow: { ms: 600_000 } })
  await world.flow(30_000)
  expect(world.states(run)).toMatchObject({
    load: 'failed',
    join: 'upstream_failed',
    slow: 'running',
  })
  world.engine.resume({ run, plan: sketchPlan(tasks), options: FROM_FAILURE }, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 'slow').attempts).toHaveLength(1)
})

test('an irreversible item that may have begun is refused, the others run', async () => {
  const tasks = { ...mapped, load: { ...mapped['load'], effect: 'irreversible' as const } }
  const failed = await ended(tasks, {
    ...files,
    'load[0]': { exit: 1 },
    'load[1]': [{ notStarted: { cause: 'host_unreachable', message: 'no route' } }, {}],
  })
  expect(failed.preview()).toMatchObject({
    load: ['run', '1 of 3 items run again'],
    'load[0]': ['refuse', 'failed: exit 1; its effect is irreversible and it may have begun'],
    'load[1]': ['run', 'failed: not started: no route'],
  })
  expect(await failed.resume()).toMatchObject({
    'load[0]': 'failed',
    'load[1]': 'succeeded',
    load: 'failed',
  })
  expect(failed.made('load', 0)).toBe(1)
})

test('only: other failures stay as they are', async () => {
  const tasks = { a: {}, b: {}, after: { needs: ['a', 'b'] }, next: { needs: ['a'] } }
  const failed = await ended(tasks, { a: [{ exit: 1 }, {}], b: { exit: 1 } })
  expect(failed.preview({ from: ['a'], only: true })).toEqual({
    a: ['run', 'failed: exit 1'],
    b: ['refuse', 'failed: exit 1; not asked for'],
    after: ['refuse', 'needs b, which is refused'],
    next: ['run', 'was held up: needs a'],
  })
  expect(await failed.resume({ from: ['a'], only: true })).toEqual({
    a: 'succeeded',
    b: 'failed',
    after: 'upstream_failed',
    next: 'succeeded',
  })
})

test('upstream: what comes before runs again too', async () => {
  const done = await ended(chain)
  expect(Object.values(done.preview({ from: ['c'], upstream: true }))).toEqual([
    ['run', 'was asked for, being upstream'],
    ['run', 'was asked for, being upstream'],
    ['run', 'was asked for'],
  ])
  await done.resume({ from: ['c'], upstream: true })
  expect(done.made('a')).toBe(2)
})

test('a person may force one task in or out, with a reason', async () => {
  const failed = await ended(chain, { b: [{ exit: 1 }, {}] })
  const forced = [
    { task: 'a', item: null, decision: 'run' as const, reason: 'its table was dropped' },
    { task: 'c', item: null, decision: 'leave' as const, reason: 'not today' },
  ]
  expect(failed.preview({ forced })).toEqual({
    a: ['run', 'forced: its table was dropped'],
    b: ['run', 'failed: exit 1'],
    c: ['refuse', 'left as it is: not today'],
  })
  expect(await failed.resume({ forced })).toEqual({
    a: 'succeeded',
    b: 'succeeded',
    c: 'upstream_failed',
  })
})

test('a person may keep what succeeded although something before it runs again', async () => {
  const done = await ended(chain)
  const forced = [{ task: 'b', item: null, decision: 'leave' as const, reason: 'takes a day' }]
  expect(Object.values(done.preview({ from: ['a'], forced }))).toEqual([
    ['run', 'was asked for'],
    ['reuse', 'left as it is: takes a day'],
    ['reuse', 'succeeded on a (attempt 1)'],
  ])
})

test('a person may force what is irreversible; by itself it is refused', async () => {
  const tasks = { pay: { effect: 'irreversible' as const }, tell: { needs: ['pay'] } }
  const failed = await ended(tasks, { pay: [{ exit: 1 }, {}] })
  expect(() => failed.preview()).toThrow(/Nothing of run .* may run again/)
  const forced = [
    { task: 'pay', item: null, decision: 'run' as const, reason: 'the bank has no trace of it' },
  ]
  expect(await failed.resume({ forced })).toEqual({ pay: 'succeeded', tell: 'succeeded' })
})

test('what lives cannot be forced', async () => {
  const world = makeWorld()
  const run = world.start(chain, { a: { ms: 60_000 } })
  await world.flow(5000)
  const options = {
    ...FROM_FAILURE,
    forced: [{ task: 'a', item: null, decision: 'run' as const, reason: '' }],
  }
  expect(() => world.engine.previewResume({ run, plan: sketchPlan(chain), options })).toThrow(
    /a cannot be forced: it is running/,
  )
})

test('what was skipped is decided again only when what decided it is', async () => {
  const tasks: Record<string, TaskSketch> = {
    count: {},
    many: { needs: ['count'], when: '${{ tasks.count.outputs.rows > 10 }}' },
    bad: {},
  }
  const script = {
    count: [{ values: { rows: 3 } }, { values: { rows: 30 } }],
    bad: [{ exit: 1 }, {}],
  }
  const failed = await ended(tasks, script)
  expect(failed.preview()['many']?.[0]).toBe('reuse')
  expect(failed.preview({ from: ['count'] })['many']).toEqual([
    'run',
    'needs count, which runs again',
  ])
  expect(await failed.resume({ from: ['count'] })).toEqual({
    count: 'succeeded',
    many: 'succeeded',
    bad: 'succeeded',
  })
})

test('rule 6: what a tear-down has undone is set up again, and torn down again, and that alone repeats no work', async () => {
  const tasks: Record<string, TaskSketch> = {
    make: { setup: true },
    good: { needs: ['make'] },
    work: { needs: ['make'] },
    drop: { needs: ['make', 'good', 'work'], teardown: { of: ['make'], failsRun: false } },
  }
  const failed = await ended(tasks, { work: [{ exit: 1 }, {}] })
  expect(failed.preview()).toEqual({
    make: ['run', 'drop has undone it, and work needs it again'],
    good: ['reuse', 'succeeded on a (attempt 1)'],
    work: ['run', 'failed: exit 1'],
    drop: ['run', 'needs make, which runs again'],
  })
  expect(await failed.resume()).toEqual({
    make: 'succeeded',
    good: 'succeeded',
    work: 'succeeded',
    drop: 'succeeded',
  })
  expect([failed.made('make'), failed.made('good'), failed.made('drop')]).toEqual([2, 1, 2])
})

test('final tasks come last again', async () => {
  const failed = await ended({ ...chain, report: { isFinal: true } }, { b: [{ exit: 1 }, {}] })
  expect(failed.preview()['report']).toEqual(['run', 'comes last, and b runs again'])
  expect(await failed.resume()).toMatchObject({ report: 'succeeded' })
  expect(failed.made('report')).toBe(2)
})

test('marked as succeeded: a resume counts it so, and goes on behind it', async () => {
  const failed = await ended(chain, { b: { exit: 1 } })
  const { world, run } = failed
  const mark = { run, task: 'b', item: null, by: 'ana', reason: 'loaded by hand' }
  world.engine.mark({ ...mark, state: 'succeeded' })
  expect(world.view(run).state).toBe('failed')
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'succeeded', c: 'upstream_failed' })
  expect(failed.preview()['b']).toEqual(['reuse', 'marked as succeeded by ana: loaded by hand'])
  expect(await failed.resume()).toMatchObject({ b: 'succeeded', c: 'succeeded' })
  expect(world.view(run).state).toBe('succeeded')
  expect(() => world.engine.mark({ ...mark, state: 'skipped' })).toThrow(/cannot be marked/)
})

test('marked in a run that goes on: what it held up goes on at once', async () => {
  const world = makeWorld()
  const run = world.start({ ...chain, slow: {} }, { b: { exit: 1 }, slow: { ms: 600_000 } })
  await world.flow(30_000)
  expect(world.states(run)).toMatchObject({ b: 'failed', c: 'upstream_failed' })
  world.engine.mark({
    run,
    task: 'b',
    item: null,
    state: 'succeeded',
    by: 'ana',
    reason: 'by hand',
  })
  await world.flow(30_000)
  expect(world.states(run)).toMatchObject({ b: 'succeeded', c: 'succeeded', slow: 'running' })
  expect(() =>
    world.engine.mark({ run, task: 'slow', item: null, state: 'skipped', by: 'ana', reason: '' }),
  ).toThrow(/slow is running: its own end counts/)
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 'slow').attempts).toHaveLength(1)
})

test('one that waits may be marked as skipped beforehand', async () => {
  const world = makeWorld()
  const run = world.start(chain, { a: { ms: 10_000 } })
  await world.flow(1000)
  world.engine.mark({ run, task: 'b', item: null, state: 'skipped', by: 'ana', reason: 'no need' })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'skipped', c: 'skipped' })
})

test('a marked item lets its list be joined again', async () => {
  const failed = await ended(mapped, { ...files, 'load[1]': { exit: 1 } })
  const { world, run } = failed
  world.engine.mark({
    run,
    task: 'load',
    item: 1,
    state: 'succeeded',
    by: 'ana',
    reason: 'by hand',
  })
  expect(failed.preview()['load']).toEqual(['run', 'its items have been seen to since'])
  expect(await failed.resume()).toMatchObject({ load: 'succeeded', join: 'succeeded' })
  expect(failed.made('load', 1)).toBe(1)
})
