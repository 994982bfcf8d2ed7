import { expect, test } from 'vitest'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'
import type { RunId } from '../../shared/run/ids.ts'

const plain = { max: 1, delayMs: 90_000, backoff: 'fixed' as const, capMs: 90_000, jitter: 0 }
const why = (world: World, run: RunId, task: string, item: number | null = null): string =>
  world.engine.placement({ run, task, item })?.why ?? ''

test('what waits for its needs names three of them, how they are, and its rule', async () => {
  const world = makeWorld()
  const run = world.start(
    {
      a: {},
      b: { needs: ['a'] },
      c: {},
      d: {},
      all: { needs: ['a', 'b'] },
      one: { needs: ['a', 'b', 'c', 'd'], trigger: 'all_done' },
      last: { isFinal: true },
    },
    { a: { ms: 60_000 }, c: { ms: 60_000 }, d: { ms: 60_000 } },
  )
  await world.flow(10)
  expect(why(world, run, 'all')).toBe('It waits for a (running) and b (waiting).')
  expect(why(world, run, 'one')).toBe(
    'It waits for a (running), b (waiting), c (running) and 1 more. Its rule is all_done.',
  )
  expect(why(world, run, 'last')).toBe('It starts once all other tasks have ended; 6 have not.')
  expect(world.engine.placement({ run, task: 'a', item: null })).toBeNull()
})

test('what is tried again says when', async () => {
  const world = makeWorld()
  const run = world.start({ t: { retries: plain } }, { t: { exit: 1 } })
  await world.flow(5000)
  expect(why(world, run, 't')).toMatch(
    /^It is tried again \(attempt 2\) at 2026-.* UTC, in \d\d seconds\.$/,
  )
})

test('what people have said comes before anything else', async () => {
  const world = makeWorld({ slots: 1, hosts: ['a'] })
  const run = world.start({ x: {}, y: {}, z: {} }, { x: { ms: 600_000 } })
  await world.flow(10)
  world.engine.hold({ run, task: 'y', item: null, by: 'ana', reason: 'look first' })
  expect(why(world, run, 'y')).toBe('It is held back by ana: look first.')
  expect(why(world, run, 'z')).toBe('It waits for a slot: a has 1 of 1 slots in use.')
  world.engine.pause(run, { by: 'bo', reason: '' })
  expect(why(world, run, 'z')).toBe('Its run is paused by bo.')
})

test('a question says what is asked, a sub-pipeline which run it waits for', async () => {
  const world = makeWorld()
  const child = { plan: { ...sketchPlan({ inner: {} }), pipeline: 'child' }, late: {} }
  const ask = { message: 'Load it?', form: [], timeoutMs: 3_600_000, onTimeout: 'reject' as const }
  const run = world.start({ ask: { approval: ask }, sub: { child } }, { inner: { ms: 600_000 } })
  await world.flow(10)
  expect(why(world, run, 'ask')).toMatch(
    /^It asks a person: Load it\? Without an answer it goes on at .* UTC, in 60 minutes\.$/,
  )
  const id = world.task(run, 'sub').child ?? ''
  expect(why(world, run, 'sub')).toBe(`It waits for its run ${id}, which is running.`)
})

test('an item says how many may be under way, its fan-out how many have ended', async () => {
  const world = makeWorld()
  const fanOut = {
    over: ['p', 'q', 'r', 's'],
    maxParallel: 1,
    join: 'all' as const,
    failFast: false,
  }
  const run = world.start({ t: { fanOut } }, { 't[0]': { ms: 10 }, 't[1]': { ms: 600_000 } })
  await world.flow(1000)
  expect(why(world, run, 't', 3)).toBe(
    't has 1 of its 1 items at once under way. 1 waits before it.',
  )
  expect(why(world, run, 't')).toBe('1 of its 4 items have ended, 1 at once.')
})

test('an attempt whose log must tell says so', async () => {
  const world = makeWorld()
  const on = { exits: [], causes: [], patterns: ['deadlock'] }
  const run = world.start({ t: { retries: { ...plain, on } } }, { t: { exit: 1, noLog: true } })
  await world.flow(5000)
  expect(why(world, run, 't')).toBe(
    'Attempt 1 of t has ended (exit 1); whether it is tried again is decided when its log is here.',
  )
})
