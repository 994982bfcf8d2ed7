import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'

test('tasks start in the order of their needs and the run succeeds', async () => {
  const world = makeWorld()
  const run = world.start({ land: {}, clean: { needs: ['land'] }, publish: { needs: ['clean'] } })
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  const started = world.events(run).filter((event) => event.kind === 'attempt.starting')
  expect(started.map((event) => event.task)).toEqual(['land', 'clean', 'publish'])
})

test('a failure holds up everything downstream and nothing else', async () => {
  const world = makeWorld()
  const run = world.start(
    {
      land: {},
      bad: { needs: ['land'] },
      after: { needs: ['bad'] },
      last: { needs: ['after'] },
      other: { needs: ['land'] },
    },
    { bad: { exit: 3 } },
  )
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(world.states(run)).toEqual({
    land: 'succeeded',
    bad: 'failed',
    after: 'upstream_failed',
    last: 'upstream_failed',
    other: 'succeeded',
  })
  expect(view.tasks['bad']?.why).toBe('exit 3')
  expect(view.tasks['last']?.why).toBe('needs after')
})

test('E5: a host never runs more attempts than it has slots', async () => {
  const world = makeWorld({ slots: 3 })
  const tasks = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`t${i}`, {}]))
  const run = world.start(tasks)
  expect(world.engine.load('a')).toEqual({ used: 3, queued: 17 })
  await world.finish(run)
  expect(world.host('a').liveMax).toBe(3)
  expect(world.engine.load('a')).toEqual({ used: 0, queued: 0 })
})

test('a retry waits as long as its backoff says and takes a new attempt', async () => {
  const world = makeWorld()
  const retries = {
    max: 3,
    delayMs: 5000,
    backoff: 'exponential' as const,
    capMs: 60_000,
    jitter: 0,
  }
  const run = world.start({ flaky: { retries } }, { flaky: [{ exit: 1 }, { exit: 1 }, {}] })
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  const { attempts } = world.task(run, 'flaky')
  expect(attempts.map((attempt) => attempt.number)).toEqual([1, 2, 3])
  const waits = attempts
    .slice(1)
    .map((attempt, i) => attempt.startingAt - (attempts[i]?.end?.endedAt ?? 0))
  expect(waits).toEqual([5000, 10_000])
})

test('a task with an irreversible effect is never tried again by itself', async () => {
  const world = makeWorld()
  const retries = { max: 5, delayMs: 1, backoff: 'fixed' as const, capMs: 1, jitter: 0 }
  const run = world.start({ pay: { retries, effect: 'irreversible' } }, { pay: { exit: 1 } })
  await world.finish(run)
  expect(world.task(run, 'pay').attempts).toHaveLength(1)
  expect(world.task(run, 'pay').why).toContain('irreversible')
})

