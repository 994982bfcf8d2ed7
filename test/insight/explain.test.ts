import { expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import { exited, makeFacts, snapshotOf, type EndSketch, type TaskSketch } from './make-facts.ts'
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

test('SIGKILL is out of memory only where the host counted such a kill', () => {
  const log = 'start\n./agg.sh: line 9: 31337 Killed                  python3 agg.py\n'
  const facts = (oomKills: number): RunFacts =>
    makeFacts(
      { agg: { end: { outcome: 'signalled', signal: 'SIGKILL' }, log, good: ['start\n'] } },
      { hosts: { edge: snapshotOf({ oomKills }) } },
    )
  expect(caused(facts(1)).class).toBe('out_of_memory')
  const spared = caused(facts(0))
  expect(spared.class).toBe('killed_by_signal')
  expect(spared.transient).toBe(true)
  const unasked = alone(exited(137), log)
  expect(unasked.class).toBe('killed_by_signal')
  expect(unasked.exitWords).toBe(
    "killed by SIGKILL (137), the kernel's OOM killer may have done it",
  )
  expect(unasked.evidenceGaps.join()).toContain('memory counters')
})

test('a kill whose log speaks of memory is out of memory', () => {
  const answer = alone(
    exited(137),
    'start\nContainer killed by YARN for exceeding memory limits. 5 GB of 5 GB\n',
  )
  expect(answer.class).toBe('out_of_memory')
  expect(answer.evidence[0]?.line).toBe(2)
})

test('an attempt that never started is judged by the transport, not by words', () => {
  const cases = [
    ['host_unreachable', 'host_unreachable', true],
    ['ssh_auth_failure', 'ssh_auth_failure', true],
    ['ssh_host_key_mismatch', 'ssh_host_key_mismatch', true],
    ['ssh_host_key_unknown', 'ssh_host_key_mismatch', true],
    ['dns_failure', 'dns_failure', true],
    ['input_missing', 'missing_input_file', false],
  ] as const
  for (const [cause, wanted, hostLevel] of cases) {
    const answer = alone({ outcome: 'not_started', cause, message: `edge: ${cause}` }, '')
    expect([answer.class, answer.hostLevel, answer.confidence]).toEqual([wanted, hostLevel, 'high'])
    expect(answer.exitWords).toBe('never started')
    expect(answer.evidence).toEqual([])
    expect(answer.summary).toContain(`edge: ${cause}`)
  }
})

test('a host that could not set an attempt up says why in its own words', () => {
  const refused = (message: string): string =>
    alone({ outcome: 'not_started', cause: 'host_refused', message }, '').class
  expect(refused('mkdir: cannot create directory: No space left on device')).toBe('disk_full')
  expect(refused('mkdir: cannot create directory: Read-only file system')).toBe('read_only_fs')
  expect(refused('something else')).toBe('host_refused')
})

test('each way to lose an attempt is told apart', () => {
  const lost = (cause: Extract<EndSketch, { outcome: 'lost' }>['cause']): RootCause =>
    alone({ outcome: 'lost', cause }, 'start\n')
  const causes: (typeof lost extends (cause: infer One) => RootCause ? One : never)[] = [
    'host_rebooted',
    'supervisor_killed',
    'pid_reused',
    'record_lost',
    'attempt_vanished',
    'unknown_too_long',
    'lease_expired',
    'failed_over',
    'given_up',
  ]
  const answers = causes.map(lost)
  expect(answers.map((one) => one.class)).toEqual(causes)
  // Each has a message and a next step of its own.
  for (const part of [0, 1]) {
    const told = answers.map((one) => one.summary.split('. ')[part] ?? '')
    expect(told.every((text) => text.length > 15)).toBe(true)
    expect(new Set(told).size).toBeGreaterThanOrEqual(causes.length - 1)
  }
  expect(lost('host_rebooted').summary).toContain('restarted')
  expect(lost('unknown_too_long').exitWords).toContain('out of reach')
})

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

test('where nothing is said the answer is unknown, with the last line that good runs reach too', () => {
  const good = 'start\naggregating by region\nmart rows=12\ncleanup\n'
  const answer = alone(exited(1), 'start\naggregating by region\ncleanup\n', { good: [good, good] })
  expect(answer.class).toBe('unknown')
  expect(answer.confidence).toBe('low')
  expect(answer.evidence).toEqual([{ task: 'load', line: 2, text: 'aggregating by region' }])
  expect(answer.summary).toContain('good runs go on with "mart rows=#"')
  expect(answer.evidenceGaps.join(' ')).toContain(
    'No line of the log tells why; let the command print',
  )
})

test('an empty log and no history still get an answer', () => {
  const answer = caused(makeFacts({ load: { end: exited(3) } }))
  expect([answer.class, answer.exitWords, answer.evidence]).toEqual(['unknown', 'exit 3', []])
  expect(answer.evidenceGaps.join(' ')).toContain('no log')
  expect(answer.evidenceGaps.join(' ')).toContain('The exit code alone does not tell why')
})

test('an exit of 0 without a declared output names the output', () => {
  const answer = alone({ outcome: 'exited', exit: 0, missingOutputs: ['daily'] }, 'start\n', {
    state: 'failed',
  })
  expect(answer.class).toBe('missing_output')
  expect(answer.summary).toContain('Missing: daily.')
})

test('terminal escapes and binary bytes never reach the screen, and line numbers stay true', () => {
  const log = `start\n\u001b]0;owned\u0007\u001b[2J\u001b[31mERROR\u001b[0m:\u0000 deadlock \u202edetected\n\ufffd\u0001\n10%\r100%\r\n`
  const answer = alone(exited(3), log.replace('deadlock \u202edetected', 'deadlock detected\u202e'))
  expect(answer.evidence).toEqual([{ task: 'load', line: 2, text: 'ERROR: deadlock detected' }])
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

test("two tasks that one host never started are the host's trouble", () => {
  const end: EndSketch = { outcome: 'not_started', cause: 'host_refused', message: 'no shell' }
  expect(caused(makeFacts({ a: { end }, b: { end } })).hostLevel).toBe(true)
})

test('a hundred thousand lines of chatter hide nothing, and cost seconds at most', () => {
  const chatter = (seed: number): string =>
    Array.from(
      { length: 100_000 },
      (_, i) => `INFO page ${(i * seed) % 977} of 811 (${i % 450} rows) ok\n`,
    ).join('')
  const facts = makeFacts({
    load: {
      end: exited(1),
      log: `${chatter(3)}ValueError: could not convert string to float: 'N/A'\n${chatter(5)}`,
      good: [chatter(7), chatter(11)],
    },
  })
  const begun = performance.now()
  const answer = caused(facts)
  expect(answer.evidence[0]?.line).toBe(100_001)
  expect(answer.class).toBe('data_parse_error')
  // A generous bound: the aim is one second, on a machine that does nothing else.
  expect(performance.now() - begun).toBeLessThan(8_000)
})

test('hostile lines cannot stall the rules', () => {
  const seeds = [
    'type ',
    'relation x ',
    'could not ',
    "KeyError: '",
    '/etc/conf/',
    'exceeded ',
    '\u001b[3',
    '1.',
    'f0',
  ]
  const lines = Array.from({ length: 3_000 }, (_, i) => {
    const seed = seeds[i % seeds.length] ?? ''
    return `${i}${seed.repeat(4_000 / seed.length)}\n`
  })
  const begun = performance.now()
  expect(alone(exited(1), lines.join(''))).not.toBeNull()
  expect(performance.now() - begun).toBeLessThan(10_000)
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

test('the line that names the column comes before the one that sums up, and a healthy mention is neither', () => {
  const log = [
    'expected columns: order_id,day,customer_id,amount',
    'checking orders-berlin.csv: 382 rows',
    'orders-berlin.csv: expected column "amount" (4th), found "amount_eur"',
    'checking orders-london.csv: 338 rows',
    '  columns ok, numbers ok, dates ok',
    'schema mismatch: 1 of 2 files do not have the expected columns and values',
  ].join('\n')
  const answer = caused(makeFacts({ validate: { end: exited(65), log } }))
  expect(answer.class).toBe('schema_mismatch')
  expect(answer.evidence.map((one) => one.line)).toEqual([3, 6])
  expect(answer.summary).toBe(
    'orders-berlin.csv: expected column "amount" (4th), found "amount_eur". The input does not have the columns or fields that the task expects.',
  )
})

test('an error that no rule knows is shown as it is, and called unknown', () => {
  const answer = alone(exited(1), 'start\nFLUX ERROR: capacitor drained at 3 jigowatts\n')
  expect([answer.class, answer.confidence]).toEqual(['unknown', 'low'])
  expect(answer.evidence[0]?.line).toBe(2)
  expect(answer.summary).toBe('FLUX ERROR: capacitor drained at 3 jigowatts. No known cause fits.')
})

test('an exit code that tells alone is said first, and the last line only as the place it came to', () => {
  const answer = alone(exited(127), 'start\n')
  expect(answer.class).toBe('command_not_found')
  expect(answer.summary).toBe(
    'A command does not exist on the host. The last line that it reached is line 1: "start"; good runs go on with "done".',
  )
})

test('the command that trusts a key can be copied from the summary', () => {
  const message = 'The key of edge is not known. sluice hosts trust edge SHA256:abc'
  const end = { outcome: 'not_started', cause: 'ssh_host_key_unknown', message } as const
  expect(alone(end, '').summary).toMatch(/sluice hosts trust edge SHA256:abc$/)
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
