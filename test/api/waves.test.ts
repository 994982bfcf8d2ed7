// Waves on a real store and a real engine, with hosts that the test scripts: what is resumed, when, how often, and what of it
// outlives a kill.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RootCause } from '../../shared/api/views.ts'
import { loadRun } from '../../electron/store/run-queries.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { Wave } from '../../shared/run/wave.ts'
import { KilledAfterCommit, sketchPlan } from '../helpers/world.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

let api: ApiWorld
/** Runs whose cause was looked for, in that order. */
let explained: RunId[]
/** What a task's log says when it fails. */
let says: Map<string, string>

beforeEach(() => {
  explained = []
  says = new Map()
  api = openApiWorld({ explain: async (run) => explain(run) })
  api.present.plan = sketchPlan({})
})

afterEach(() => api.close())

async function explain(run: RunId): Promise<RootCause | null> {
  explained.push(run)
  const view = loadRun(api.world.store.db, run)?.view
  const failed = Object.values(view?.tasks ?? {}).find(({ state }) => state === 'failed')
  if (failed === undefined) return null
  const text =
    says.get(failed.task) ?? `cat: /data/${failed.task}/rates.csv: No such file or directory`
  return {
    rootTask: failed.task,
    attempt: failed.attempts.length,
    class: 'missing_input_file',
    summary: 'An input is missing.',
    evidence: [{ task: failed.task, line: 1, text }],
    changed: [],
    waiting: [],
    exitWords: '',
    confidence: 'high',
    transient: false,
    hostLevel: false,
    evidenceGaps: [],
    hostFacts: [],
    remedies: [],
    lastGoodRun: null,
  }
}

/** Failed runs, oldest first; each task fails once and then does as `again` says. */
async function failedRuns(count: number, again: { exit?: number } = {}): Promise<RunId[]> {
  const runs: RunId[] = []
  for (let i = 0; i < count; i += 1) {
    const name = `load-${i}`
    const run = api.world.start({ [name]: {} }, { [name]: [{ exit: 1 }, { exit: 0, ...again }] })
    await api.world.finish(run)
    runs.push(run)
  }
  return runs
}

async function startWave(like: RunId, sizes: object = {}): Promise<string> {
  // The virtual clock stands before ours: the window must reach it.
  const asked = { like, since: 0, ...sizes }
  const { planId } = await api.client.call('wave.plan', asked)
  return (await api.client.call('wave.start', { ...asked, planId, reason: 'the file is back' }))
    .wave
}

async function waveNow(wave: string): Promise<Wave> {
  return (await api.client.call('wave.get', { wave })).wave
}

/** Moves time until the wave is over and nothing of it goes. */
async function settled(wave: string): Promise<Wave> {
  return await vi.waitFor(
    async () => {
      await api.world.flow(60_000)
      const now = await waveNow(wave)
      expect([now.state, now.counts.going]).toEqual([
        expect.stringMatching(/done|stopped|cancelled/),
        undefined,
      ])
      return now
    },
    { timeout: 20_000, interval: 1 },
  )
}

function timesOf(run: RunId): { resumedAt: number; endedAt: number } {
  const events = api.world.events(run)
  const last = (kind: string): number =>
    events.findLast((event) => event.kind === kind)?.at ?? Number.NaN
  return { resumedAt: last('run.resumed'), endedAt: last('run.ended') }
}

const startsOf = (run: RunId): number =>
  [...api.world.host('a').starts]
    .filter(([key]) => key.startsWith(run))
    .reduce((sum, [, times]) => sum + times, 0)

test('of more failed runs than are looked at, it is said how many', async () => {
  const [run = ''] = await failedRuns(1)
  const { db } = api.world.store
  const columns = db.pragma('table_info(run)') as { name: string }[]
  const others = columns.map(({ name }) => name).filter((name) => name !== 'run')
  const copy = `insert into run (run, ${others.join(', ')})
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 2004)
    select printf('20260101-000000-z%07d', i), ${others.join(', ')} from run, n where run = ?`
  db.prepare(copy).run(run)
  const list = await api.client.call('incident.list', { since: 0 })
  expect(list.older).toBe(5)
  expect(list.unexplained + list.unlike.length).toBeLessThanOrEqual(2000)
  const none = await api.client.call('incident.list', { since: 0, pipeline: 'other' })
  expect(none.older).toBe(0)
})

test('runs that failed alike on different tasks are one incident, and each is explained once', async () => {
  const runs = await failedRuns(3)
  const list = await api.client.call('incident.list', { since: 0 })
  expect(list.incidents.map((one) => one.runs.map(({ run }) => run))).toEqual([runs.toReversed()])
  expect(list.incidents[0]).toMatchObject({
    class: 'missing_input_file',
    words: 'cat: /data/<name>/rates.csv: No such file or directory',
  })
  await api.client.call('incident.list', { since: 0 })
  await api.crash()
  await api.client.call('incident.list', { since: 0 })
  expect(explained.toSorted()).toEqual(runs.toSorted())
})

