import { expect, test } from 'vitest'
import type { RunId } from '../../shared/run/ids.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'

const diamond: Record<string, TaskSketch> = {
  land: {},
  orders: { needs: ['land'] },
  customers: { needs: ['land'] },
  join: { needs: ['orders', 'customers'] },
}

async function failedDiamond(): Promise<{ world: World; run: RunId }> {
  const world = makeWorld()
  const run = world.start(diamond, { orders: [{ exit: 1 }, {}] })
  await world.finish(run)
  return { world, run }
}

const pinned = (tasks = diamond) => ({ plan: sketchPlan(tasks), options: FROM_FAILURE })

test('a resume runs what failed and what it held up, and reuses the rest', async () => {
  const { world, run } = await failedDiamond()
  const plan = world.engine.resume({ run, ...pinned() }, 'ana')
  expect(plan.map((one) => [one.task, one.decision])).toEqual([
    ['land', 'reuse'],
    ['orders', 'run'],
    ['customers', 'reuse'],
    ['join', 'run'],
  ])
  expect(plan[1]?.reason).toBe('failed: exit 1')
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  expect(world.task(run, 'land').attempts).toHaveLength(1)
  expect(world.task(run, 'orders').attempts).toHaveLength(2)
  expect(view.resumes).toBe(1)
})

test('a preview promises what the resume does and changes nothing', async () => {
  const { world, run } = await failedDiamond()
  const before = world.events(run).length
  const preview = world.engine.previewResume({ run, ...pinned() })
  expect(world.events(run)).toHaveLength(before)
  expect(world.engine.resume({ run, ...pinned() }, 'ana')).toEqual(preview)
})

test('a resume from a task runs it and all downstream of it again', async () => {
  const world = makeWorld()
  const run = world.start(diamond)
  await world.finish(run)
  const plan = world.engine.resume(
    { run, plan: sketchPlan(diamond), options: { ...FROM_FAILURE, from: ['orders'] } },
    'ana',
  )
  expect(plan.map((one) => one.decision)).toEqual(['reuse', 'run', 'reuse', 'run'])
  expect(plan[3]?.reason).toBe('needs orders, which runs again')
  await world.finish(run)
  expect(world.task(run, 'join').attempts).toHaveLength(2)
})

test('a fixed version runs what changed again, with the changed thing named', async () => {
  const { world, run } = await failedDiamond()
  const fixed = sketchPlan(
    { ...diamond, customers: { needs: ['land'], run: 'true # better' } },
    'v2',
  )
  const plan = world.engine.resume({ run, plan: fixed, options: FROM_FAILURE }, 'ana')
  expect(plan[2]).toMatchObject({ decision: 'run', reason: 'succeeded, but its command changed' })
  const view = await world.finish(run)
  expect(view.version).toBe('v2')
  expect(world.task(run, 'customers').attempts).toHaveLength(2)
})

test('a fixed version may add tasks and drop them', async () => {
  const { world, run } = await failedDiamond()
  const { join: _join, ...rest } = diamond
  const fixed = sketchPlan({ ...rest, report: { needs: ['orders'] } }, 'v2')
  world.engine.resume({ run, plan: fixed, options: FROM_FAILURE }, 'ana')
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  expect(world.states(run)).toMatchObject({ report: 'succeeded', join: 'skipped' })
})

test('a task with an irreversible effect that may have begun is refused, with all that needs it', async () => {
  const world = makeWorld()
  const tasks: Record<string, TaskSketch> = {
    a: {},
    pay: { needs: ['a'], effect: 'irreversible' },
    tell: { needs: ['pay'] },
    other: { needs: ['a'] },
  }
  const run = world.start(tasks, { pay: { exit: 1 }, other: [{ exit: 1 }, {}] })
  await world.finish(run)
  const plan = world.engine.resume({ run, plan: sketchPlan(tasks), options: FROM_FAILURE }, 'ana')
  expect(plan.map((one) => one.decision)).toEqual(['reuse', 'refuse', 'refuse', 'run'])
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(world.task(run, 'pay').attempts).toHaveLength(1)
})

test('a resume of a run with nothing to do says so, and what helps the run as it is', async () => {
  const world = makeWorld()
  const run = world.start(diamond, { land: { ms: 60_000 } })
  await world.flow(1000)
  const expectHint = (state: string, hint: string): void => {
    const message = `There is nothing to resume in run ${run}: it is ${state}.`
    expect(() => world.engine.resume({ run, ...pinned() }, 'ana')).toThrow(
      expect.objectContaining({ message, hint }),
    )
  }
  expectHint(
    'running',
    `To watch it to its end: sluice follow ${run}. To end it: sluice cancel ${run}`,
  )
  world.engine.pause(run, { by: 'ana', reason: '' })
  expectHint('paused', `To let it go on: sluice unpause ${run}`)
  world.engine.unpause(run, 'ana')
  await world.finish(run)
  expectHint('succeeded', `To run a task and all after it again: sluice resume ${run} --from TASK`)
})

test('a resume while other tasks still run attaches to them', async () => {
  const world = makeWorld()
  const run = world.start(diamond, { orders: [{ exit: 1 }, {}], customers: { ms: 600_000 } })
  await world.flow(30_000)
  const plan = world.engine.resume({ run, ...pinned() }, 'ana')
  expect(plan.map((one) => one.decision)).toEqual(['reuse', 'run', 'attach', 'run'])
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 'customers').attempts).toHaveLength(1)
  expect(world.engine.load('a')).toEqual({ used: 0, queued: 0 })
})

test('retries count anew after a resume', async () => {
  const world = makeWorld()
  const retries = { max: 1, delayMs: 1, backoff: 'fixed' as const, capMs: 1, jitter: 0 }
  const run = world.start({ flaky: { retries } }, { flaky: { exit: 1 } })
  await world.finish(run)
  world.engine.resume(
    { run, plan: sketchPlan({ flaky: { retries } }), options: FROM_FAILURE },
    'ana',
  )
  await world.finish(run)
  expect(world.task(run, 'flaky').attempts).toHaveLength(4)
})

test('a cancelled run can be resumed', async () => {
  const world = makeWorld()
  const run = world.start(diamond, { orders: { ms: 60_000 } })
  await world.flow(10_000)
  world.engine.cancel(run, 'ana', '')
  expect((await world.finish(run)).state).toBe('cancelled')
  const plan = world.engine.resume({ run, ...pinned() }, 'ana')
  expect(plan.map((one) => one.reason)).toContain('cancelled')
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('what lives is attached to, also when something upstream runs again', async () => {
  const world = makeWorld()
  const run = world.start(diamond, { orders: [{ exit: 1 }, {}], customers: { ms: 600_000 } })
  await world.flow(30_000)
  const plan = world.engine.resume(
    { run, plan: sketchPlan(diamond), options: { ...FROM_FAILURE, from: ['land'] } },
    'ana',
  )
  expect(plan.map((one) => one.decision)).toEqual(['run', 'run', 'attach', 'run'])
  await world.finish(run)
  expect(world.task(run, 'customers').attempts).toHaveLength(1)
})
