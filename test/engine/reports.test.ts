// What a host says may come twice, late, or about what has ended long ago. Here the test plays the hosts, word by word.
import { describe, expect, test } from 'vitest'
import type { HostReport, Hosts } from '../../electron/ports/hosts.ts'
import type { AttemptEnd, Checkpoint, LogGap } from '../../shared/run/events.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'
import { attemptKey, parseAttemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { TaskSketch, World } from '../helpers/world.ts'

type Word = HostReport extends infer R
  ? R extends HostReport
    ? Omit<R, 'host' | 'key'> & { host?: string; key?: AttemptKey }
    : never
  : never

interface Stage {
  world: World
  run: RunId
  /** Attempt `number` of task t says this, on host a where the word names none. */
  say: (word: Word, number?: number) => Promise<void>
  /** The same, and the engine has not taken it in yet. */
  sayNow: (word: Word, number?: number) => void
  /** The orders, then the events, since it was last asked. */
  news: () => string[]
}

const hour = 3_600_000
const retries = { max: 3, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
const began = { hostStartedAt: 5, hostEndedAt: 6, cpuMs: 1, peakBytes: 1, endedAt: 1 }
const exited = (exit: number): Word => ({
  kind: 'ended',
  end: { outcome: 'exited', exit, ...began },
})
const ended = (end: Partial<AttemptEnd>): Word => ({
  kind: 'ended',
  end: { ...began, ...end } as AttemptEnd,
})
const started: Word = { kind: 'started', pid: 7, bootId: 'boot', hostStartedAt: 5 }
const absent: Word = { kind: 'absent' }
const log = (gaps: LogGap[] = []): Word => ({ kind: 'log_closed', bytes: 3, sha256: 'f00', gaps })
const proved = { ...log(), verified: 'gmac' } as Word
const unlinked: Word = { kind: 'unlinked', why: 'no route' }
const linked: Word = { kind: 'linked' }

/** Task t on host a, and one on host b that keeps the run alive. */
function stage(t: TaskSketch = {}, more: Record<string, TaskSketch> = {}, slots = 9): Stage {
  const orders: string[] = []
  let tell: (report: HostReport) => void = () => undefined
  const note = (order: string, host: string, key: AttemptKey): void => {
    const { task, number } = parseAttemptKey(key)
    if (host !== 'b') orders.push(`${order} ${task}#${number}`)
  }
  const hosts: Hosts = {
    start: (host, { key }) => note('start', host, key),
    watch: (host, { key }) => note('watch', host, key),
    cancel: (host, key) => note('cancel', host, key),
    release(host, key) {
      note('release', host, key)
      tell({ kind: 'released', host, key })
    },
    onReport(listener) {
      tell = listener
      return () => undefined
    },
  }
  const world = makeWorld({ slots, aroundHosts: () => hosts })
  const run = world.start({ t, slow: { host: 'b' }, ...more })
  let seen = 0
  const played: Stage = {
    world,
    run,
    sayNow(word, number = 1) {
      tell({ host: 'a', key: attemptKey(run, 't', null, number), ...word } as HostReport)
    },
    async say(word, number = 1) {
      played.sayNow(word, number)
      // The engine takes what has come together in one go.
      await Promise.resolve()
    },
    news() {
      void world.engine.whenReleased()
      const events = world.events(run).map(({ kind }) => kind as string)
      const fresh = [...orders.splice(0), ...events.slice(seen)]
      seen = events.length
      if (world.fatal.length > 0) throw world.fatal[0] as Error
      return fresh
    },
  }
  played.news()
  return played
}

const last = ({ world, run }: Stage): unknown => world.events(run).at(-1)

/** Unknown, then given up by a person. */
async function givenUp(play: Stage): Promise<void> {
  const { world, run, say, news } = play
  await say(started)
  await say(unlinked)
  await world.flow(20_000)
  world.engine.settle({ run, task: 't', item: null, decision: 'fail', by: 'ana', reason: '' })
  news()
}
const ask: TaskSketch = { onUnknown: { waitMs: 0, then: 'ask' } }

test('a start counts once, whenever it is told', async () => {
  const play = stage(ask)
  const { world, say, news } = play
  await say(started)
  expect(last(play)).toMatchObject({
    kind: 'attempt.running',
    pid: 7,
    bootId: 'boot',
    hostStartedAt: 5,
  })
  expect(news()).toEqual(['attempt.running'])
  await say(started)
  expect(news()).toEqual([])
  await say(unlinked)
  await world.flow(20_000)
  expect(news()).toEqual(['attempt.unknown'])
  await say(started)
  expect(news()).toEqual(['attempt.found'])
  await say(exited(1))
  news()
  await say(started)
  expect(news()).toEqual([])
})

test('H9: an end counts once, and its host may forget it when its log is here, whichever comes first', async () => {
  const play = stage()
  const { say, news } = play
  await say(exited(0))
  expect(news()).toEqual(['attempt.ended', 'task.ended'])
  await say(exited(0))
  expect(news()).toEqual([])
  await say(proved)
  expect(last(play)).toMatchObject({ bytes: 3, sha256: 'f00', verified: 'gmac', gaps: [] })
  expect(news()).toEqual(['release t#1', 'attempt.log_closed'])
  await say(log())
  expect(news()).toEqual([])
  await say(exited(0))
  expect(news()).toEqual(['release t#1'])
  const other = stage()
  await other.say(log([{ offset: 1, bytes: 2, why: 'lost' }]))
  expect(last(other)).toMatchObject({ bytes: 3, sha256: 'f00', gaps: [{ why: 'lost' }] })
  expect(last(other)).not.toHaveProperty('verified')
  expect(other.news()).toEqual(['attempt.log_closed'])
  await other.say(exited(0))
  expect(other.news()).toEqual(['release t#1', 'attempt.ended', 'task.ended'])
})

test('H1, E3: what is absent is started if it never was, and is lost if it was', async () => {
  const play = stage()
  const { world, run, say, news } = play
  await say(absent)
  expect(news()).toEqual(['start t#1'])
  await say(started)
  news()
  await say(absent)
  expect(news()).toEqual(['release t#1', 'attempt.ended', 'task.ended', 'attempt.log_closed'])
  const { end, log: kept } = world.task(run, 't').attempts[0] ?? {}
  expect(end).toMatchObject({ outcome: 'lost', cause: 'attempt_vanished', hostStartedAt: null })
  expect(kept?.gaps).toEqual([
    { offset: 0, bytes: null, why: 'the host has no trace of it any more' },
  ])
  await say(absent)
  expect(news()).toEqual([])
})

test('what has ended and is absent has no log to come', async () => {
  const { world, run, say, news } = stage()
  await say(started)
  await say(exited(0))
  news()
  await say(absent)
  expect(news()).toEqual(['release t#1', 'attempt.log_closed'])
  expect(world.task(run, 't').attempts[0]?.log).toEqual({
    bytes: 0,
    sha256: null,
    gaps: [{ offset: 0, bytes: null, why: 'the host has no trace of it' }],
  })
})

test('what was cancelled before it began and is absent is cancelled, not started', async () => {
  const { world, run, say, news } = stage()
  world.engine.cancel(run, 'ana', '')
  news()
  await say(absent)
  expect(news()).toEqual(['attempt.ended', 'task.ended'])
  expect(world.task(run, 't')).toMatchObject({
    state: 'cancelled',
    attempts: [{ end: { outcome: 'cancelled', hostStartedAt: null, endedAt: world.clock.now() } }],
  })
})

test.each([
  ['host_refused', ['release t#1', 'attempt.ended', 'attempt.log_closed', 'task.ended']],
  ['host_unreachable', ['attempt.ended', 'attempt.log_closed', 'task.ended']],
] as const)(
  'what never started has no log, and is kept only where it was refused: %s',
  async (cause, expected) => {
    const { world, run, say, news } = stage()
    await say(ended({ outcome: 'not_started', cause, message: 'no', hostStartedAt: null }))
    expect(news()).toEqual(expected)
    expect(world.task(run, 't').attempts[0]?.log?.gaps).toEqual([])
  },
)

test('of what nobody knows, only its end and its log are answered: the host may forget it', async () => {
  const { world, say, news } = stage()
  for (const word of [started, absent, { kind: 'released' } as const]) await say(word, 9)
  expect(news()).toEqual([])
  await say(exited(0), 9)
  await say(log(), 9)
  expect(news()).toEqual(['release t#9', 'release t#9'])
  expect(world.engine.load('a').used).toBe(1)
})

test('of a host that the engine has not worked with, too, what nobody knows may be forgotten', async () => {
  const { say, news } = stage()
  await say({ ...exited(0), host: 'elsewhere' }, 9)
  expect(news()).toEqual(['release t#9'])
})

test('a task that fails is no trouble of its host, one that the host lost is', async () => {
  const sound = stage()
  await sound.say(exited(1))
  expect(sound.world.engine.health('a').score).toBe(1)
  const lost = stage()
  await lost.say(started)
  await lost.say(ended({ outcome: 'lost', cause: 'host_rebooted' }))
  expect(lost.world.engine.health('a')).toEqual({
    score: 0.5,
    why: 'the host restarted while it ran',
  })
})

test('S1: a word about an attempt that lives gives nothing back of what it holds', async () => {
  const play = stage({ semaphores: { db: 1 } }, {}, 9)
  const { world, say } = play
  world.semaphores.set('db', { slots: 1, starts: null })
  await say(absent)
  await say(log())
  const next = world.start({ next: { host: 'b', semaphores: { db: 1 } } })
  expect(world.states(next)).toEqual({ next: 'queued' })
  await say(exited(0))
  expect(world.states(next)).toEqual({ next: 'running' })
})

test('a snapshot is kept once', async () => {
  const { say, news } = stage()
  const snapshot = { takenAt: 1 } as unknown as HostSnapshot
  await say({ kind: 'snapshot', snapshot })
  await say({ kind: 'snapshot', snapshot })
  expect(news()).toEqual(['attempt.snapshot'])
})

test('of checkpoints and refusals the newest of the newest attempt stands', async () => {
  const { world, say, news } = stage({ retries })
  const saved = async (savedAt: number, number?: number): Promise<string[]> => {
    const checkpoint: Checkpoint = { savedAt, values: { at: String(savedAt) }, folder: null }
    await say({ kind: 'checkpoint', checkpoint }, number)
    return news()
  }
  const refused = async (at: number, why: string, number?: number): Promise<string[]> => {
    await say({ kind: 'checkpoint_refused', at, why }, number)
    return news()
  }
  await say(started)
  news()
  expect(await refused(1, 'too big')).toEqual(['attempt.checkpoint_refused'])
  expect(await refused(2, 'too big')).toEqual([])
  expect(await saved(5)).toEqual(['attempt.checkpoint'])
  expect(await saved(5)).toEqual([])
  expect(await saved(4)).toEqual([])
  expect(await saved(6)).toEqual(['attempt.checkpoint'])
  expect(await refused(6, 'no room')).toEqual([])
  expect(await refused(7, 'no room')).toEqual(['attempt.checkpoint_refused'])
  expect(await refused(8, 'no right')).toEqual(['attempt.checkpoint_refused'])
  await say(exited(1))
  await world.flow(2000)
  await say(started, 2)
  news()
  expect(await saved(9, 1)).toEqual(['attempt.checkpoint'])
  expect(await saved(2, 2)).toEqual(['attempt.checkpoint'])
  expect(await saved(10, 1)).toEqual([])
  expect(await refused(11, 'late', 1)).toEqual([])
  expect(await refused(3, 'no right', 2)).toEqual(['attempt.checkpoint_refused'])
})

test('a link that is cut twice counts once, and what is unknown stays so', async () => {
  const { world, run, say, news } = stage(ask)
  await say(started)
  await say(unlinked)
  expect(world.engine.health('a').score).toBeCloseTo(0.5, 5)
  await say({ kind: 'unlinked', why: 'still no route' })
  expect(world.engine.health('a').score).toBeCloseTo(0.5, 5)
  news()
  await world.flow(9000)
  expect(news()).toEqual([])
  await world.flow(2000)
  expect(news()).toEqual(['attempt.unknown'])
  expect(world.task(run, 't').attempts[0]?.unknownWhy).toBe('still no route')
  await say(linked)
  await say(unlinked)
  expect(world.engine.health('a').score).toBeLessThan(0.4)
  await world.flow(20_000)
  expect(news()).toEqual([])
})

test('what was ordered while its host was down is unknown as well, when a link that nobody was told of is gone', async () => {
  const late: TaskSketch = { host: 'a', needs: ['quick'] }
  const { world, run, say } = stage(ask, { late, quick: { host: 'b' } })
  await say(unlinked)
  await world.flow(20_000)
  await say({ ...exited(0), host: 'b', key: attemptKey(run, 'quick', null, 1) })
  expect(world.states(run)).toMatchObject({ t: 'unknown', late: 'running' })
  await say(unlinked)
  await world.flow(20_000)
  expect(world.states(run)).toMatchObject({ late: 'unknown' })
})

test('a person decides about an ended run while words about its copies come in', async () => {
  const play = stage(ask)
  await givenUp(play)
  const { world, run, say, sayNow, news } = play
  const slow = { host: 'b', key: attemptKey(run, 'slow', null, 1) }
  await say({ ...exited(0), ...slow })
  await say({ ...log(), ...slow })
  expect(world.engine.live(run)).toBeNull()
  await say(linked)
  news()
  sayNow(exited(1))
  const plan = sketchPlan({ t: ask, slow: { host: 'b' } })
  world.engine.resume({ run, plan, options: FROM_FAILURE }, 'ana')
  await world.flow(1000)
  expect(news()).toContain('attempt.fenced')
  expect(world.states(run)).toMatchObject({ t: 'running' })
})

test('a link that is back within its grace, or that tells of a start, is not down', async () => {
  for (const word of [linked, started]) {
    const { world, say, news } = stage(ask)
    await say(started)
    await say(unlinked)
    await world.flow(5000)
    await say(word)
    news()
    await world.flow(hour)
    expect(news()).toEqual([])
  }
})

describe('with `failover` no other host takes over', () => {
  const leased: TaskSketch = { hosts: ['a', 'c'], onUnknown: { waitMs: 0, then: 'failover' } }
  /** A lease of a minute and what a host may overrun it by, the grace, and half a minute. */
  const leaseEndsMs = 67_500 + 5000 + 30_000
  const tookOver = (news: string[]): boolean => news.includes('start t#2')

  test('while its host is heard, however late the word about it is', async () => {
    const { world, say, news } = stage(leased)
    await say(started)
    await say(unlinked)
    await world.flow(leaseEndsMs)
    await say(linked)
    await world.flow(60_000)
    expect(tookOver(news())).toBe(false)
    await say(unlinked)
    await world.flow(leaseEndsMs - 1000)
    expect(tookOver(news())).toBe(false)
    await world.flow(leaseEndsMs)
    expect(tookOver(news())).toBe(true)
  })

  test('but where another machine has it, which nothing renews: that counts, however the link to its host is', async () => {
    const { world, run, say, news } = stage(leased, { other: { hosts: ['a'] } })
    const other = (number: number): AttemptKey => attemptKey(run, 'other', null, number)
    await say(started)
    await say({ ...started, key: other(1) })
    await say(unlinked)
    await world.flow(5000)
    await say({ ...started, key: other(1) })
    await say(linked)
    await say({ kind: 'elsewhere', why: 'it was started on m2' })
    expect(world.states(run)).toMatchObject({ t: 'unknown', other: 'running' })
    expect(world.task(run, 't').attempts[0]?.unknownWhy).toBe('it was started on m2')
    for (let s = 0; s < leaseEndsMs - 30_000; s += 30_000) {
      await world.flow(30_000)
      await say({ ...started, key: other(1) })
      await say({ kind: 'elsewhere', why: 'it was started on m2' })
    }
    expect(tookOver(news())).toBe(false)
    await world.flow(60_000)
    expect(tookOver(news())).toBe(true)
    expect(world.states(run)).toMatchObject({ other: 'running' })
  })

  test('not even of its own kind where the run is cancelled: nothing more begins', async () => {
    const { world, run, say, news } = stage(leased)
    await say(started)
    await say(unlinked)
    await world.flow(20_000)
    world.engine.cancel(run, 'ana', '')
    await world.flow(2 * leaseEndsMs)
    expect(tookOver(news())).toBe(false)
    expect(world.states(run)).toMatchObject({ t: 'cancelled' })
  })

  test('when its host tells of it in the moment in which its time is up', async () => {
    const { world, say, news, sayNow } = stage(leased)
    await say(started)
    await say(unlinked)
    await world.flow(leaseEndsMs)
    sayNow(started)
    world.clock.advance(60_000)
    await world.flow(0)
    expect(tookOver(news())).toBe(false)
  })
})

test('E5, H6: a copy that was given up holds its slot until it is proved gone, and its host keeps its log until then', async () => {
  const play = stage(ask, { next: { host: 'a' } }, 1)
  await givenUp(play)
  const { world, run, say, news } = play
  const log1 = () => world.task(run, 't').attempts[0]?.log
  expect(log1()?.gaps[0]).toMatchObject({ offset: 0, bytes: null })
  expect(world.states(run)).toMatchObject({ t: 'failed', next: 'queued' })
  await say(linked)
  expect(news()).toEqual([])
  await say(exited(0))
  expect(news()).toEqual(['start next#1', 'attempt.fenced', 'attempt.starting'])
  expect(world.task(run, 't').attempts[0]?.fenced).toMatchObject({ outcome: 'exited', exit: 0 })
  await say(exited(0))
  expect(news()).toEqual([])
  await say(proved)
  expect(news()).toEqual(['release t#1', 'attempt.log_closed'])
  expect(log1()).toEqual({ bytes: 3, sha256: 'f00', verified: 'gmac', gaps: [] })
  await say(log())
  await say(absent)
  expect(news()).toEqual([])
  expect(world.store.db.prepare('select count(*) from fence').pluck().get()).toBe(0)
})

test('a copy that was given up is not forgotten for its log alone', async () => {
  const play = stage(ask)
  await givenUp(play)
  await play.say(log())
  expect(play.news()).toEqual(['attempt.log_closed'])
  expect(last(play)).not.toHaveProperty('verified')
  await play.say(log())
  expect(play.news()).toEqual([])
  await play.say(exited(0))
  expect(play.news()).toEqual(['release t#1', 'attempt.fenced'])
})

test('a copy that was given up and is absent is proved gone, and nothing of its log is to come', async () => {
  const play = stage(ask)
  const { world, run, say, news } = play
  await givenUp(play)
  await world.flow(1000)
  await say(absent)
  expect(news()).toEqual(['release t#1', 'attempt.fenced', 'attempt.log_closed'])
  expect(world.engine.load('a').used).toBe(0)
  expect(world.task(run, 't').attempts[0]?.fenced).toEqual({
    outcome: 'cancelled',
    endedAt: world.clock.now(),
    hostStartedAt: null,
    hostEndedAt: null,
    cpuMs: null,
    peakBytes: null,
  })
  expect(world.store.db.prepare('select count(*) from fence').pluck().get()).toBe(0)
})

test('a copy that was proved gone and is absent later owes the rest of its log no more', async () => {
  const play = stage(ask)
  const { world, run, say, news } = play
  await givenUp(play)
  await say(exited(0))
  expect(news()).toEqual(['attempt.fenced'])
  await say(absent)
  expect(news()).toEqual(['release t#1', 'attempt.log_closed'])
  const gaps = [{ offset: 0, bytes: null, why: 'the host has no trace of it' }]
  expect(world.task(run, 't').attempts[0]?.log).toEqual({ bytes: 0, sha256: null, gaps })
  expect(world.store.db.prepare('select count(*) from fence').pluck().get()).toBe(0)
})

test('a copy that ended without a word of its start, as one that never ran, owes no log', async () => {
  const play = stage(ask)
  await givenUp(play)
  await play.say(ended({ outcome: 'cancelled', hostStartedAt: null }))
  expect(play.news()).toEqual(['release t#1', 'attempt.fenced', 'attempt.log_closed'])
  const { world, run } = play
  expect(world.task(run, 't').attempts[0]?.log).toEqual({ bytes: 0, sha256: null, gaps: [] })
})
