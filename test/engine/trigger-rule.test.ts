// The rules against Airflow's truth table, row for row.
//   Of the 2,730 rows, 1,092 have `removed` needs, which we do not have: a task that a version lacks is skipped.
//   210 more are of `all_done_setup_success`, which is what our tear-down does; it is asked through the engine.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judgeCondition, judgeRule } from '../../electron/engine/trigger-rule.ts'
import type { NeedCounts, Verdict } from '../../electron/engine/trigger-rule.ts'
import type { StateCondition, TriggerRule } from '../../shared/pipeline/spec.ts'
import type { TaskState } from '../../shared/run/states.ts'

interface Row {
  rule: string
  counts: NeedCounts
  removed: number
  expected: Verdict
}

const rows: Row[] = readFileSync('test/data/trigger-rules/truth_table.txt', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [rule = '', ...rest] = line.split(' ')
    const [succeeded, failed, skipped, upstreamFailed, removed, unfinished] = rest
      .slice(0, 6)
      .map(Number) as [number, number, number, number, number, number]
    const total = succeeded + failed + skipped + upstreamFailed + removed + unfinished
    const counts = { total, succeeded, failed, skipped, upstreamFailed }
    return { rule, counts, removed, expected: rest[6] as Verdict }
  })

const ours = rows.filter(({ rule, removed }) => removed === 0 && rule !== 'all_done_setup_success')

test('every row of the truth table without removed needs is decided as Airflow decides it', () => {
  expect(rows).toHaveLength(2730)
  expect(ours).toHaveLength(1512)
  const differ = ours.filter(
    ({ rule, counts, expected }) => judgeRule(rule as TriggerRule, counts) !== expected,
  )
  expect(differ).toEqual([])
})

test('no rule waits once all needs have ended', () => {
  for (const { rule, counts } of ours) {
    const { total, succeeded, failed, skipped, upstreamFailed } = counts
    if (succeeded + failed + skipped + upstreamFailed < total) continue
    expect(`${rule}: ${judgeRule(rule as TriggerRule, counts)}`).not.toBe(`${rule}: wait`)
  }
})

const is = (task: string, state: 'succeeded' | 'failed' | 'skipped' | 'done'): StateCondition => ({
  op: 'is',
  task,
  state,
})

test('a condition is decided as soon as what is open cannot change it', () => {
  const either: StateCondition = { op: 'any', of: [is('a', 'succeeded'), is('b', 'failed')] }
  const ask = (condition: StateCondition, states: Record<string, TaskState>): Verdict =>
    judgeCondition(condition, (task) => states[task] ?? 'waiting')
  expect(ask(either, { a: 'running', b: 'running' })).toBe('wait')
  expect(ask(either, { a: 'succeeded', b: 'running' })).toBe('run')
  expect(ask(either, { a: 'running', b: 'upstream_failed' })).toBe('run')
  expect(ask(either, { a: 'failed', b: 'running' })).toBe('wait')
  expect(ask(either, { a: 'failed', b: 'reused' })).toBe('skipped')
  const both: StateCondition = {
    op: 'all',
    of: [is('a', 'done'), { op: 'not', of: is('b', 'skipped') }],
  }
  expect(ask(both, { a: 'cancelled', b: 'running' })).toBe('wait')
  expect(ask(both, { a: 'running', b: 'skipped' })).toBe('skipped')
  expect(ask(both, { a: 'cancelled', b: 'succeeded' })).toBe('run')
})