test('W1, W2: the newest goes alone, and the rest in batches once it has recovered', async () => {
  const runs = await failedRuns(6)
  const wave = await startWave(runs[0] as RunId, { batch: 2 })
  const now = await settled(wave)
  expect(now).toMatchObject({ state: 'done', why: '', counts: { recovered: 6 } })
  expect(now.runs.map(({ run }) => run)).toEqual(runs.toReversed())
  expect(now.runs.map(({ batch }) => batch)).toEqual([0, 1, 1, 2, 2, 3])
  const times = now.runs.map(({ run, batch }) => ({ batch, ...timesOf(run) }))
  for (const one of times) {
    const former = times.filter(({ batch }) => batch < one.batch)
    expect(former.every(({ endedAt }) => endedAt <= one.resumedAt)).toBe(true)
  }
  expect(runs.map((run) => api.world.view(run).state)).toEqual(runs.map(() => 'succeeded'))
  const rows = await api.client.call('audit.list', {})
  expect(rows.toReversed().map(({ action }) => action)).toEqual([
    'wave.started',
    ...runs.map(() => 'run.resumed'),
    'wave.ended',
  ])
  expect(
    rows
      .filter(({ action }) => action === 'run.resumed')
      .every(({ details }) => details['wave'] === wave),
  ).toBe(true)
})

test('W1: a run of which nothing runs again is no canary', async () => {
  const [old, marked] = (await failedRuns(2)) as [RunId, RunId]
  const ask = { like: old, since: 0 }
  const before = await api.client.call('wave.plan', ask)
  expect(before.runs.map(({ run, batch }) => [run, batch])).toEqual([
    [marked, 0],
    [old, 1],
  ])
  await api.client.call('run.mark', { run: marked, task: 'load-1', state: 'skipped', reason: 'no' })
  const { runs } = await api.client.call('wave.plan', ask)
  expect(runs.find(({ run }) => run === old)).toMatchObject({ batch: 0, why: '' })
  expect(runs.find(({ run }) => run === marked)?.why).toBe(
    'nothing of it runs again: all that failed was marked',
  )
})

test('W3: a canary that fails for the same reason stops the wave, and nothing else is touched', async () => {
  const runs = await failedRuns(4, { exit: 1 })
  const now = await settled(await startWave(runs[0] as RunId))
  const canary = runs.at(-1)
  expect(now).toMatchObject({
    state: 'stopped',
    why: `run ${canary} failed for the same reason again`,
    counts: { failed_again: 1, skipped: 3 },
  })
  expect(runs.map(startsOf)).toEqual([1, 1, 1, 2])
})

test('W3: a failure for another reason is told, and stops the wave by its limit', async () => {
  const runs = await failedRuns(4, { exit: 1 })
  await api.client.call('incident.list', { since: 0 })
  for (let i = 0; i < 4; i += 1) says.set(`load-${i}`, 'permission denied')
  const now = await settled(await startWave(runs[0] as RunId, { otherMax: 2 }))
  expect(now).toMatchObject({ state: 'stopped', why: '2 runs failed for other reasons' })
  expect(now.runs.map(({ state }) => state)).toEqual([
    'failed_again',
    'failed_again',
    'skipped',
    'skipped',
  ])
  // W1: none had recovered, so the second was a canary too.
  expect(now.runs.map(({ batch }) => batch).slice(0, 2)).toEqual([0, 0])
  expect(now.runs[0]?.why).toBe('it failed for another reason: permission denied')
})

test('W5: a kill right before or right after a resume is committed resumes no run twice', async () => {
  const runs = await failedRuns(5)
  const wave = await startWave(runs[0] as RunId, { canary: 2, batch: 2 })
  let commits = 0
  // Every second commit of the engine is its last.
  for (let kills = 0; kills < 6; kills += 1) {
    api.world.killAfterCommit = () => (commits += 1) % 2 === 0
    await vi.waitFor(
      async () => {
        await api.world.flow(500)
        const isOver = (await waveNow(wave)).state === 'done'
        const isDead = api.world.fatal.length > 0 || api.bugs.length > 0
        expect(isOver || isDead).toBe(true)
      },
      { timeout: 10_000, interval: 1 },
    )
    api.world.killAfterCommit = () => false
    expect(api.bugs.filter((bug) => !(bug instanceof KilledAfterCommit))).toEqual([])
    api.bugs.length = 0
    await api.crash()
  }
  const now = await settled(wave)
  expect(now).toMatchObject({ state: 'done', counts: { recovered: 5 } })
  expect(runs.map((run) => api.world.view(run).resumes)).toEqual([1, 1, 1, 1, 1])
  expect(runs.map(startsOf)).toEqual([2, 2, 2, 2, 2])
})

test('what was resumed meanwhile by a person is left to that person, and what is in a wave is in no other', async () => {
  const runs = await failedRuns(3)
  const [first, second] = runs as [RunId, RunId, RunId]
  const wave = await startWave(first)
  const plan = await api.client.call('wave.plan', { like: first, since: 0 })
  expect(plan.runs.map(({ why }) => why)).toContain(`it is in the wave ${wave}`)
  await api.client.call('run.resume', { run: second })
  const now = await settled(wave)
  expect(now.state).toBe('done')
  expect(now.runs.find(({ run }) => run === second)).toMatchObject({
    state: 'skipped',
    why: 'somebody has resumed it',
  })
  expect(runs.map((run) => api.world.view(run).resumes)).toEqual([1, 1, 1])
})

