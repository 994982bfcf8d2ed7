import { expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import { runDifferences } from '../../electron/insight/run-differences.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { exited, makeFacts } from './make-facts.ts'

/** One task, where it ran, how long, and the size of its one output. */
function ran(host: string, ms: number, bytes: number): RunView {
  const output = { name: 'orders', path: 'orders.csv', sha256: '', bytes }
  const { view } = makeFacts({
    load: { host, end: { outcome: 'exited', exit: 0, outputs: [output] } },
    dq: { needs: ['load'], end: exited(1), log: 'ERROR row count check failed\n', good: ['ok\n'] },
  })
  const attempt = view.tasks['load']?.attempts[0]
  if (attempt?.end == null) throw new Error('No end')
  attempt.end.hostStartedAt = 1_000
  attempt.end.hostEndedAt = 1_000 + ms
  return view
}

test('another host, a far longer time and a size out of range are told', () => {
  const good = [ran('edge', 20_000, 9_000), ran('edge', 30_000, 11_000)]
  expect(runDifferences(ran('cloud', 90_000, 3_000), good)).toEqual([
    { what: 'host', task: 'load', name: 'load', before: 'edge', after: 'cloud' },
    { what: 'duration', task: 'load', name: 'load', before: '30 s', after: '90 s' },
    { what: 'input', task: 'load', name: 'orders', before: '9000 bytes', after: '3000 bytes' },
  ])
})

test('what stays within the range of the good runs is not told', () => {
  const good = [ran('edge', 20_000, 9_000), ran('cloud', 30_000, 11_000)]
  expect(runDifferences(ran('cloud', 39_000, 12_000), good)).toEqual([])
  expect(runDifferences(ran('cloud', 39_000, 12_000), [])).toEqual([])
})

test('an output that came out empty is where the data went, when no line says so', () => {
  const view = ran('edge', 20_000, 0)
  const facts = makeFacts({
    load: {},
    dq: { needs: ['load'], end: exited(1), log: 'ERROR row count check failed\n', good: ['ok\n'] },
  })
  const changes = runDifferences(view, [ran('edge', 20_000, 9_000)])
  const answer = explain({ ...facts, view, changes })
  expect([answer?.rootTask, answer?.class]).toEqual(['load', 'upstream_data_empty'])
  expect(answer?.summary).toContain('it had 9000 bytes')
  expect(answer?.evidence.map((one) => one.task)).toEqual(['dq'])
})
