import { expect, test } from 'vitest'
import { changeWords, diffPlans } from '../../electron/pipeline/version-diff.ts'
import type { VersionId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'

function task(name: string, more: Partial<PlannedTask> = {}): PlannedTask {
  return {
    name,
    needs: [],
    hosts: ['edge'],
    run: 'ls',
    env: {},
    timeoutMs: null,
    graceMs: 10_000,
    retries: { max: 0, delayMs: 5000, backoff: 'exponential', capMs: 600_000, jitter: 0 },
    effect: 'idempotent',
    files: [],
    inputs: {},
    outputs: {},
    remedies: [],
    codeHash: '',
    ...more,
  }
}

function plan(tasks: PlannedTask[], params: RunPlan['params'] = {}): RunPlan {
  return {
    pipeline: 'orders',
    environment: 'dev',
    version: 'v' as VersionId,
    params,
    logicalDate: null,
    tasks,
  }
}

const file = (path: string, sha256: string) => ({
  path,
  sha256: sha256.repeat(64),
  bytes: 1,
  mode: 0o644,
})

test('equal plans differ in nothing', () => {
  const one = plan([task('a', { env: { A: '1' } })], { day: '2026-01-01' })
  expect(diffPlans(one, structuredClone(one))).toEqual([])
})

test('every kind of difference is named, with what it was and what it is', () => {
  const before = plan(
    [
      task('a', {
        env: { DAY: '1', OLD: 'x' },
        files: [file('a.sh', 'a'), file('gone.sql', 'b')],
        inputs: { 'in.csv': { task: 'z', output: 'o' } },
      }),
      task('gone'),
    ],
    { day: '2026-01-01', limit: 5 },
  )
  const after = plan(
    [
      task('a', {
        run: 'ls -l',
        hosts: ['cloud'],
        env: { DAY: '2', NEW: '' },
        files: [file('a.sh', 'c'), file('new.sql', 'd')],
        inputs: { 'in.csv': { task: 'y', output: 'o' } },
        timeoutMs: 60_000,
      }),
      task('added'),
    ],
    { day: '2026-01-02', limit: 5 },
  )
  const changes = diffPlans(before, after)
  expect(changes.map((each) => [each.task, changeWords(each)])).toEqual([
    [null, 'param day is 2026-01-02, was 2026-01-01'],
    ['a', 'its command changed'],
    ['a', 'the file a.sh changed'],
    ['a', 'the file gone.sql is gone'],
    ['a', 'the file new.sql is new'],
    ['a', 'env DAY is 2, was 1'],
    ['a', 'env NEW is new: empty'],
    ['a', 'env OLD is gone'],
    ['a', 'host is cloud, was edge'],
    ['a', 'input in.csv is y.o, was z.o'],
    ['a', 'timeout is 1m, was none'],
    ['added', 'the task is new'],
    ['gone', 'the task is gone'],
  ])
  expect(changes[1]).toEqual({
    what: 'script',
    task: 'a',
    name: 'run',
    before: 'ls',
    after: 'ls -l',
  })
})

test('a very long command is cut in a change', () => {
  const [change] = diffPlans(plan([task('a')]), plan([task('a', { run: 'x'.repeat(10_000) })]))
  expect(change?.after.length).toBe(500)
})

test('rules of tasks are told as they are written in the file', () => {
  const before = plan([task('a'), task('b', { trigger: 'none_failed', group: 'g' })])
  const after = plan([
    task('a', {
      when: '${{ run.id == "x" }}',
      fanOut: { over: [1, 2], maxParallel: null, join: 'all', failFast: false },
      lateEnv: { FILE: '${{ item }}' },
      retries: {
        ...task('a').retries,
        on: { exits: [75], causes: ['timeout'], patterns: ['^x'] },
      },
      teardown: { of: ['b'], failsRun: true },
    }),
    task('b', { trigger: 'always', priority: 5 }),
  ])
  const words = diffPlans(before, { ...after, verdict: 'leaves', slots: 3 }).map(
    (change) => `${change.task}: ${changeWords(change)}`,
  )
  expect(words).toEqual([
    'null: slots is new: 3',
    'null: verdict is new: leaves',
    'a: env FILE is new: ${{ item }}',
    'a: fan_out is new: {"failFast":false,"join":"all","maxParallel":null,"over":...',
    'a: retries is 0, exponential from 5s to 10m, jitter 0, on 75 timeout /^x/, was 0, exponential from 5s to 10m, jitter 0',
    'a: teardown is new: b',
    'a: teardown_fails_run is new: true',
    'a: when is new: ${{ run.id == "x" }}',
    'b: group is gone',
    'b: priority is new: 5',
    'b: trigger_rule is always, was none_failed',
  ])
  expect(diffPlans(after, after)).toEqual([])
})
