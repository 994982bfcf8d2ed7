// How a run has ended, row by row; and why a task run did not begin, in the words that people read.
import { expect, test } from 'vitest'
import { judgeRun } from '../../electron/engine/verdict.ts'
import { newTaskView } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch } from '../helpers/world.ts'

type Tasks = Record<string, TaskSketch>
const said = { by: 'ana', reason: '', at: 1 }
const cancelAsked: Partial<RunView> = { cancelAsked: said }
const stopAsked: Partial<RunView> = { stopAsked: { ...said, after: null } }
const pair: Tasks = { a: {}, b: { needs: ['a'] } }
const cleaned = (failsRun: boolean): Tasks => ({
  a: {},
  b: { needs: ['a'], teardown: { of: [], failsRun } },
})

const runs: [string, Tasks, TaskState[], Partial<RunView>, 'leaves' | undefined, string][] = [
  ['all good', pair, ['succeeded', 'reused'], {}, undefined, 'succeeded'],
  [
    'a cancel that came too late',
    pair,
    ['succeeded', 'skipped'],
    cancelAsked,
    undefined,
    'succeeded',
  ],
  ['a failure', pair, ['succeeded', 'failed'], {}, undefined, 'failed'],
  ['held up', pair, ['succeeded', 'upstream_failed'], {}, undefined, 'failed'],
  [
    'a failure that is allowed',
    { a: { allowFailure: true } },
    ['failed'],
    {},
    undefined,
    'succeeded',
  ],
  [
    'a tear-down that fails its run',
    cleaned(true),
    ['succeeded', 'failed'],
    {},
    undefined,
    'failed',
  ],
  [
    'a tear-down that does not',
    cleaned(false),
    ['succeeded', 'failed'],
    {},
    undefined,
    'succeeded',
  ],
  ['cancelled as asked', pair, ['succeeded', 'cancelled'], cancelAsked, undefined, 'cancelled'],
  [
    'cancelled beside a failure',
    pair,
    ['failed', 'cancelled'],
    cancelAsked,
    undefined,
    'cancelled',
  ],
  ['stopped beside a failure', pair, ['failed', 'cancelled'], stopAsked, undefined, 'cancelled'],
  ['a failure, and one cancelled unasked', pair, ['failed', 'cancelled'], {}, undefined, 'failed'],
  ['one cancelled unasked', pair, ['succeeded', 'cancelled'], {}, undefined, 'cancelled'],
  ['a failure asked to end', pair, ['failed', 'succeeded'], cancelAsked, undefined, 'failed'],
  ['by its leaves, good', pair, ['failed', 'succeeded'], {}, 'leaves', 'succeeded'],
  ['by its leaves, bad', pair, ['succeeded', 'failed'], {}, 'leaves', 'failed'],
  [
    'by its leaves, a tear-down hides none',
    cleaned(false),
    ['failed', 'succeeded'],
    {},
    'leaves',
    'failed',
  ],
  [
    'by its leaves, a tear-down that counts',
    cleaned(true),
    ['failed', 'succeeded'],
    {},
    'leaves',
    'succeeded',
  ],
  ['a task that has no state yet', pair, ['succeeded'], {}, undefined, 'succeeded'],
]

test.each(runs)('a run with %s', (_, tasks, states, asked, verdict, expected) => {
  const names = Object.keys(tasks)
  const views = states.map((state, at) => {
    const name = names[at] ?? ''
    return [name, { ...newTaskView(name, null), state }] as const
  })
  const view = { cancelAsked: null, ...asked, tasks: Object.fromEntries(views) } as RunView
  const plan = { ...sketchPlan(tasks), ...(verdict === undefined ? {} : { verdict }) }
  expect(judgeRun({ view, plan })).toBe(expected)
})

const bad = { exit: 1 }
const no = "${{ params.day == '1' }}"
const setUp = (make: TaskSketch, more: Tasks = {}): Tasks => ({
  make: { setup: true, ...make },
  work: { needs: ['make'] },
  drop: { needs: ['make', 'work'], teardown: { of: ['make'], failsRun: false } },
  ...more,
})
const both: Tasks = {
  one: { setup: true },
  two: { setup: true },
  work: { needs: ['one', 'two'] },
  drop: { needs: ['one', 'two', 'work'], teardown: { of: ['one', 'two'], failsRun: false } },
}

const reasons: [string, Tasks, Script, Record<string, [TaskState, string]>][] = [
  ['a need that failed', pair, { a: bad }, { b: ['upstream_failed', 'needs a'] }],
  [
    'a need that was skipped',
    { ...pair, a: { when: no } },
    {},
    { b: ['skipped', 'needs a, which was skipped'] },
  ],
  [
    'a need that its rule cannot bear',
    { a: {}, c: {}, b: { needs: ['c', 'a'], trigger: 'none_failed' } },
    { a: bad },
    { b: ['upstream_failed', 'needs a; its rule is none_failed'] },
  ],
  [
    'a skipped need that its rule cannot bear',
    { a: { when: no }, c: {}, b: { needs: ['c', 'a'], trigger: 'none_skipped' } },
    {},
    { b: ['skipped', 'needs a, which was skipped; its rule is none_skipped'] },
  ],
  [
    'no need that says so',
    { a: {}, b: { needs: ['a'], trigger: 'one_failed' } },
    {},
    { b: ['skipped', 'its rule is one_failed'] },
  ],
  [
    'a condition on states',
    { a: {}, b: { needs: ['a'], trigger: { op: 'is', task: 'a', state: 'failed' } } },
    {},
    { b: ['skipped', 'its condition on other tasks is false'] },
  ],
  [
    'a set-up that failed',
    setUp({}),
    { make: bad },
    {
      work: ['upstream_failed', 'needs its set-up make'],
      drop: ['upstream_failed', 'needs make'],
    },
  ],
  [
    'a set-up that was skipped',
    setUp({ when: no }),
    {},
    {
      work: ['skipped', 'needs its set-up make'],
      drop: ['skipped', 'needs make, which was skipped'],
    },
  ],
  [
    'a set-up that is good beside one that is not',
    both,
    { one: bad },
    { work: ['upstream_failed', 'needs its set-up one'], drop: ['succeeded', ''] },
  ],
  [
    'one set-up skipped, one failed',
    { ...both, one: { setup: true, when: no } },
    { two: bad },
    { drop: ['upstream_failed', 'needs two'] },
  ],
  ['work that failed after its set-up', setUp({}), { work: bad }, { drop: ['succeeded', ''] }],
  [
    'no set-up at all',
    { a: {}, drop: { needs: ['a'], teardown: { of: [], failsRun: false } } },
    { a: bad },
    { drop: ['succeeded', ''] },
  ],
]

test.each(reasons)(
  'what does not begin names its cause: %s',
  async (_, tasks, script, expected) => {
    const world = makeWorld()
    const run = world.startPlan({ ...sketchPlan(tasks), params: { day: '2' } }, script)
    await world.finish(run)
    const found = Object.keys(expected).map((name) => {
      const { state, why } = world.task(run, name)
      return [name, [state, state === 'succeeded' ? '' : why]]
    })
    expect(Object.fromEntries(found)).toEqual(expected)
  },
)

test('a tear-down waits for all that comes before it', async () => {
  const world = makeWorld()
  const run = world.start(setUp({}, { side: { needs: ['make'] } }), { work: { ms: 60_000 } })
  await world.flow(30_000)
  expect(world.states(run)).toMatchObject({ work: 'running', drop: 'waiting' })
  expect((await world.finish(run)).state).toBe('succeeded')
})
