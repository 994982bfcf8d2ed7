// What users of other tools complain of most, each by its name.
import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch } from '../helpers/world.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RunId } from '../../shared/run/ids.ts'

const retries = (max: number, delayMs = 1000) => ({
  max,
  delayMs,
  backoff: 'fixed' as const,
  capMs: 60_000,
  jitter: 0,
})

const files = { list: { values: { files: ['w', 'x', 'y', 'z'] } } }

const mapped = (
  join: 'all' | 'any' = 'all',
  more: TaskSketch = {},
): Record<string, TaskSketch> => ({
  list: {},
  load: {
    needs: ['list'],
    fanOut: { over: '${{ tasks.list.outputs.files }}', maxParallel: null, join, failFast: false },
    ...more,
  },
})

test('mapping combined with trigger rules: a fan-out is one need, whatever its items did', async () => {
  const after: Record<string, TaskSketch> = {
    cleanup: { needs: ['load', 'list'], trigger: 'all_done' },
    alarm: { needs: ['load'], trigger: 'one_failed' },
    strict: { needs: ['load'], trigger: 'none_failed' },
    // Rules of a fan-out itself: its items begin by the rule of the whole.
    each: { ...mapped().load, needs: ['list', 'load'], trigger: 'one_failed' },
  }
  const script: Script = { ...files, 'load[0]': { exit: 1 }, 'load[3]': { exit: 1 } }
  const ended = async (join: 'all' | 'any'): Promise<Record<string, string>> => {
    const world = makeWorld()
    const run = world.start({ ...mapped(join), ...after }, script)
    await world.finish(run)
    return world.states(run)
  }
  expect(await ended('any')).toMatchObject({
    'load[0]': 'failed',
    load: 'succeeded',
    cleanup: 'succeeded',
    alarm: 'skipped',
    strict: 'succeeded',
    each: 'skipped',
  })
  expect(await ended('all')).toMatchObject({
    load: 'failed',
    cleanup: 'succeeded',
    alarm: 'succeeded',
    strict: 'upstream_failed',
    each: 'succeeded',
    'each[2]': 'succeeded',
  })
})

test('retries that repeat what had succeeded: a sub-pipeline and an item go on from the failure', async () => {
  const world = makeWorld()
  const child = {
    plan: { ...sketchPlan({ one: {}, two: { needs: ['one'] } }), pipeline: 'child' },
    late: {},
  }
  const run = world.start(
    { ...mapped('all', { retries: retries(1) }), sub: { child, retries: retries(1) } },
    { ...files, 'load[1]': [{ exit: 1 }, {}], two: [{ exit: 3 }, {}] },
  )
  expect((await world.finish(run)).state).toBe('succeeded')
  const inner = world.task(run, 'sub').child as RunId
  expect(world.view(inner).resumes).toBe(1)
  expect(world.task(inner, 'one').attempts).toHaveLength(1)
  expect(world.task(inner, 'two').attempts).toHaveLength(2)
  const made = [0, 1, 2, 3].map((at) => world.task(run, `load[${at}]`).attempts.length)
  expect(made).toEqual([1, 2, 1, 1])
})

test('a cleared run that times out at once: every time counts anew after a resume', async () => {
  const approval = { message: 'go?', form: [], timeoutMs: 3_600_000, onTimeout: 'reject' as const }
  const tasks = { a: { timeoutMs: 60_000 }, ok: { needs: ['a'], approval } }
  const world = makeWorld()
  const run = world.start(tasks, { a: { ms: 50_000 } })
  await world.finish(run)
  expect(world.task(run, 'ok').why).toMatch(/nobody answered in time/)
  await world.flow(10 * 3_600_000)
  const options = { ...FROM_FAILURE, from: ['a'] }
  world.engine.resume({ run, plan: sketchPlan(tasks), options }, 'ana')
  await world.flow(3_000_000)
  expect(world.host('a').orders.map(({ timeoutMs }) => timeoutMs)).toEqual([60_000, 60_000])
  expect(world.states(run)).toEqual({ a: 'succeeded', ok: 'running' })
})

test('a queued retry dropped after restart: it waits on, for its time and for its slot', async () => {
  const world = makeWorld({ slots: 1 })
  const run = world.start(
    { flaky: { retries: retries(1, 30_000) }, long: { needs: ['first'] }, first: { host: 'b' } },
    { flaky: [{ exit: 1 }, {}], first: { ms: 5000 }, long: { ms: 600_000 } },
  )
  await world.flow(20_000)
  expect(world.states(run)).toMatchObject({ flaky: 'retrying', long: 'running' })
  world.crash()
  await world.flow(60_000)
  expect(world.states(run)).toMatchObject({ flaky: 'queued', long: 'running' })
  world.crash()
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.task(run, 'flaky').attempts).toHaveLength(2)
})

/** What happens to the host of `a`, once it runs. */
const losses: Record<string, (world: ReturnType<typeof makeWorld>) => void> = {
  'its host never comes back': (world) => world.fleet.drop('a'),
  'its host never comes back, nor does Sluice for a while': (world) => {
    world.host('a').isUp = false
    world.crash()
    world.fleet.drop('a') // a fleet says so of a host that it cannot reach
  },
  'its host restarts': (world) => world.host('a').reboot(),
  'its host has left the workspace': (world) => {
    world.fleet.drop('a')
    world.gone.add('a')
    world.engine.stir()
  },
}

test.each(Object.keys(losses))(
  'a run stuck "running" for ever: it ends although %s',
  async (name) => {
    const world = makeWorld()
    const run = world.start({ a: {}, b: { needs: ['a'] } }, { a: { ms: 60_000, noLog: true } })
    await world.flow(5000)
    losses[name]?.(world)
    const view = await world.finish(run)
    expect(view.state).toBe('failed')
    expect((view.endedAt ?? 0) - view.createdAt).toBeLessThan(25 * 3_600_000)
    expect(world.states(run)).toEqual({ a: 'failed', b: 'upstream_failed' })
    expect(world.task(run, 'a').why).not.toBe('')
  },
)

test('resume of a map that redoes all items: only those run again that did not succeed', async () => {
  const world = makeWorld()
  const tasks = { ...mapped(), join: { needs: ['load'] } }
  const run = world.start(tasks, { ...files, 'load[1]': [{ exit: 1 }, {}] })
  await world.finish(run)
  const request = { run, plan: sketchPlan(tasks), options: FROM_FAILURE }
  const told = world.engine
    .previewResume(request)
    .map(({ task, item, decision, reason }) => [
      item === null ? task : `${task}[${item}]`,
      decision,
      reason,
    ])
  expect(told).toEqual([
    ['list', 'reuse', 'succeeded on a (attempt 1)'],
    ['load', 'run', '1 of 4 items run again'],
    ['load[1]', 'run', 'failed: exit 1'],
    ['join', 'run', 'was held up: needs load'],
  ])
  world.engine.resume(request, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
  const made = [0, 1, 2, 3].map((at) => world.task(run, `load[${at}]`).attempts.length)
  expect(made).toEqual([1, 2, 1, 1])
})