test('a run whose plan is no longer the one that was shown is refused, and the others go on', async () => {
  const runs = await failedRuns(3)
  const [oldest] = runs as [RunId, RunId, RunId]
  const wave = await startWave(oldest, { batch: 1 })
  // A person says meanwhile how its failure counts: there is less to do.
  await api.client.call('run.mark', { run: oldest, task: 'load-0', state: 'skipped', reason: 'no' })
  const now = await settled(wave)
  expect(now).toMatchObject({ state: 'done', counts: { recovered: 2, refused: 1 } })
  expect(now.runs.find(({ state }) => state === 'refused')?.run).toBe(oldest)
  expect(runs.map((run) => api.world.view(run).resumes)).toEqual([0, 1, 1])
})

test('with the files as they are now: all runs take them, and a file that changes on the way is refused', async () => {
  const runs = await failedRuns(3)
  const fixed = (version: string, command: string) =>
    sketchPlan({ 'load-2': { run: command } }, version)
  api.present.plan = fixed('v2', 'mended')
  const asked = { like: runs[0] as RunId, since: 0, version: 'fixed', batch: 1 } as const
  const { planId } = await api.client.call('wave.plan', asked)
  const { wave } = await api.client.call('wave.start', { ...asked, planId })
  await vi.waitFor(async () => expect((await waveNow(wave)).counts.going).toBe(1))
  api.present.plan = fixed('v3', 'mended again')
  const now = await settled(wave)
  expect(now.counts).toEqual({ recovered: 1, refused: 2 })
  expect(runs.map((run) => api.world.view(run).version)).toEqual(['v1', 'v1', 'v2'])
})

test('W4: a person stops it; what is done then must be what was shown', async () => {
  const runs = await failedRuns(4)
  const asked = { like: runs[0] as RunId, since: 0 }
  const { planId } = await api.client.call('wave.plan', asked)
  await failedRuns(1)
  await expect(api.client.call('wave.start', { ...asked, planId })).rejects.toMatchObject({
    code: 'conflict',
  })
  const wave = await startWave(asked.like)
  await api.client.call('wave.stop', { wave, reason: 'too late today' })
  // What went then is left to end, and heard of, also by the next engine.
  await api.crash()
  const now = await settled(wave)
  expect(now).toMatchObject({ state: 'cancelled', why: 'ana stopped it: too late today' })
  expect(now.counts).toEqual({ recovered: 1, skipped: 4 })
  const rows = await api.client.call('audit.list', {})
  expect(rows.filter(({ subject }) => subject === wave).map(({ action }) => action)).toEqual([
    'wave.cancelled',
    'wave.started',
  ])
  await expect(api.client.call('wave.stop', { wave })).rejects.toMatchObject({ code: 'conflict' })
})

test('a wave, the plan of one run and the record count alike: task runs, a fan-out by its items', async () => {
  const fanOut = { over: ['x', 'y', 'z'], maxParallel: null, join: 'all', failFast: false } as const
  const tasks = { list: {}, load: { needs: ['list'], fanOut }, sum: { needs: ['load'] } }
  const run = api.world.start(tasks, { 'load[1]': [{ exit: 1 }, {}] })
  await api.world.finish(run)
  const counts = { run: 2, reuse: 3 }
  const shown = await api.client.call('run.resumePlan', { run })
  expect(shown.plan.map(({ task, item }) => taskKey(task, item))).toEqual([
    'list',
    'load',
    'load[1]',
    'sum',
  ])
  expect(shown.counts).toEqual(counts)
  const { runs } = await api.client.call('wave.plan', { like: run, since: 0 })
  expect(runs.map((one) => one.counts)).toEqual([counts])
  // Forced, an item that had succeeded is reused no more; where all of it is asked for, it counts once.
  const forced = [{ task: 'load', item: 0, decision: 'run' as const, reason: 'stale' }]
  const edited = await api.client.call('run.resumePlan', { run, forced })
  expect(edited.counts).toEqual({ run: 3, reuse: 2 })
  const whole = await api.client.call('run.resumePlan', { run, from: ['load'] })
  expect(whole.counts).toEqual({ run: 2, reuse: 1 })
  await api.client.call('run.resume', { run, planId: shown.planId })
  const [row] = await api.client.call('audit.list', {})
  expect(row).toMatchObject({ action: 'run.resumed', details: counts })
})

test('in the plan of a run that goes on, the items that live are attached to', async () => {
  const fanOut = { over: ['x', 'y', 'z'], maxParallel: null, join: 'all', failFast: false } as const
  const tasks = { load: { fanOut }, sum: { needs: ['load'] } }
  const scripts = { 'load[1]': { exit: 1 }, 'load[2]': { ms: 600_000 } }
  const run = api.world.start(tasks, scripts)
  await api.world.flow(60_000)
  const { counts } = await api.client.call('run.resumePlan', { run })
  expect(counts).toEqual({ reuse: 1, run: 1, attach: 2 })
})
