import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RootCause } from '../../shared/api/views.ts'
import { causePath } from '../../shared/run/cause-path.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { Script, TaskSketch } from '../helpers/world.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

let api: ApiWorld

beforeEach(() => {
  api = openApiWorld()
})

afterEach(() => api.close())

const partOf = (tasks: Record<string, TaskSketch>, version: string): TaskSketch => ({
  child: { plan: { ...sketchPlan(tasks, version), pipeline: version }, late: {} },
})

const fanOut = { over: ['a', 'b'], maxParallel: null, failFast: false, join: 'all' as const }

async function explained(run: RunId): Promise<RootCause> {
  const cause = await api.client.call('run.explain', { run })
  if (cause === null) throw new Error('It explains nothing.')
  return cause
}

async function causeOf(tasks: Record<string, TaskSketch>, script: Script = {}): Promise<RootCause> {
  const run = api.world.start(tasks, script)
  await api.world.finish(run)
  return await explained(run)
}

test('a run that failed for a task two runs below is explained by that task, with the way there', async () => {
  const inner = partOf({ fine: {}, check: { needs: ['fine'] } }, 'inner')
  const outer = partOf({ each: { ...inner, fanOut } }, 'outer')
  const run = api.world.start({ load: outer, after: { needs: ['load'] } }, { check: { exit: 3 } })
  await api.world.finish(run)
  const load = api.world.task(run, 'load').child as RunId
  const item = api.world.task(load, 'each[0]').child as RunId
  const cause = await explained(run)
  expect(cause).toMatchObject({ rootTask: 'check', attempt: 1, waiting: ['after'] })
  expect(cause.via).toEqual([
    { task: 'load', run: load },
    { task: 'each[0]', run: item },
  ])
  expect(causePath(cause)).toBe(`load > run ${load} > each[0] > run ${item} > check`)
  expect(await explained(item)).not.toHaveProperty('via')
})

test('a question that was refused, or that nobody answered in time, is the cause, and what to do stands with it', async () => {
  const approval = { message: 'Go?', form: [], timeoutMs: 1000, onTimeout: 'reject' as const }
  const late = await causeOf({ ask: { approval }, b: { needs: ['ask'] } })
  expect(late).toMatchObject({ rootTask: 'ask', attempt: null, class: 'not_answered' })
  expect(late.summary).toMatch(
    /^Nobody answered the question "Go\?" in time.*\. A resume asks again/,
  )
  expect(late.waiting).toEqual(['b'])

  const run = api.world.start({ ask: { approval: { ...approval, timeoutMs: null } } })
  await api.world.flow(100)
  const answer = { run, task: 'ask', decision: 'rejected' as const, reason: 'too late' }
  await api.client.call('run.approve', answer)
  await api.world.finish(run)
  expect(await explained(run)).toMatchObject({
    class: 'rejected',
    summary: expect.stringMatching(/^ana said no to the question "Go\?": too late\. /) as string,
  })
})

test('a list that cannot be had is the cause, unless a command failed before it', async () => {
  const list = { needs: ['first'], fanOut: { ...fanOut, over: '${{ tasks.first.outputs.files }}' } }
  const wrong = await causeOf({ first: {}, each: list })
  expect(wrong).toMatchObject({ rootTask: 'each', attempt: null, class: 'unusable_value' })
  expect(wrong.summary).toMatch(
    /^Its list cannot be had: .*\. Mend what first hands on and resume from there, or mend the pipeline/,
  )

  const other = await causeOf(
    { broken: {}, first: {}, each: { ...list, needs: ['first'] } },
    { broken: { exit: 2 }, first: { ms: 60_000 } },
  )
  expect(other).toMatchObject({ rootTask: 'broken', attempt: 1 })
})

test('of a fan-out the items stand for it, and a run that is well has no cause', async () => {
  const run = api.world.start({ load: { fanOut } }, { 'load[1]': { exit: 4 } })
  const view = await api.world.finish(run)
  expect(view.tasks[taskKey('load', null)]?.state).toBe('failed')
  expect(await explained(run)).toMatchObject({ rootTask: 'load', attempt: 1 })
  const good = api.world.start({ a: {} })
  await api.world.finish(good)
  expect(await api.client.call('run.explain', { run: good })).toBeNull()
})
