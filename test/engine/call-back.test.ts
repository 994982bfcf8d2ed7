// What hosts still tell of copies that were given up, long after their run went on without them.
import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { AttemptView } from '../../shared/run/run-view.ts'

const hour = 3_600_000
const stay: TaskSketch = { host: 'b' }
const lone: TaskSketch = { onUnknown: { waitMs: 0, then: 'ask' }, graceMs: 1000 }
const copyOf = (world: World, run: RunId): AttemptView | undefined =>
  world.task(run, 'lone').attempts[0]
const fences = (world: World): unknown =>
  world.store.db.prepare('select count(*) from fence').pluck().get()

/** A copy of `lone` on a host that is away, given up; its run goes on in a version without such a task. */
async function removedCopy(): Promise<{ world: World; run: RunId }> {
  const world = makeWorld({ slots: 1 })
  const script = { lone: { ms: 10 * hour }, stay: [{ exit: 1 }, { ms: 3 * hour }] }
  const run = world.start({ lone, stay }, script)
  await world.flow(2000)
  world.fleet.drop('a')
  await world.flow(20_000)
  world.engine.settle({ run, task: 'lone', item: null, decision: 'fail', by: 'ana', reason: '' })
  await world.finish(run)
  world.engine.resume({ run, plan: sketchPlan({ stay }, 'v2'), options: FROM_FAILURE }, 'ana')
  await world.flow(1000)
  return { world, run }
}

test.each([
  ['with the same engine', () => {}],
  ['after a crash', (world: World) => world.crash()],
])(
  'H6: the rest of a log comes though the new version has no such task (%s)',
  async (_, between) => {
    const { world, run } = await removedCopy()
    expect(copyOf(world, run)?.log?.gaps).toHaveLength(1)
    between(world)
    await world.flow(1000)
    expect(world.engine.load('a').used).toBe(1) // it may live
    world.fleet.restore('a')
    await world.flow(10_000)
    expect(world.view(run).state).toBe('running')
    expect(copyOf(world, run)).toMatchObject({
      fenced: { outcome: 'cancelled' },
      log: { bytes: 10, gaps: [] },
    })
    expect(world.engine.load('a').used).toBe(0)
    expect(fences(world)).toBe(0)
    expect(world.host('a').attempts.size).toBe(0)
    expect((await world.finish(run)).state).toBe('succeeded')
  },
)

test('E2: a kill between the proof and the rest of the log forgets neither', async () => {
  const { world, run } = await removedCopy()
  let isGone = false
  world.engine.onEvents((events) => {
    if (events.some((event) => event.kind === 'attempt.fenced')) isGone = true
  })
  world.fleet.restore('a')
  for (let ms = 0; !isGone && ms < 1000; ms += 1) await world.flow(1)
  expect(copyOf(world, run)?.log?.gaps).toHaveLength(1)
  expect(fences(world)).toBe(1)
  world.crash()
  await world.flow(10_000)
  expect(copyOf(world, run)?.log).toMatchObject({ bytes: 10, gaps: [] })
  const told = world.events(run).filter((event) => event.kind === 'attempt.fenced')
  expect(told).toHaveLength(1)
  expect(fences(world)).toBe(0)
})

test('a log whose rest will never come says so', async () => {
  const world = makeWorld()
  world.fleet.drop('a')
  // Its start never reaches the host, so the stop finds nothing there.
  const run = world.start({ lone }, {})
  await world.flow(20_000)
  world.engine.settle({ run, task: 'lone', item: null, decision: 'fail', by: 'ana', reason: '' })
  await world.finish(run)
  world.fleet.restore('a')
  await world.flow(10_000)
  expect(JSON.stringify(copyOf(world, run)?.log)).not.toContain('the rest comes')
  expect(copyOf(world, run)?.fenced).toMatchObject({ outcome: 'cancelled', hostStartedAt: null })
  expect(world.host('a').starts.size).toBe(0)
})

type Stored = ReturnType<World['stored']>
const lives: TaskSketch = { ...lone, semaphores: { db: 1 } }
const only =
  (change: (attempt: AttemptView) => AttemptView[]) =>
  ({ plan, view }: Stored): Stored => {
    const task = view.tasks['lone']
    if (task === undefined) throw new Error('No task lone')
    const attempts = task.attempts.flatMap(change)
    return { plan, view: { ...view, tasks: { lone: { ...task, attempts } } } }
  }

test.each<[string, (stored: Stored) => Stored | null]>([
  ['no such run', () => null],
  ['no such task', ({ plan, view }) => ({ plan, view: { ...view, tasks: {} } })],
  ['no such attempt', only(() => [])],
  ['no fence of it', only((attempt) => [{ ...attempt, fenced: attempt.end, log: null }])],
])(
  'E5, H9: a copy that has ended gives all back and is forgotten, though the store has %s any more',
  async (_, forget) => {
    let isForgotten = false
    const world = makeWorld({
      slots: 1,
      aroundStore: (store) => ({
        ...store,
        load(run) {
          const stored = store.load(run)
          return isForgotten && stored !== null ? forget(stored) : stored
        },
      }),
    })
    world.semaphores.set('db', { slots: 1, starts: null })
    const script = { lone: { ms: 10 * hour, stubborn: true, noLog: true } }
    const run = world.start({ lone: lives }, script)
    await world.flow(2000)
    world.fleet.drop('a')
    await world.flow(20_000)
    world.engine.settle({ run, task: 'lone', item: null, decision: 'fail', by: 'ana', reason: '' })
    await world.finish(run)
    const next = world.start({ next: { host: 'b', semaphores: { db: 1 } } })
    isForgotten = true
    const told = world.events(run).length
    world.fleet.restore('a')
    await world.flow(500)
    expect(world.engine.load('a').used).toBe(1)
    expect(world.states(next)).toEqual({ next: 'queued' })
    await world.flow(10_000)
    expect(world.engine.load('a').used).toBe(0)
    expect(fences(world)).toBe(0)
    expect(world.host('a').attempts.size).toBe(0)
    expect(world.events(run)).toHaveLength(told)
    expect(world.states(next)).toEqual({ next: 'succeeded' })
    expect(world.fatal).toEqual([])
  },
)

test('H6: the rest of the log of an item of a list comes to that item', async () => {
  const world = makeWorld()
  const over = '${{ tasks.list.outputs.files }}'
  const fanOut = { over, maxParallel: null, join: 'all' as const, failFast: false }
  const tasks = { list: stay, lone: { ...lone, needs: ['list'], fanOut } }
  const script = { list: { values: { files: ['x', 'y'] } }, lone: { ms: 10 * hour } }
  const run = world.start(tasks, { ...script, 'lone[0]': {} })
  await world.flow(5000)
  world.fleet.drop('a')
  await world.flow(20_000)
  world.engine.settle({ run, task: 'lone', item: 1, decision: 'fail', by: 'ana', reason: '' })
  await world.finish(run)
  expect(world.task(run, 'lone[1]').attempts).toMatchObject([{ fenced: null, log: { bytes: 0 } }])
  world.fleet.restore('a')
  await world.flow(10_000)
  expect(world.task(run, 'lone[1]').attempts).toMatchObject([
    { fenced: { outcome: 'cancelled' }, log: { bytes: 10, gaps: [] } },
  ])
  expect(world.task(run, 'lone[0]').attempts[0]).not.toHaveProperty('fenced')
  expect(world.host('a').attempts.size).toBe(0)
})
