// What a task that chooses decides for those after it, however it came to its end, and for as long as it stays as it is.
import { expect, test } from 'vitest'
import { FROM_FAILURE, type RecoveryOptions } from '../../shared/run/recovery.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'

const said = { by: 'ana', reason: '' }
const byHand = { by: 'ana', reason: 'by hand' }
const branch = { choose: '${{ outputs.next }}', skips: 'direct' as const }
const tasks: Record<string, TaskSketch> = {
  x: {},
  pick: { branch },
  full: { needs: ['pick'] },
  delta: { needs: ['pick', 'x'] },
  after: { needs: ['delta'] },
}
const chosen = { values: { next: 'full' } }

async function resumed(
  world: World,
  run: RunId,
  options: Partial<RecoveryOptions> = {},
): Promise<Record<string, string>> {
  const plan = sketchPlan(tasks)
  world.engine.resume({ run, plan, options: { ...FROM_FAILURE, ...options } }, 'ana')
  await world.finish(run)
  return world.states(run)
}

test.each([
  ['answered', false],
  ['unanswered', true],
])('an approval chooses by its answer: %s', async (_, isLate) => {
  const form = [
    { name: 'next', type: 'string' as const, choices: [], default: 'full', description: '' },
  ]
  const approval = { message: 'How?', form, timeoutMs: 60_000, onTimeout: 'approve' as const }
  const world = makeWorld()
  const run = world.start({
    ask: { approval, branch },
    full: { needs: ['ask'] },
    delta: { needs: ['ask'] },
  })
  await world.flow(1000)
  const values = { next: 'delta' }
  if (!isLate)
    world.engine.approve({ run, task: 'ask', item: null, ...said, decision: 'approved', values })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.states(run)).toEqual({
    ask: 'succeeded',
    full: isLate ? 'succeeded' : 'skipped',
    delta: isLate ? 'skipped' : 'succeeded',
  })
  expect(world.task(run, 'ask').why).toMatch(/^approved/)
})

test('what was not chosen is not run by a resume, whether the choice or a failure came first', async () => {
  for (const slow of ['x', 'pick']) {
    const world = makeWorld()
    const run = world.start(tasks, {
      x: [{ exit: 1, ms: slow === 'x' ? 60_000 : 10 }, {}],
      pick: { ...chosen, ms: slow === 'pick' ? 60_000 : 10 },
    })
    expect((await world.finish(run)).state).toBe('failed')
    expect(await resumed(world, run)).toEqual({
      x: 'succeeded',
      pick: 'succeeded',
      full: 'succeeded',
      delta: 'skipped',
      after: 'skipped',
    })
    expect(world.view(run).state).toBe('succeeded')
    expect(world.task(run, 'delta')).toMatchObject({ attempts: [], why: 'pick chose full' })
  }
})

test('nor by a mark in a run that goes on', async () => {
  const world = makeWorld()
  const run = world.start(
    { ...tasks, slow: {} },
    { x: { exit: 1 }, pick: { ...chosen, ms: 30_000 }, slow: { ms: 600_000 } },
  )
  await world.flow(120_000)
  expect(world.states(run)).toMatchObject({ delta: 'upstream_failed', slow: 'running' })
  world.engine.mark({ run, task: 'x', item: null, state: 'succeeded', ...byHand })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.states(run)).toMatchObject({ full: 'succeeded', delta: 'skipped', after: 'skipped' })
})

test('a choice that skips all below leaves out what a mark or a resume takes back there', async () => {
  const world = makeWorld()
  const cut: Record<string, TaskSketch> = {
    x: {},
    pick: { branch: { ...branch, skips: 'all' } },
    delta: { needs: ['pick'] },
    below: { needs: ['delta', 'x'], trigger: 'all_done' },
  }
  const run = world.start(cut, { x: [{ exit: 1 }, {}], pick: { values: { next: [] } } })
  await world.finish(run)
  world.engine.resume({ run, plan: sketchPlan(cut), options: FROM_FAILURE }, 'ana')
  await world.finish(run)
  expect(world.states(run)).toMatchObject({ x: 'succeeded', delta: 'skipped', below: 'skipped' })
})

test('what has begun beside a branch, an approval too, is asked for again by a resume', async () => {
  const approval = { message: 'Go?', form: [], timeoutMs: null, onTimeout: 'reject' as const }
  const world = makeWorld()
  const asking: Record<string, TaskSketch> = {
    pick: { branch },
    full: { needs: ['pick'] },
    // It starts as soon as either has ended, so before there is a choice.
    ok: { needs: ['pick', 'x'], trigger: 'one_success', approval },
    x: {},
  }
  const run = world.start(asking, { pick: [{ ms: 5000, values: { next: 'full' } }] })
  await world.flow(2000)
  expect(world.states(run)).toMatchObject({ ok: 'running' })
  world.engine.approve({ run, task: 'ok', item: null, ...said, decision: 'rejected', values: {} })
  await world.finish(run)
  expect(world.states(run)).toMatchObject({ ok: 'failed', pick: 'succeeded' })
  world.engine.resume({ run, plan: sketchPlan(asking), options: FROM_FAILURE }, 'ana')
  await world.flow(1000)
  expect(world.states(run)).toMatchObject({ ok: 'running' })
})

test('a person may run what was not chosen, and who marked the choice has chosen all', async () => {
  const world = makeWorld()
  const run = world.start(tasks, { pick: chosen })
  await world.finish(run)
  expect(await resumed(world, run, { from: ['delta'] })).toMatchObject({
    delta: 'succeeded',
    after: 'succeeded',
  })

  const other = world.start(tasks, { pick: { exit: 1 } })
  await world.finish(other)
  world.engine.mark({ run: other, task: 'pick', item: null, state: 'succeeded', ...byHand })
  expect(await resumed(world, other)).toMatchObject({ full: 'succeeded', delta: 'succeeded' })
})

test('a sub-pipeline that was resumed alone chooses as one that succeeds at once', async () => {
  const world = makeWorld()
  const inner = { ...sketchPlan({ one: {} }), pipeline: 'inner' }
  const outer: Record<string, TaskSketch> = {
    mode: {},
    sub: {
      needs: ['mode'],
      child: { plan: inner, late: {} },
      branch: { choose: '${{ tasks.mode.outputs.next }}', skips: 'direct' },
    },
    full: { needs: ['sub'] },
    delta: { needs: ['sub'] },
  }
  const run = world.start(outer, { mode: chosen, one: [{ exit: 1 }, {}] })
  await world.finish(run)
  const child = world.task(run, 'sub').child as RunId
  world.engine.resume({ run: child, plan: inner, options: FROM_FAILURE }, 'ana')
  await world.finish(child)
  world.engine.resume({ run, plan: sketchPlan(outer), options: FROM_FAILURE }, 'ana')
  await world.finish(run)
  expect(world.states(run)).toEqual({
    mode: 'succeeded',
    sub: 'succeeded',
    full: 'succeeded',
    delta: 'skipped',
  })
})
