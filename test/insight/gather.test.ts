import { expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import { gatherFacts, type InsightSources } from '../../electron/insight/gather.ts'
import { readExcerpt } from '../../electron/insight/log-excerpt.ts'
import { attemptKey, type RunId } from '../../shared/run/ids.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { exited, makeFacts, snapshotOf, type TaskSketch } from './make-facts.ts'

const bad = '20260102-000000-badbadba' as RunId
const good = '20260101-000000-goodgood' as RunId

interface World {
  sources: InsightSources
  /** Attempt keys whose bytes were read. */
  read: Set<string>
}

/** A failing run and one good run before it; `good` of a sketch is that run's log. */
function world(sketch: Record<string, TaskSketch>): World {
  const facts = makeFacts(sketch)
  const logs = new Map<string, Buffer>()
  const goodView: RunView = structuredClone({ ...facts.view, run: good, state: 'succeeded' })
  for (const [name, one] of Object.entries(sketch)) {
    logs.set(attemptKey(bad, name, null, 1), Buffer.from(one.log ?? ''))
    logs.set(attemptKey(good, name, null, 1), Buffer.from(one.good?.[0] ?? ''))
    const twin = goodView.tasks[name]
    const ended = facts.view.tasks[Object.keys(sketch)[0] ?? '']?.attempts[0]
    if (twin === undefined || ended === undefined) continue
    twin.state = 'succeeded'
    const log = { bytes: one.good?.[0]?.length ?? 0, sha256: null, gaps: [] }
    twin.attempts = [{ ...ended, log }]
  }
  const read = new Set<string>()
  const sources: InsightSources = {
    view: (run) => (run === bad ? facts.view : run === good ? goodView : null),
    plan: () => facts.plan,
    lastGoodRuns: async (pipeline, environment, before) => {
      expect([pipeline, environment, before]).toEqual(['orders', 'dev', bad])
      return [good]
    },
    readLog: async (key, offset, length) => {
      read.add(key)
      return (logs.get(key) ?? Buffer.alloc(0)).subarray(offset, offset + length)
    },
    logSize: (key) => logs.get(key)?.length ?? 0,
    changes: () => [{ what: 'param', task: null, name: 'limit', before: '400', after: '40' }],
  }
  return { sources, read }
}

test('facts hold the failing log, its good twin and what changed, and explain themselves', async () => {
  const { sources, read } = world({
    land: { log: 'landed\n', good: ['landed\n'] },
    load: {
      needs: ['land'],
      end: exited(3),
      log: 'ERROR:  relation "old" does not exist\nERROR:  permission denied for table orders\n',
      good: ['ERROR:  relation "old" does not exist\n'],
    },
  })
  const facts = await gatherFacts(bad, sources)
  const answer = facts === null ? null : explain(facts)
  expect(answer?.class).toBe('db_permission_denied')
  expect(answer?.lastGoodRun).toBe(good)
  expect(answer?.changed[0]?.name).toBe('limit')
  // The cause is the task's own: nothing upstream was read.
  expect([...read]).toEqual([attemptKey(bad, 'load', null, 1), attemptKey(good, 'load', null, 1)])
})

test('upstream logs are read when the failing task shows a symptom; a silent one is a baseline too', async () => {
  const { sources, read } = world({
    land: { log: 'cp: error writing: No space left on device\n', good: [''] },
    side: { log: 'other\n', good: ['other\n'] },
    load: {
      needs: ['land'],
      end: exited(1),
      log: 'ERROR row count check failed\n',
      good: ['ok\n'],
    },
  })
  const facts = await gatherFacts(bad, sources)
  const answer = facts === null ? null : explain(facts)
  expect([answer?.rootTask, answer?.class]).toEqual(['land', 'disk_full'])
  expect([...read].some((key) => key.includes('.side.'))).toBe(false)
})

test('what a host was like is held against what it was when a try of a good run failed there', async () => {
  const { sources } = world({ load: { end: exited(1), log: 'x', good: ['ok\n'] } })
  const view = async (run: RunId): Promise<RunView | null> => {
    const found = structuredClone(await sources.view(run))
    const attempt = found?.tasks['load']?.attempts[0]
    if (found === null || attempt === undefined) return found
    const disk = { ...snapshotOf().disks[0]!, path: '/data' }
    attempt.snapshot = snapshotOf({ disks: [{ ...disk, freeBytes: run === bad ? 0 : 9e9 }] })
    return found
  }
  const facts = await gatherFacts(bad, { ...sources, view })
  const answer = facts === null ? null : explain(facts)
  expect(answer?.hostFacts[0]).toEqual({
    label: 'disk /data',
    value: '0 B of 40 GB free; 9.0 GB in a good run',
    isAlarming: true,
  })
})

test('a run that is not known has no facts, and one that succeeded no cause', async () => {
  const { sources } = world({ load: { end: exited(1) } })
  expect(await gatherFacts('20260103-000000-nowherex' as RunId, sources)).toBeNull()
  const facts = await gatherFacts(good, { ...sources, lastGoodRuns: () => [] })
  expect(facts === null ? 'no facts' : explain(facts)).toBeNull()
})

test('a log longer than its bounds is read at both ends, with the true number of every line', async () => {
  const bytes = Buffer.from(
    Array.from({ length: 5_000 }, (_, i) => `line ${i + 1} ${'x'.repeat(i % 90)}\n`).join(''),
  )
  const source = {
    size: bytes.length,
    read: (offset: number, length: number) =>
      bytes.subarray(offset, offset + Math.min(length, 777)),
  }
  const bounds = { headBytes: 3_000, tailBytes: 9_000, countBytes: 1 << 20, only: null }
  const log = await readExcerpt(source, 1, bounds)
  expect(log.whole).toBe(false)
  expect(log.lines.length).toBeLessThan(1_000)
  for (const { line, text } of log.lines) expect(text.startsWith(`line ${line} `)).toBe(true)
  expect(log.lines[0]?.line).toBe(1)
  expect(log.lines.at(-1)?.line).toBe(5_000)
  const whole = await readExcerpt(source, 1, { ...bounds, tailBytes: 1 << 20 })
  expect(whole.whole).toBe(true)
  expect(whole.lines.map((one) => one.line)).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1))
})

test('lines of a tail too far away to count are read, and never cited', async () => {
  const { sources } = world({ load: { end: exited(1), log: 'x', good: ['ok\n'] } })
  const bytes = Buffer.from(`${'chatter\n'.repeat(2_000)}ERROR:  deadlock detected\n`)
  const log = await readExcerpt(
    { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) },
    1,
    { headBytes: 100, tailBytes: 400, countBytes: 0, only: null },
  )
  const facts = await gatherFacts(bad, sources)
  if (facts === null) throw new Error('No facts')
  const answer = explain({ ...facts, logs: new Map([['load', log]]) })
  expect([answer?.class, answer?.evidence]).toEqual(['db_deadlock_or_lock', []])
})
