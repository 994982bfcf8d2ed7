// What people do to a run that goes on, and to its plan, through the calls: checked before it is done, recorded when it is.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InputOf } from '../../shared/api/contract.ts'
import type { ApprovalSpec } from '../../shared/pipeline/spec.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

let api: ApiWorld

beforeEach(() => {
  api = openApiWorld()
})

afterEach(() => api.close())

async function deeds(): Promise<string[]> {
  const rows = await api.client.call('audit.list', {})
  return rows.toReversed().map(({ action, subject, reason, details }) => {
    const more = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`)
    return [action, subject, ...more, reason].filter((word) => word !== '').join(' | ')
  })
}

const field = { type: 'string', default: null, description: '', choices: [] } as const
const approval: ApprovalSpec = {
  message: 'Load it?',
  form: [
    { ...field, name: 'ticket' },
    { ...field, name: 'mode', type: 'choice', choices: ['full', 'delta'], default: 'full' },
  ],
  timeoutMs: null,
  onTimeout: 'reject',
}

test('every word of a person to a live run is recorded, with its reason', async () => {
  const run = api.world.start(
    { a: {}, ask: { approval }, b: { needs: ['a', 'ask'] }, c: { needs: ['b'] } },
    { a: { ms: 60_000 } },
  )
  const call = api.client.call.bind(api.client)
  await call('run.hold', { run, task: 'b', reason: 'a look first' })
  await call('run.pause', { run, reason: 'the window is closed' })
  await call('run.unpause', { run })
  await call('run.unhold', { run, task: 'b' })
  await call('run.approve', {
    run,
    task: 'ask',
    decision: 'approved',
    reason: 'seen',
    values: { ticket: 'T-1' },
  })
  await call('run.stop', { run, after: 'a', reason: 'enough' })
  const view = await api.world.finish(run)
  expect(view.tasks['ask']?.approval?.decided?.values).toEqual({ ticket: 'T-1', mode: 'full' })
  await call('run.mark', { run, task: 'b', state: 'skipped', reason: 'not needed' })
  expect(await deeds()).toEqual([
    `task.held | ${run} b | a look first`,
    `run.paused | ${run} | the window is closed`,
    `run.unpaused | ${run}`,
    `task.unheld | ${run} b`,
    `approval.approved | ${run} ask | seen`,
    `run.stopped | ${run} | after=a | enough`,
    `task.marked | ${run} b | state=skipped | not needed`,
  ])
})

test('what names nothing, or does not fit a form, is refused with the way out and leaves no record', async () => {
  api.present.plan = sketchPlan({ load: {} })
  const run = api.world.start({ load: { fanOut }, ask: { approval } }, { load: { ms: 60_000 } })
  await api.world.flow(1000)
  const held = { run, reason: '' }
  const no = (call: Promise<unknown>, message: string, hint: string): Promise<void> =>
    expect(call).rejects.toMatchObject({ code: 'bad-input', message, hint })
  const call = api.client.call.bind(api.client)
  const none = 'Pipeline "sketch" has no task "laod".'
  await no(call('run.hold', { ...held, task: 'laod' }), none, 'Did you mean "load"?')
  await no(call('run.stop', { run, after: 'laod' }), none, 'Did you mean "load"?')
  await no(call('run.resumePlan', { run, from: ['laod'] }), none, 'Did you mean "load"?')
  await no(
    call('run.hold', { ...held, task: 'load', item: 2 }),
    `There is no item 2 of task "load" in run ${run}.`,
    'It has 2, counted from 0.',
  )
  await no(
    call('run.approve', {
      run,
      task: 'ask',
      decision: 'approved',
      values: { tiket: '1', mode: 'ful' },
    }),
    'The answers do not fit: there is no field "tiket", but "ticket"; ticket has no value; mode: "ful" is not one of the choices. Did you mean "full"?',
    'Its form has ticket (string), mode (full, delta).',
  )
  expect(await deeds()).toEqual([])
})

const fanOut = { over: ['x', 'y'], maxParallel: null, join: 'all', failFast: false } as const

test('a resume does the plan that was shown, or nothing: the record names the plan and what a person changed in it', async () => {
  const chain = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }
  api.present.plan = sketchPlan(chain)
  const run = api.world.start(chain, { b: [{ exit: 1 }, {}] })
  await api.world.finish(run)
  const forced = [{ task: 'a', decision: 'run' as const, reason: 'stale rows' }]
  const shown = await api.client.call('run.resumePlan', { run, forced })
  expect(shown.plan.map(({ decision }) => decision)).toEqual(['run', 'run', 'run'])
  // The same question asked again is the same plan; another one is not.
  expect((await api.client.call('run.resumePlan', { run, forced })).planId).toBe(shown.planId)
  await api.client.call('run.mark', { run, task: 'b', state: 'succeeded', reason: 'by hand' })
  const resume = (planId: string): Promise<unknown> =>
    api.client.call('run.resume', { run, forced, planId })
  await expect(resume(shown.planId)).rejects.toMatchObject({ code: 'conflict' })
  expect(api.world.view(run).state).toBe('failed')
  const again = await api.client.call('run.resumePlan', { run, forced })
  await resume(again.planId)
  expect((await api.world.finish(run)).state).toBe('succeeded')
  expect((await deeds()).at(-1)).toBe(
    `run.resumed | ${run} | forced=run a | plan=${again.planId} | run=3 | version=v1 | stale rows`,
  )
})

const grouped = {
  first: {},
  'etl.a': { group: 'etl', needs: ['first'] },
  'etl.deep.b': { group: 'etl.deep', needs: ['first'] },
  'etl.deep.c': { group: 'etl.deep', needs: ['etl.deep.b'] },
  last: { needs: ['etl.a', 'etl.deep.c'] },
}

test('the name of a group means its tasks, near and deep, and a task says more than its group', async () => {
  api.present.plan = sketchPlan(grouped)
  const run = api.world.start(grouped)
  await api.world.finish(run)
  const runsAgain = async (
    asked: Partial<InputOf<'run.resumePlan'>>,
  ): Promise<readonly string[]> => {
    const preview = await api.client.call('run.resumePlan', { run, ...asked })
    return preview.plan.filter(({ decision }) => decision === 'run').map(({ task }) => task)
  }
  expect(await runsAgain({ from: ['etl'] })).toEqual(['etl.a', 'etl.deep.b', 'etl.deep.c', 'last'])
  expect(await runsAgain({ from: ['etl.deep'] })).toEqual(['etl.deep.b', 'etl.deep.c', 'last'])
  const say = (task: string, decision: 'run' | 'leave') => ({
    task,
    item: null,
    decision,
    reason: 'x',
  })
  // Whatever the order in which they are said.
  const forced = [say('etl.deep.c', 'run'), say('etl.deep', 'leave'), say('etl', 'run')]
  expect(await runsAgain({ forced })).toEqual(['etl.a', 'etl.deep.c', 'last'])
  const no = (call: Promise<unknown>, message: string, hint: string): Promise<void> =>
    expect(call).rejects.toMatchObject({ code: 'bad-input', message, hint })
  const none = (name: string): string => `Pipeline "sketch" has no task or group "${name}".`
  await no(runsAgain({ from: ['etl.depe'] }), none('etl.depe'), 'Did you mean "etl.deep"?')
  await no(
    runsAgain({ from: ['quarterly'] }),
    none('quarterly'),
    'It has first, etl.a, etl.deep.b, etl.deep.c, last; groups: etl, etl.deep.',
  )
  // What takes one task says so of a group.
  await no(
    api.client.call('run.stop', { run, after: 'etl.deep' }),
    '"etl.deep" is a group of tasks; this takes one task.',
    'Name one of etl.deep.b, etl.deep.c.',
  )
  await no(
    runsAgain({ from: ['etl[0]'] }),
    '"etl" is a group of tasks; this takes one task.',
    'Name one of etl.a, etl.deep.b, etl.deep.c.',
  )
})

test('a hold of a group holds those of its tasks that have not begun, and is one record', async () => {
  const run = api.world.start(grouped, { 'etl.a': { ms: 60_000 }, 'etl.deep.b': { ms: 10_000 } })
  await api.world.flow(5000)
  const held = { run, task: 'etl' }
  await api.client.call('run.hold', { ...held, reason: 'a look first' })
  await api.world.flow(20_000)
  const states = async (): Promise<string[]> => {
    const { view } = await api.client.call('run.get', { run })
    return Object.values(view.tasks).map(({ task, state, held: by }) =>
      [task, state, ...(by === undefined ? [] : ['held'])].join(' '),
    )
  }
  expect(await states()).toEqual([
    'first succeeded',
    'etl.a running',
    'etl.deep.b succeeded',
    'etl.deep.c waiting held',
    'last waiting',
  ])
  await api.client.call('run.unhold', held)
  const view = await api.world.finish(run)
  expect(view.state).toBe('succeeded')
  expect(await deeds()).toEqual([
    `task.held | ${run} etl | a look first`,
    `task.unheld | ${run} etl`,
  ])
  await expect(api.client.call('run.hold', { ...held, reason: '' })).rejects.toMatchObject({
    code: 'conflict',
  })
})
