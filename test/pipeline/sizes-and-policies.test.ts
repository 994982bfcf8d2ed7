// The small grammars of a task: sizes and what is done about an unknown outcome.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePipeline } from '../../electron/pipeline/parse-pipeline.ts'
import { namesOf } from '../../electron/pipeline/parse-workspace.ts'
import { pipelineFields } from '../../electron/pipeline/schema.ts'
import { formatByteSize, parseByteSize } from '../../shared/pipeline/byte-size.ts'
import { formatDuration } from '../../shared/pipeline/duration.ts'
import type { TaskSpec, UnknownPolicy } from '../../shared/pipeline/spec.ts'
import {
  formatUnknownPolicy,
  parseUnknownPolicy,
  unknownWaitMsMax,
} from '../../shared/pipeline/unknown-policy.ts'

function taskWith(fields: string): TaskSpec | null {
  const text = `tasks: { a: { run: ls, ${fields} } }\n`
  return parsePipeline(text, 'pipelines/x.yaml', namesOf(null)).spec?.tasks[0] ?? null
}

test.each([
  ['10gb', 10_000_000_000],
  ['10GiB', 10_737_418_240],
  ['64 KB', 64_000],
  ['1.5MB', 1_500_000],
  ['0.001kb', 1],
  ['1tib', 1_099_511_627_776],
  ['500b', 500],
])('the size %s is %i bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes)
})

test.each(['', '10', 'GB', '10 gigabytes', '-1MB', '1e3KB', '10  GB', '1,5MB', '10GBs', '10kbit'])(
  '"%s" is no size',
  (text) => {
    expect(parseByteSize(text)).toBeNull()
  },
)

test('a size that is written out reads back as the same', () => {
  const bytes = fc.oneof(
    fc.nat(2 ** 31 - 1),
    fc
      .tuple(fc.nat(9999), fc.constantFrom(1000, 1024, 1e6, 1024 ** 2, 1e9, 1024 ** 3))
      .map(([count, unit]) => count * unit),
  )
  fc.assert(
    fc.property(bytes, (size) => {
      expect(parseByteSize(formatByteSize(size))).toBe(size)
    }),
  )
})

test.each<[string, UnknownPolicy]>([
  ['fail', { waitMs: 0, then: 'fail' }],
  ['ask', { waitMs: 0, then: 'ask' }],
  ['failover', { waitMs: 0, then: 'failover' }],
  ['wait 2h', { waitMs: 7_200_000, then: 'fail' }],
  ['wait 10m then failover', { waitMs: 600_000, then: 'failover' }],
  ['wait 1h30m then ask', { waitMs: 5_400_000, then: 'ask' }],
  ['wait 30d then fail', { waitMs: 2_592_000_000, then: 'fail' }],
])('on_unknown: %s', (text, policy) => {
  expect(parseUnknownPolicy(text)).toEqual(policy)
  expect(taskWith(`on_unknown: ${text}`)?.onUnknown).toEqual(policy)
})

test.each([
  '',
  'wait',
  'wait 2h then',
  'wait 2h then wait',
  'then ask',
  'wait  2h',
  'Fail',
  '2h',
  'wait 31d',
  'wait -1h',
  'wait 2h then ask then fail',
  'wait 2h\nthen ask',
])('"%s" is no policy', (text) => {
  expect(parseUnknownPolicy(text)).toBeNull()
  expect(taskWith(`on_unknown: ${JSON.stringify(text)}`)).toBeNull()
})

const policies = fc.record({
  waitMs: fc.nat(unknownWaitMsMax),
  then: fc.constantFrom<UnknownPolicy['then']>('fail', 'failover', 'ask'),
})

test('a policy that is written out reads back as the same, by the file too', () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const text = formatUnknownPolicy(policy)
      expect(parseUnknownPolicy(text)).toEqual(policy)
      expect(taskWith(`on_unknown: ${text}`)?.onUnknown).toEqual(policy)
    }),
  )
})

// What an editor accepts by the published schema and what a run accepts must be one.
test('words in any order are a policy to the schema exactly where they are one to the reader', () => {
  const duration = fc.nat(unknownWaitMsMax * 2).map(formatDuration)
  const word = fc.oneof(
    fc.constantFrom('wait', 'then', 'fail', 'failover', 'ask', '2h', ''),
    duration,
  )
  const texts = fc.array(word, { maxLength: 5 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(texts, (text) => {
      const fields = pipelineFields.safeParse({ tasks: { a: { run: 'ls', on_unknown: text } } })
      expect(fields.success).toBe(parseUnknownPolicy(text) !== null)
    }),
    { numRuns: 2000 },
  )
})

test('a log limit is read with its unit, and is 10 GiB where the file says nothing', () => {
  expect(taskWith('log_limit: 64KB')?.logLimitBytes).toBe(64_000)
  expect(taskWith('log_limit: 2 gib')?.logLimitBytes).toBe(2 * 1024 ** 3)
  expect(taskWith('timeout: 1m')?.logLimitBytes).toBe(10 * 1024 ** 3)
  expect(taskWith('log_limit: 63KB')).toBeNull()
})
