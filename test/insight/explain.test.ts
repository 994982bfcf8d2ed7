// A cause as a whole, and what the lines of a log tell.
import { expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import { alone, caused } from './caused.ts'
import { exited, makeFacts } from './make-facts.ts'

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

test('a run in which nothing failed has no cause, whatever its logs say', () => {
  const log = 'ERROR: permission denied for table orders\n'
  expect(explain(makeFacts({ load: { log } }, { state: 'succeeded' }))).toBeNull()
  expect(explain(makeFacts({ load: { log } }, { state: 'running' }))).toBeNull()
  expect(
    explain(makeFacts({ load: { log, state: 'cancelled' } }, { state: 'cancelled' })),
  ).toBeNull()
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

test('terminal escapes and binary bytes never reach the screen, and line numbers stay true', () => {
  const log = `start\n\u001b]0;owned\u0007\u001b[2J\u001b[31mERROR\u001b[0m:\u0000 deadlock \u202edetected\n\ufffd\u0001\n10%\r100%\r\n`
  const answer = alone(exited(3), log.replace('deadlock \u202edetected', 'deadlock detected\u202e'))
  expect(answer.evidence).toEqual([{ task: 'load', line: 2, text: 'ERROR: deadlock detected' }])
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