test('E4: a task whose host drops is unknown, and goes on when the host still has it', async () => {
  const world = makeWorld()
  const run = world.start({ load: {} }, { load: { ms: 60_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  await world.flow(11_000)
  expect(world.task(run, 'load').state).toBe('unknown')
  expect(world.task(run, 'load').attempts[0]?.unknownWhy).toBe('the connection was cut')
  world.fleet.restore('a')
  await world.flow(10)
  expect(world.task(run, 'load').state).toBe('running')
  await world.finish(run)
  expect([...world.host('a').starts.values()]).toEqual([1])
})

test('E4: a short cut of the link changes no state', async () => {
  const world = makeWorld()
  const run = world.start({ load: {} }, { load: { ms: 60_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  await world.flow(3000)
  world.fleet.restore('a')
  await world.finish(run)
  expect(world.events(run).some((event) => event.kind === 'attempt.unknown')).toBe(false)
})

test('E4: an end that came while the link was down counts when the link is back', async () => {
  const world = makeWorld()
  const run = world.start({ load: {}, next: { needs: ['load'] } }, { load: { ms: 5000, exit: 7 } })
  await world.flow(100)
  world.fleet.drop('a')
  await world.flow(60_000)
  expect(world.task(run, 'load').state).toBe('unknown')
  world.fleet.restore('a')
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(world.task(run, 'load').why).toBe('exit 7')
})

test('E4: an outcome that stays unknown ends by its policy and is not run twice', async () => {
  const world = makeWorld()
  const retries = { max: 5, delayMs: 1, backoff: 'fixed' as const, capMs: 1, jitter: 0 }
  const run = world.start({ load: { retries } }, { load: { ms: 60_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(world.task(run, 'load').attempts).toHaveLength(1)
  expect(world.task(run, 'load').why).toContain('did not come back in time')
})

test('a host that restarts loses the attempt, and a retry runs it again', async () => {
  const world = makeWorld()
  const retries = { max: 1, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
  const run = world.start({ load: { retries } }, { load: { ms: 60_000 } })
  await world.flow(100)
  world.host('a').reboot()
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  expect(world.task(run, 'load').attempts.map((attempt) => attempt.end?.outcome)).toEqual([
    'lost',
    'exited',
  ])
})

test('H1: an attempt that was seen running and has left no trace is lost, never started again', async () => {
  const world = makeWorld()
  const run = world.start({ load: {} }, { load: { ms: 60_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  world.host('a').attempts.clear()
  world.fleet.restore('a')
  expect((await world.finish(run)).state).toBe('failed')
  expect(world.task(run, 'load').why).toContain('no trace of it')
  expect(world.task(run, 'load').attempts[0]?.log?.gaps).toHaveLength(1)
  expect([...world.host('a').starts.values()]).toEqual([1])
})

test('an attempt that never started says why and its log needs no waiting', async () => {
  const world = makeWorld()
  const message = 'Cannot reach a at 10.0.0.1: connection refused'
  const run = world.start(
    { load: {} },
    { load: { notStarted: { cause: 'host_unreachable', message } } },
  )
  const view = await world.finish(run)
  expect(view.state).toBe('failed')
  expect(world.task(run, 'load').why).toBe(`not started: ${message}`)
})

test('what only a person can cure is not tried again', async () => {
  const world = makeWorld()
  const retries = { max: 5, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
  const message = 'a does not accept our key'
  const run = world.start(
    { load: { retries } },
    { load: { notStarted: { cause: 'ssh_auth_failure', message } } },
  )
  await world.finish(run)
  expect(world.task(run, 'load').attempts).toHaveLength(1)
  expect(world.task(run, 'load').why).toContain('until somebody acts')
})

test('cancel ends what waits at once and what runs by its proof', async () => {
  const world = makeWorld({ slots: 1 })
  const run = world.start(
    { long: { graceMs: 3000 }, queued: {}, after: { needs: ['long'] } },
    { long: { ms: 600_000, stubborn: true } },
  )
  await world.flow(100)
  world.engine.cancel(run, 'ana', 'wrong day')
  expect(world.task(run, 'queued').state).toBe('cancelled')
  expect(world.task(run, 'after').state).toBe('cancelled')
  expect(world.task(run, 'long').state).toBe('running')
  const before = world.clock.now()
  const view = await world.finish(run)
  expect(view.state).toBe('cancelled')
  expect(world.clock.now() - before).toBeGreaterThanOrEqual(3000)
  expect(world.task(run, 'long').attempts[0]?.end?.outcome).toBe('cancelled')
  expect(view.cancelAsked).toMatchObject({ by: 'ana', reason: 'wrong day' })
})

test('E7: an engine killed while tasks run attaches to them again', async () => {
  const world = makeWorld()
  const run = world.start({ a: {}, b: { needs: ['a'] } }, { a: { ms: 60_000 } })
  await world.flow(5000)
  world.crash()
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  expect([...world.host('a').starts.values()]).toEqual([1, 1])
})

test('E7: a cancel asked before a crash is carried out after it', async () => {
  const world = makeWorld()
  const run = world.start({ long: {} }, { long: { ms: 600_000 } })
  await world.flow(100)
  world.fleet.drop('a')
  world.engine.cancel(run, 'ana', '')
  world.crash()
  world.fleet.restore('a')
  expect((await world.finish(run)).state).toBe('cancelled')
})

test('E3: firing one occurrence twice starts one run', () => {
  const world = makeWorld()
  const plan = sketchPlan({ a: {} })
  const cause = { kind: 'cron' as const, trigger: 0, dueAt: 0 }
  const run = '20260101-021500-abcd1234' as Parameters<typeof world.engine.start>[0]['run'] & string
  world.engine.start({ plan, cause, run })
  world.engine.start({ plan, cause, run })
  expect(world.events(run).filter((event) => event.kind === 'run.created')).toHaveLength(1)
})

test('H9: a host is told to forget an attempt once its end and its log are stored', async () => {
  const world = makeWorld()
  const run = world.start({ a: {} })
  await world.finish(run)
  expect(world.host('a').attempts.size).toBe(1)
  await world.flow(5000)
  expect(world.host('a').attempts.size).toBe(0)
})

test('H9: a host is told to forget what it refused', async () => {
  const world = makeWorld()
  const notStarted = { cause: 'host_refused', message: 'The disk is full.' } as const
  const run = world.start({ full: {} }, { full: { notStarted } })
  await world.finish(run)
  expect([...world.host('a').refusals]).toEqual([`${run}.full.x.1`])
  await world.flow(5000)
  expect(world.host('a').refusals.size).toBe(0)
  expect(world.store.db.prepare('select count(*) from release').pluck().get()).toBe(0)
})

test('a store that fails stops the engine instead of letting it run ahead of the disk', async () => {
  const world = makeWorld()
  const run = world.start({ a: {} })
  world.store.db.exec(
    'create trigger full before insert on run_event begin select raise(abort, "disk full"); end',
  )
  await world.flow(5000)
  expect(String(world.fatal[0])).toContain('disk full')
  expect(() => world.engine.cancel(run, 'ana', '')).toThrow('The engine has stopped')
})

test('a chain of 20,000 tasks that fails at its head ends without overflowing the stack', async () => {
  const world = makeWorld()
  const tasks: Record<string, { needs: string[] }> = {}
  for (let i = 0; i < 20_000; i += 1) tasks[`t${i}`] = { needs: i === 0 ? [] : [`t${i - 1}`] }
  const run = world.start(tasks, { t0: { exit: 1 } })
  const view = await world.finish(run)
  expect(view.counts).toEqual({ failed: 1, upstream_failed: 19_999 })
})

test('what several hosts tell in one turn is one commit, and nothing of it is lost', async () => {
  const soon: (() => void)[] = []
  let commits = 0
  const world = makeWorld({
    hosts: ['a', 'b', 'c'],
    soon: (callback) => soon.push(callback),
    aroundStore: (store) => ({
      ...store,
      commit(...args) {
        commits++
        store.commit(...args)
      },
    }),
  })
  const run = world.start({ one: { host: 'a' }, two: { host: 'b' }, three: { host: 'c' } })
  commits = 0
  await world.clock.flow(60_000)
  expect([commits, soon.length]).toEqual([0, 1])
  soon.shift()?.()
  expect(commits).toBe(1)
  await world.clock.flow(60_000)
  while (soon.length > 0) soon.shift()?.()
  await world.clock.flow(60_000)
  while (soon.length > 0) soon.shift()?.()
  expect(world.view(run).state).toBe('succeeded')
})
