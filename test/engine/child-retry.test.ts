// When a sub-pipeline that did not succeed is tried again: it goes on in the run it had, as its task's rules allow.
import { expect, test } from 'vitest'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Behaviour } from '../helpers/fake-hosts.ts'
import type { TaskSketch, World } from '../helpers/world.ts'

const child = { plan: { ...sketchPlan({ one: {} }), pipeline: 'child' }, late: {} }
const retries = (max: number) => ({
  max,
  delayMs: 10_000,
  backoff: 'linear' as const,
  capMs: 3_600_000,
  jitter: 0,
})

function start(
  sub: TaskSketch,
  one: Behaviour = { exit: 1 },
  more: Partial<RunPlan> = {},
): { world: World; run: RunId } {
  const world = makeWorld()
  const plan = { ...sketchPlan({ sub: { child, ...sub } }), ...more }
  return { world, run: world.startPlan(plan, { one }) }
}

test.each<[string, TaskSketch, Partial<RunPlan>, number[]]>([
  ['as often as it may', { retries: retries(2) }, {}, [10_000, 20_000]],
  ['never, if it may not', { retries: retries(0) }, {}, []],
  ['never, if it is irreversible', { retries: retries(2), effect: 'irreversible' }, {}, []],
  ['as far as the run has retries left', { retries: retries(3) }, { retryBudget: 1 }, [10_000]],
])('one that fails is tried again %s', async (_, sub, more, delays) => {
  const { world, run } = start(sub, { exit: 1 }, more)
  expect((await world.finish(run)).state).toBe('failed')
  const waits = world
    .events(run)
    .flatMap((event) => (event.kind === 'task.retrying' ? [event.dueAt - event.at] : []))
  expect(waits).toEqual(delays)
  const { child: inner, why } = world.task(run, 'sub')
  expect(why).toBe(`its run ${inner} failed`)
  expect(world.view(inner as RunId).resumes).toBe(delays.length)
})

test('one that a person cancelled alone fails its task and is not tried again', async () => {
  const { world, run } = start({ retries: retries(2) }, { ms: 60_000 })
  await world.flow(5000)
  const inner = world.task(run, 'sub').child as RunId
  world.engine.cancel(inner, 'ana', '')
  expect((await world.finish(run)).state).toBe('failed')
  expect(world.task(run, 'sub')).toMatchObject({
    state: 'failed',
    why: `its run ${inner} cancelled`,
  })
})

test('one whose parent is cancelled ends cancelled, however it failed', async () => {
  const { world, run } = start({ retries: retries(2) }, { ms: 60_000 })
  await world.flow(5000)
  const inner = world.task(run, 'sub').child as RunId
  world.engine.cancel(run, 'ana', '')
  expect((await world.finish(run)).state).toBe('cancelled')
  expect(world.task(run, 'sub')).toMatchObject({
    state: 'cancelled',
    why: `its run ${inner} cancelled`,
  })
})
