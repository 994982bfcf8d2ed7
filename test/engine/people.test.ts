// What people do to a run while it goes on: pause, hold, stop, answer.
import { expect, test } from 'vitest'
import { makeWorld } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'
import type { ApprovalSpec } from '../../shared/pipeline/spec.ts'
import type { RunId } from '../../shared/run/ids.ts'

const said = { by: 'ana', reason: 'a look first' }
const chain: Record<string, TaskSketch> = { a: {}, b: { needs: ['a'] }, c: { needs: ['b'] } }
const ref = (run: RunId, task: string, item: number | null = null) => ({ run, task, item })

async function after(world: World, ms: number): Promise<void> {
  await world.flow(ms)
  if (world.fatal.length > 0) throw world.fatal[0] as Error
}

test('a paused run starts nothing, what runs goes on, and it goes on where it was, also after a restart', async () => {
  const world = makeWorld()
  const run = world.start(chain, { a: { ms: 10_000 } })
  await after(world, 1000)
  world.engine.pause(run, said)
  await after(world, 60_000)
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'waiting', c: 'waiting' })
  world.crash()
  await after(world, 60_000)
  expect(world.view(run)).toMatchObject({
    state: 'running',
    paused: { by: 'ana', reason: 'a look first' },
  })
  expect(world.states(run)['b']).toBe('waiting')
  world.engine.unpause(run, 'bob')
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('a pause takes queued work out of its lane and holds retries back', async () => {
  const world = makeWorld({ slots: 1 })
  const retries = { max: 2, delayMs: 5000, backoff: 'fixed' as const, capMs: 5000, jitter: 0 }
  const run = world.start(
    { a: { retries }, b: {}, c: {} },
    { a: [{ exit: 1 }, {}], b: { ms: 30_000 } },
  )
  await after(world, 2500)
  expect(world.states(run)).toEqual({ a: 'retrying', b: 'running', c: 'queued' })
  world.engine.pause(run, said)
  await after(world, 120_000)
  expect(world.states(run)).toEqual({ a: 'retrying', b: 'succeeded', c: 'queued' })
  world.engine.unpause(run, 'ana')
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('a held task waits while all beside it goes on', async () => {
  const world = makeWorld()
  const run = world.start({ ...chain, side: {} })
  world.engine.hold({ ...ref(run, 'b'), ...said })
  await after(world, 60_000)
  expect(world.states(run)).toEqual({
    a: 'succeeded',
    b: 'waiting',
    c: 'waiting',
    side: 'succeeded',
  })
  world.crash()
  await after(world, 60_000)
  world.engine.unhold({ ...ref(run, 'b'), by: 'ana' })
  expect((await world.finish(run)).state).toBe('succeeded')
})

test('what runs cannot be held, and says so', async () => {
  const world = makeWorld()
  const run = world.start(chain, { a: { ms: 10_000 } })
  await after(world, 1000)
  expect(() => world.engine.hold({ ...ref(run, 'a'), ...said })).toThrow(
    /cannot be held: it is running/,
  )
})

test('stop after a task: it ends, what has not begun never does, and the run is cancelled', async () => {
  const world = makeWorld()
  const run = world.start(
    { ...chain, slow: {}, report: { isFinal: true } },
    { a: { ms: 5000 }, slow: { ms: 100_000 } },
  )
  await after(world, 1000)
  world.engine.stopAfter(run, { ...said, after: 'a' })
  await after(world, 50_000)
  expect(world.states(run)).toMatchObject({ a: 'succeeded', b: 'cancelled', slow: 'running' })
  expect((await world.finish(run)).state).toBe('cancelled')
  expect(world.states(run)).toMatchObject({
    slow: 'succeeded',
    c: 'cancelled',
    report: 'succeeded',
  })
})

test('what waits for a slot when the run is stopped after a task never gets it', async () => {
  const world = makeWorld({ slots: 1 })
  const run = world.start({ a: {}, queued: {} })
  world.engine.stopAfter(run, { ...said, after: 'a' })
  await world.finish(run)
  expect(world.task(run, 'queued')).toMatchObject({
    state: 'cancelled',
    why: 'the run was stopped after a by ana',
    attempts: [],
  })
})

test('stop now lets what runs end', async () => {
  const world = makeWorld()
  const run = world.start(chain, { a: { ms: 5000 } })
  await after(world, 1000)
  world.engine.stopAfter(run, { ...said, after: null })
  expect((await world.finish(run)).state).toBe('cancelled')
  expect(world.states(run)).toEqual({ a: 'succeeded', b: 'cancelled', c: 'cancelled' })
})

test('what fails in a run that is being stopped is not tried again, but for clean-up', async () => {
  const world = makeWorld()
  const retries = { max: 1, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
  const bad = { ms: 5000, exit: 1 }
  const run = world.start(
    { a: { retries }, report: { retries, isFinal: true } },
    { a: bad, report: [bad, {}] },
  )
  await after(world, 1000)
  world.engine.stopAfter(run, { ...said, after: null })
  expect((await world.finish(run)).state).toBe('failed')
  expect(world.states(run)).toEqual({ a: 'failed', report: 'succeeded' })
  expect(world.task(run, 'a').attempts).toHaveLength(1)
})

const approval: ApprovalSpec = {
  message: 'Load ${{ tasks.count.outputs.rows }} rows?',
  form: [{ name: 'table', type: 'string', default: 'orders', description: '', choices: [] }],
  timeoutMs: 3_600_000,
  onTimeout: 'reject',
}
const asking = (more: Partial<ApprovalSpec> = {}): Record<string, TaskSketch> => ({
  count: {},
  ok: { needs: ['count'], approval: { ...approval, ...more } },
  load: { needs: ['ok'], lateEnv: { TABLE: '${{ tasks.ok.outputs.table }}' } },
})
const counted = { count: { values: { rows: 12 } } }
const answer = { by: 'ana', reason: 'looks right', values: { table: 'sales' } }

test('an approval asks a person, holds no slot, and hands the answers on', async () => {
  const world = makeWorld({ slots: 1 })
  const run = world.start(asking(), counted)
  await after(world, 60_000)
  expect(world.task(run, 'ok')).toMatchObject({
    state: 'running',
    approval: { message: 'Load 12 rows?', decided: null },
  })
  expect(world.engine.load('a').used).toBe(0)
  world.crash()
  world.engine.approve({ ...ref(run, 'ok'), decision: 'approved', ...answer })
  expect((await world.finish(run)).state).toBe('succeeded')
  expect(world.host('a').orders.at(-1)?.env['TABLE']).toBe('sales')
  expect(() =>
    world.engine.approve({ ...ref(run, 'ok'), decision: 'approved', ...answer }),
  ).toThrow(/has ended/)
})

test('a rejected approval fails with the reason', async () => {
  const world = makeWorld()
  const run = world.start(asking(), counted)
  await after(world, 10_000)
  world.engine.approve({ ...ref(run, 'ok'), decision: 'rejected', ...answer, reason: 'too few' })
  expect((await world.finish(run)).state).toBe('failed')
  expect(world.task(run, 'ok').why).toBe('rejected by ana: too few')
})

test.each(['approve', 'reject'] as const)(
  'an approval that nobody answers does what its file says: %s, also over a restart',
  async (onTimeout) => {
    const world = makeWorld()
    const run = world.start(asking({ onTimeout }), counted)
    await after(world, 60_000)
    world.crash()
    const view = await world.finish(run)
    expect(view.state).toBe(onTimeout === 'approve' ? 'succeeded' : 'failed')
    expect(world.task(run, 'ok').why).toMatch(/nobody answered in time/)
    const table = world.host('a').orders.at(-1)?.env['TABLE']
    expect(table).toBe(onTimeout === 'approve' ? 'orders' : undefined)
  },
)

test('a cancel ends a question that nobody has answered', async () => {
  const world = makeWorld()
  const run = world.start(asking({ timeoutMs: null }), counted)
  await after(world, 10_000)
  world.engine.cancel(run, 'ana', '')
  expect((await world.finish(run)).state).toBe('cancelled')
  expect(world.states(run)['ok']).toBe('cancelled')
})

test('what a task saved of its progress is handed to its next attempt, also on another host', async () => {
  const world = makeWorld()
  const retries = { max: 1, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
  const pool = { name: 'p', pick: 'in_order' as const }
  const run = world.start(
    { copy: { retries, hosts: ['a', 'b'], pool } },
    {
      copy: [
        {
          ms: 5000,
          exit: 1,
          checkpoints: [
            { atMs: 1000, values: { offset: '24000' } },
            { atMs: 3000, values: { offset: '48000', total: '96000' } },
          ],
        },
        {},
      ],
    },
  )
  await after(world, 4000)
  expect(world.task(run, 'copy').checkpoint).toMatchObject({
    attempt: 1,
    values: { offset: '48000' },
  })
  world.closed.set('a', 'cordoned')
  await world.finish(run)
  const orders = [...world.host('a').orders, ...world.host('b').orders]
  expect(orders.map(({ checkpoint }) => checkpoint?.values)).toEqual([
    undefined,
    { offset: '48000', total: '96000' },
  ])
  expect(world.task(run, 'copy').attempts.map(({ host }) => host)).toEqual(['a', 'b'])
})
