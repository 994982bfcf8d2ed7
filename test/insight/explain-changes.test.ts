// What changed since the last good run, and when that is the story.
import { expect, test } from 'vitest'
import type { RunFacts } from '../../electron/insight/facts.ts'
import { caused } from './caused.ts'
import { exited, makeFacts } from './make-facts.ts'

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

test('a changed parameter is blamed when the symptom carries its value', () => {
  const facts = (after: string): RunFacts =>
    makeFacts(
      {
        fetch: {
          end: exited(22),
          log: 'start\ncurl: (22) The requested URL returned error: 404\n{"key":"/v1/2205-02-01/orders"}\n',
          good: ['start\n'],
        },
      },
      { changes: [{ what: 'param', task: null, name: 'run_date', before: '2025-02-01', after }] },
    )
  const blamed = caused(facts('2205-02-01'))
  expect(blamed.class).toBe('bad_parameter')
  expect(blamed.summary).toContain('"run_date" changed from "2025-02-01" to "2205-02-01"')
  expect(caused(facts('2025-02-02')).class).toBe('remote_object_missing')
})

test("a missing key is the data's, the code's or a setting's, by what changed and what was read", () => {
  const log = (code: string): string =>
    `Traceback (most recent call last):\n  File "clean.py", line 8, in <module>\n    ${code}\nKeyError: 'amount'\n`
  const script = {
    what: 'script',
    task: 'load',
    name: 'clean.py',
    before: 'a',
    after: 'b',
  } as const
  const facts = (code: string, changed: boolean): RunFacts =>
    makeFacts(
      { load: { end: exited(1), log: log(code), good: ['ok\n'] } },
      { changes: changed ? [script] : [] },
    )
  expect(caused(facts('amount = float(r["amount"])', false)).class).toBe('schema_mismatch')
  expect(caused(facts('amount = float(r["amount"])', true)).class).toBe('code_runtime_error')
  expect(caused(facts("print(cfg['amount'])", false)).class).toBe('config_missing')
})

test('a date that moves on as dates do is not blamed for a file that is not there', () => {
  const facts = (name: string, before: string, after: string, restless: string[]): RunFacts =>
    makeFacts(
      {
        land: {
          end: exited(1),
          log: `cp: cannot stat 'landing/orders_${after}.csv': No such file or directory\n`,
          good: ['ok\n'],
        },
      },
      { changes: [{ what: 'param', task: null, name, before, after }], restless },
    )
  expect(caused(facts('day', '2025-02-01', '2025-02-02', [])).class).toBe('missing_input_file')
  expect(caused(facts('day', '2025-02-01', '2205-02-02', ['day'])).class).toBe('bad_parameter')
  expect(caused(facts('store', 'berlin', 'berlim', [])).class).toBe('bad_parameter')
  expect(caused(facts('store', 'berlin', 'london', ['store'])).class).toBe('missing_input_file')
})

test('a change elsewhere, or of a date, is listed last and not made the story', () => {
  const day = {
    what: 'param',
    task: null,
    name: 'day',
    before: '2026-01-14',
    after: '2026-01-15',
  } as const
  const other = { what: 'script', task: 'side', name: 'side.sh', before: 'a', after: 'b' } as const
  const own = {
    what: 'env',
    task: 'load',
    name: 'TABLE',
    before: 'orders',
    after: 'order',
  } as const
  const facts = (changes: RunFacts['changes'][number][]): RunFacts =>
    makeFacts(
      {
        side: {},
        load: { end: exited(3), log: 'ERROR:  relation "order" does not exist\n', good: ['ok\n'] },
      },
      { changes },
    )
  const quiet = caused(facts([day, other]))
  expect(quiet.summary).toMatch(/^ERROR: relation "order" does not exist\. /)
  expect(quiet.changed).toEqual([other, day])
  const told = caused(facts([day, other, own]))
  expect(told.summary).toBe(
    'ERROR: relation "order" does not exist. Since the last good run env "TABLE" changed from "orders" to "order".',
  )
  expect(told.changed[0]).toEqual(own)
})
