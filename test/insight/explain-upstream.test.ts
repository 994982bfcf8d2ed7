// Causes that lie before the task that failed: swallowed errors, empty sources, the first failure of a cascade.
import { expect, test } from 'vitest'
import type { RunFacts } from '../../electron/insight/facts.ts'
import { caused } from './caused.ts'
import { exited, makeFacts } from './make-facts.ts'
import type { TaskSketch } from './make-facts.ts'

test('a failure that an upstream task swallowed is found there, by its own new line', () => {
  const answer = caused(
    makeFacts({
      land: { log: 'landed\n', good: ['landed\n'] },
      load: {
        needs: ['land'],
        log: 'copy\nERROR:  permission denied for table stg_orders\ndone\n',
        good: ['copy\ndone\n'],
      },
      merge: { needs: ['load'], log: 'merge\n', good: ['merge\n'] },
      dq: {
        needs: ['merge'],
        end: exited(1),
        log: 'ERROR data test row_count failed: orders has 0 rows\n',
        good: ['ok\n'],
      },
      export: { needs: ['dq'], state: 'upstream_failed' },
    }),
  )
  expect(answer.rootTask).toBe('load')
  expect(answer.class).toBe('db_permission_denied')
  expect(answer.evidence.map(({ task, line }) => [task, line])).toEqual([
    ['load', 2],
    ['dq', 1],
  ])
  expect(answer.waiting).toEqual(['export'])
  expect(answer.summary).toContain('still ended as succeeded')
})

test('a service that an upstream task failed to start is the cause of the refusal', () => {
  const answer = caused(
    makeFacts({
      serve: {
        log: 'starting\nOSError: [Errno 98] Address already in use\nleft in the background\n',
        good: ['starting\nleft in the background\n'],
      },
      fetch: {
        needs: ['serve'],
        end: exited(7),
        log: "curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: Couldn't connect to server\n",
        good: ['200\n'],
      },
    }),
  )
  expect([answer.rootTask, answer.class]).toEqual(['serve', 'port_in_use'])
})

test('an empty source is found at the task furthest upstream that counts nothing', () => {
  const sketch = (extract: string, good: string): Record<string, TaskSketch> => ({
    extract: { log: extract, good: [good] },
    clean: { needs: ['extract'], log: 'cleaned rows=0\n', good: ['cleaned rows=412\n'] },
    dq: {
      needs: ['clean'],
      end: exited(1),
      log: 'ERROR row count check failed: 0 rows\n',
      good: ['ok\n'],
    },
  })
  const answer = caused(
    makeFacts(sketch('wrote rows=0 rejected=0\n', 'wrote rows=412 rejected=0\n')),
  )
  expect([answer.rootTask, answer.class]).toEqual(['extract', 'upstream_data_empty'])
  // A count that is zero in good runs too says nothing.
  const habit = caused(makeFacts(sketch('wrote rows=0\n', 'wrote rows=0\n')))
  expect(habit.rootTask).toBe('clean')
})

test('an upstream line that good runs also print, or that excuses itself, is no cause', () => {
  const facts = (line: string, good: string): RunFacts =>
    makeFacts({
      load: { log: `copy\n${line}\n`, good: [`copy\n${good}\n`] },
      dq: { needs: ['load'], end: exited(1), log: "KeyError: 'amount'\n", good: ['ok\n'] },
    })
  const habit = 'ERROR cannot reach metrics: Connection refused'
  expect(caused(facts(habit, habit)).rootTask).toBe('dq')
  expect(caused(facts(`${habit} (ignored)`, '')).rootTask).toBe('dq')
})

test('the first failure of a cascade is the one that began first, retries or not', () => {
  const facts = makeFacts({
    load: { end: exited(1), log: 'ERROR:  deadlock detected\n' },
    other: { end: exited(1), log: 'MemoryError\n' },
  })
  const first = facts.view.tasks['load']
  const attempt = first?.attempts[0]
  if (first === undefined || attempt?.end == null) throw new Error('No attempt')
  // A retry that ended last of all.
  first.attempts.push({ ...attempt, number: 2, end: { ...attempt.end, endedAt: 99_000 } })
  const answer = caused(facts)
  expect([answer.rootTask, answer.attempt]).toEqual(['load', 2])
})
