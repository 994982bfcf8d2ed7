// The labelled faults of test/data/rca: real runs with one fault each, and two healthy twins.
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import { gatherFacts } from '../../electron/insight/gather.ts'
import { parseAttemptKey, type RunId } from '../../shared/run/ids.ts'
import { factsOf, readCases, type Case } from './corpus.ts'
import { exited, makeFacts } from './make-facts.ts'
import { mark, share, type Marks } from './score.ts'

let cases: Case[] = []
let marks: Marks[] = []

beforeAll(() => {
  cases = readCases(new URL('../data/rca/faults.json.gz', import.meta.url))
  marks = cases.map((one) => mark(one))
})

const wrong = (right: (one: Marks) => boolean | null): string[] =>
  marks.filter((one) => right(one) === false).map((one) => `${one.fault}: ${one.answer?.class}`)

// The figures reached; the list shows what is wrong beyond them.
const beyond = (right: (one: Marks) => boolean | null, shareMin: number): string[] =>
  wrong(right).slice(Math.floor(marks.length * (1 - shareMin)))

test('the class is right in nearly all labelled faults', () => {
  expect(beyond((one) => one.classRight, 0.97)).toEqual([])
})

test('the root task is right, also where a failure was swallowed upstream', () => {
  expect(beyond((one) => one.rootRight, 0.98)).toEqual([])
})

test('the first evidence line is the one that says it', () => {
  expect(beyond((one) => one.firstLineRight, 0.97)).toEqual([])
})

test('five lines at most are shown, and each is a real line of a log', () => {
  expect(Math.max(...marks.map((one) => one.linesShown))).toBeLessThanOrEqual(5)
  expect(marks.reduce((sum, one) => sum + one.unresolved, 0)).toBe(0)
})

test('what waits is exactly what is blocked', () => {
  expect(wrong((one) => one.waitingRight)).toEqual([])
})

test('whether the host is to blame, and whether waiting may help, is right in nearly all', () => {
  expect(share(marks, (one) => one.hostLevelRight)).toBeGreaterThanOrEqual(0.95)
  expect(share(marks, (one) => one.transientRight)).toBeGreaterThanOrEqual(0.95)
})

test('a changed script or param is the first change named', () => {
  const due = cases.filter(({ label }) => label.changed === 'script' || label.changed === 'param')
  expect(due.length).toBeGreaterThan(5)
  for (const { label } of due) {
    const first = marks.find((one) => one.fault === label.fault)?.answer?.changed[0]
    expect(`${label.fault} ${first?.what}`).toBe(`${label.fault} ${label.changed}`)
  }
})

test('no healthy twin is given a cause', () => {
  for (const one of cases) {
    expect(explain(factsOf(one, 'h1', ['h2']))).toBeNull()
    expect(explain(factsOf(one, 'h2', ['h1']))).toBeNull()
  }
})

test('without any good run to compare with, most causes are still found', () => {
  const first = cases.map((one) => mark(one, []))
  expect(share(first, (one) => one.classRight)).toBeGreaterThanOrEqual(0.85)
  expect(share(first, (one) => one.rootRight)).toBeGreaterThanOrEqual(0.9)
})

/** Rows of exit code, class (or classes, any of which will do) and line, that are judged otherwise. */
function misjudged(file: string): { rows: number; wrong: string[] } {
  const text = readFileSync(new URL(`../data/rca/${file}`, import.meta.url), 'utf8')
  const around = (line: string): string => `INFO starting\n${line}INFO cleanup done\n`
  const rows = text.split('\n').filter((row) => row !== '')
  const wrong = rows.flatMap((row) => {
    const [exit, wanted = '', line = ''] = row.split('\t')
    const log = around(`${line}\n`)
    const sketch = { load: { end: exited(Number(exit)), log, good: [around('INFO 412 rows\n')] } }
    const found = explain(makeFacts(sketch))?.class ?? ''
    return wanted.split('|').includes(found) ? [] : [`${found}, not ${wanted}: ${line}`]
  })
  return { rows: rows.length, wrong }
}

test('each known wording of a tool leads to its class', () => {
  for (const file of ['wording.tsv', 'public-known.tsv']) {
    const { rows, wrong } = misjudged(file)
    expect(rows).toBeGreaterThan(200)
    expect(wrong).toEqual([])
  }
})

test('of lines that were gathered after the rules were made, most lead to their class and few to a wrong one', () => {
  const { rows, wrong } = misjudged('public-unseen.tsv')
  expect(rows).toBeGreaterThan(40)
  expect(wrong.length / rows).toBeLessThan(0.25)
  expect(wrong.filter((one) => !one.startsWith('unknown, ')).length / rows).toBeLessThan(0.08)
})

test('what tools print when all is well is no cause, even of a task that failed and has no good run', () => {
  const text = readFileSync(new URL('../data/rca/harmless.txt', import.meta.url), 'utf8')
  const logs = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `start\n${line}\nbye\n`)
  for (const { runs } of cases) {
    for (const { logs: some } of [runs.h1, runs.h2]) logs.push(...Object.values(some))
  }
  expect(logs.length).toBeGreaterThan(500)
  const claimed = [...new Set(logs)].filter(
    (log) => explain(makeFacts({ load: { end: exited(1), log } }))?.class !== 'unknown',
  )
  expect(claimed).toEqual([])
})

test('facts gathered from stored logs lead to the same answers as all facts at once', async () => {
  const names = new Map<string, 'faulty' | 'h1' | 'h2'>([
    ['20260103-000000-faultyyy', 'faulty'],
    ['20260102-000000-healthy1', 'h1'],
    ['20260101-000000-healthy2', 'h2'],
  ])
  const [bad, ...good] = [...names.keys()] as RunId[]
  if (bad === undefined) throw new Error('No run')
  for (const [index, one] of cases.entries()) {
    const all = factsOf(one, 'faulty', ['h1', 'h2'])
    const bytesOf = (key: Parameters<typeof parseAttemptKey>[0]): Buffer => {
      const { run, task } = parseAttemptKey(key)
      return Buffer.from(one.runs[names.get(run) ?? 'h1'].logs[task] ?? '')
    }
    const facts = await gatherFacts(bad, {
      view: (run) => ({ ...factsOf(one, names.get(run) ?? 'h1', []).view, run }),
      plan: () => all.plan,
      lastGoodRuns: () => good,
      readLog: (key, offset, length) => bytesOf(key).subarray(offset, offset + length),
      logSize: (key) => bytesOf(key).length,
      changes: () => all.changes,
    })
    const answer = facts === null ? null : explain(facts)
    const wanted = marks[index]?.answer
    expect([one.label.fault, answer?.class, answer?.rootTask, answer?.evidence]).toEqual([
      one.label.fault,
      wanted?.class,
      wanted?.rootTask,
      wanted?.evidence,
    ])
  }
})
