import { expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import { exited, makeFacts, type EndSketch, type TaskSketch } from './make-facts.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { RunFacts } from '../../electron/insight/facts.ts'

function caused(facts: RunFacts): RootCause {
  const answer = explain(facts)
  if (answer === null) throw new Error('No cause where one is due')
  return answer
}

/** One task that ended so and said this, with good logs that say less. */
function alone(end: EndSketch, log: string, more: Partial<TaskSketch> = {}): RootCause {
  return caused(
    makeFacts({ load: { end, log, good: ['start\ndone\n', 'start\ndone\n'], ...more } }),
  )
}

test('the schema change of one file is named on the first run ever, with the remedy for it', () => {
  const answer = caused(
    makeFacts({
      land: { log: 'orders-berlin.csv 120 rows\n' },
      validate: {
        needs: ['land'],
        end: exited(1),
        log: 'checking orders-paris.csv\nchecking orders-berlin.csv\norders-berlin.csv: expected column "amount" (4th), found "amount_eur"\n',
        remedies: [
          { title: 'Show the disk', cause: 'disk_full', host: 'edge', run: 'df' },
          { title: 'Rename the column', cause: 'schema_mismatch', host: 'edge', run: './fix.sh' },
          { title: 'Ask the owner', cause: null, host: 'edge', run: 'true' },
        ],
      },
      join: { needs: ['validate'], state: 'upstream_failed' },
      report: { needs: ['join'], state: 'upstream_failed' },
    }),
  )
  expect(answer.class).toBe('schema_mismatch')
  expect(answer.rootTask).toBe('validate')
  expect(answer.evidence).toEqual([
    {
      task: 'validate',
      line: 3,
      text: 'orders-berlin.csv: expected column "amount" (4th), found "amount_eur"',
    },
  ])
  expect(answer.remedies.map(({ index, title }) => [index, title])).toEqual([
    [1, 'Rename the column'],
    [2, 'Ask the owner'],
  ])
  expect(answer.waiting).toEqual(['join', 'report'])
  expect(answer.lastGoodRun).toBeNull()
})

test('exit 127 after a script change names the command, the line and the change', () => {
  const change = {
    what: 'script',
    task: 'load',
    name: 'load.sh',
    before: 'aaaa',
    after: 'bbbb',
  } as const
  const answer = caused(
    makeFacts(
      {
        load: {
          end: exited(127),
          log: 'start\n./load.sh: line 9: sha265sum: command not found\n',
          good: ['start\ndone\n'],
        },
      },
      { changes: [change] },
    ),
  )
  expect(answer.class).toBe('command_not_found')
  expect(answer.exitWords).toBe('exit 127: command not found')
  expect(answer.changed).toEqual([change])
  expect(answer.summary).toContain('load.sh')
  expect(answer.hostLevel).toBe(false)
})

test('a run in which nothing failed has no cause, whatever its logs say', () => {
  const log = 'ERROR: permission denied for table orders\n'
  expect(explain(makeFacts({ load: { log } }, { state: 'succeeded' }))).toBeNull()
  expect(explain(makeFacts({ load: { log } }, { state: 'running' }))).toBeNull()
  expect(
    explain(makeFacts({ load: { log, state: 'cancelled' } }, { state: 'cancelled' })),
  ).toBeNull()
})

test('a timeout is a timeout, and the last line that good runs also reach is shown', () => {
  const answer = alone({ outcome: 'timed_out', signal: 'SIGTERM' }, 'start\nnoise 1\n', {
    timeoutMs: 600_000,
  })
  expect(answer.class).toBe('timeout')
  expect(answer.summary).toContain('10 min')
  expect(answer.evidence).toEqual([{ task: 'load', line: 1, text: 'start' }])
  expect(answer.exitWords).toBe('stopped at its timeout')
})
