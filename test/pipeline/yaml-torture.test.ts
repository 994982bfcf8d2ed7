// 523 documents that YAML loaders stumble over, through ours: it answers each, in time, and reads none wrongly.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parsePipeline } from '../../electron/pipeline/parse-pipeline.ts'
import { parseWorkspace } from '../../electron/pipeline/parse-workspace.ts'
import { readYaml } from '../../electron/pipeline/read-yaml.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import { decodeText } from '../../electron/pipeline/yaml-text.ts'

interface Row {
  id: string
  expect: string
  expect_json?: string
  tags: string[]
  yaml?: string
  yaml_base64?: string
  generate?: [text: string, count: number][]
}

const rows = readFileSync(
  join(import.meta.dirname, '../data/yaml-torture/yaml_torture.jsonl'),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row)

/** Wall-clock, generous: the slowest of them needs a tenth of it on an idle machine. */
const answerMsMax = 2000

function bytesOf(row: Row): Uint8Array {
  if (row.yaml !== undefined) return Buffer.from(row.yaml)
  if (row.yaml_base64 !== undefined) return Buffer.from(row.yaml_base64, 'base64')
  return Buffer.from((row.generate ?? []).map(([text, count]) => text.repeat(count)).join(''))
}

type Answer = { accepted: true; value: unknown } | { accepted: false; messages: string[] }

function answerOf(row: Row): Answer {
  const { text, faults } = decodeText(bytesOf(row))
  const read = faults.length > 0 ? { tree: null, faults } : readYaml(text)
  return read.faults.length > 0
    ? { accepted: false, messages: read.faults.map((fault) => fault.message) }
    : { accepted: true, value: read.tree?.value ?? null }
}

const answers = new Map<string, { row: Row; answer: Answer; ms: number }>()
for (const row of rows) {
  const from = performance.now()
  const answer = answerOf(row)
  answers.set(row.id, { row, answer, ms: performance.now() - from })
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}

test('every document is answered, none crashes the loader', () => {
  expect(answers.size).toBe(523)
})

test('no document takes longer than its time', () => {
  const slow = [...answers.values()].filter(({ ms }) => ms > answerMsMax).map(({ row }) => row.id)
  expect(slow).toEqual([])
})

test('a document whose meaning is agreed is read with that meaning, or refused', () => {
  let read = 0
  for (const { row, answer } of answers.values()) {
    if (row.expect_json === undefined || !answer.accepted) continue
    const agreed = row.expect_json.trim() === '' ? 'null' : row.expect_json
    expect({ id: row.id, value: plain(answer.value) }).toEqual({
      id: row.id,
      value: JSON.parse(agreed) as unknown,
    })
    read += 1
  }
  expect(read).toBeGreaterThanOrEqual(225)
})

// Both are errors only by the letter: a %YAML 1.2 line that stands twice, and a tag handle in percent encoding.
const harmless = ['yts-SF5V', 'goyaml-err-12']

test('a document that is an error is refused', () => {
  const accepted = [...answers.values()]
    .filter(({ row, answer }) => row.expect === 'error' && answer.accepted)
    .map(({ row }) => row.id)
  expect(accepted).toEqual(harmless)
})

test.each([
  ['dup-keys', /given twice/],
  ['dup-keys-types', /given twice/],
  ['jsyaml-issue-0243-basic', /given twice/],
  ['bigints', /cannot be kept exactly/],
  ['gen-huge-int', /cannot be kept exactly/],
  ['floats', /too large/],
  ['ctrl', /control character/],
  ['self-alias', /would hold itself/],
  ['proto', /__proto__/],
  ['py-object', /tag/],
  ['yts-565N', /tag !!binary/],
  ['yts-J7PZ', /tag !!omap/],
  ['merge-list', /Merge keys/],
  ['multi-doc', /second document/],
  ['complex-key', /may not be a name/],
  ['unicode-esc', /half of a character/],
  ['star-cron', /alias/],
  ['at', /may not start with @/],
  ['eemeli-billion-laughs', /aliases/],
  ['goyaml-bomb', /aliases/],
  ['goyaml-limit-slices', /nested too deeply/],
  ['goyaml-limit-maps', /nested too deeply/],
  ['goyaml-limit-indents', /limit is 1024 KiB/],
  ['goyaml-limit-aliases', /YAML tokens/],
])('%s is refused with its reason', (id, reason) => {
  const answer = answers.get(id)?.answer
  expect(answer?.accepted === false ? answer.messages.join('\n') : 'accepted').toMatch(reason)
})

test.each([
  ['norway', { countries: ['dk', 'fi', 'is', 'no', 'se'], no: 'value' }],
  ['on-key', { on: { push: { branches: ['main'] } } }],
  ['sexagesimal', { ports: ['22:22', '80:80', '3306:3306'], time: '12:30:45', start: '1:30' }],
  ['dates', { d: '2024-01-01', t: '2024-01-01T00:00:00Z', x: '2024-02-30' }],
  ['nulls', { a: null, b: null, c: null, d: null, e: '', f: null }],
  ['crlf', { a: 1, b: ['x'], c: 'l1\nl2\n' }],
])('%s is read as YAML 1.2 says', (id, value) => {
  const answer = answers.get(id)?.answer
  expect(answer?.accepted === true ? plain(answer.value) : answer).toEqual(value)
})

test('the loaders of both files answer every document with a spec or with problems', () => {
  const silent: string[] = []
  for (const { row } of answers.values()) {
    const { text, faults } = decodeText(bytesOf(row))
    if (faults.length > 0) continue
    const parsed = [
      parsePipeline(text, 'pipelines/x.yaml', null),
      parseWorkspace(text, 'sluice.yaml'),
    ]
    for (const { spec, problems } of parsed) {
      if ((spec === null) !== hasErrors(problems)) silent.push(row.id)
    }
  }
  expect(silent).toEqual([])
})
