import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newTally, toCel } from '../../electron/pipeline/cel-values.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import type { RunScope } from '../../electron/ports/evaluator.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type { TaskState } from '../../shared/run/states.ts'

const evaluator = openEvaluator()
type Outputs = Record<string, JsonValue>

function scopeOf(outputs: Outputs, more: Partial<RunScope> = {}): RunScope {
  const tasks: Record<string, { state: TaskState; outputs: Outputs }> = {
    list: { state: 'succeeded', outputs },
    'load.eu-1': { state: 'failed', outputs: {} },
    pick: { state: 'succeeded', outputs: { next: ['small'] } },
  }
  return {
    run: 'run-1',
    pipeline: 'orders',
    environment: 'dev',
    params: { day: '2026-01-31', limit: 10, share: 0.5, full: true },
    vars: { REGION: 'eu' },
    logicalDate: null,
    self: 'pick',
    runState: () => 'failed',
    task: (name) => (Object.hasOwn(tasks, name) ? (tasks[name] ?? null) : null),
    ...more,
  }
}

const outputs: Outputs = {
  rows: 1200,
  ratio: 0.25,
  text: '5',
  none: null,
  files: ['a.csv', 'b.csv', 'c.txt'],
  meta: { 'k-1': 1, constructor: 'own' },
}

test.each<[string, JsonValue]>([
  ['${{ tasks.list.outputs.rows > 1000 }}', true],
  ['${{ tasks.list.outputs.rows }}', 1200],
  ['${{ tasks.list.outputs.rows / 7 }}', 171],
  ['${{ tasks.list.outputs.rows * tasks.list.outputs.ratio }}', 300],
  ['${{ tasks.list.outputs.ratio * 2 }}', 0.5],
  ['${{ tasks.list.outputs.none }}', null],
  ['${{ tasks.list.outputs.files }}', ['a.csv', 'b.csv', 'c.txt']],
  ['${{ tasks.list.outputs.files[1] }}', 'b.csv'],
  ['${{ size(tasks.list.outputs.files) == 3 }}', true],
  ['${{ tasks.list.outputs.files.filter(f, f.endsWith(".csv")) }}', ['a.csv', 'b.csv']],
  [
    '${{ tasks.list.outputs.files.map(f, {"file": f}) }}',
    [{ file: 'a.csv' }, { file: 'b.csv' }, { file: 'c.txt' }],
  ],
  ['${{ tasks.list.outputs.files.all(f, (f) != ("x")) }}', true],
  ['${{ tasks.list.outputs.files.exists(f, ["c.txt"].exists(g, g == f)) }}', true],
  ['${{ tasks.list.outputs.meta["k-1"] + 1 }}', 2],
  ['${{ tasks.list.outputs.meta.constructor }}', 'own'],
  ['${{ has(tasks.list.outputs.nothing) }}', false],
  ['${{ tasks["load.eu-1"].state }}', 'failed'],
  ['${{ tasks.list.state in ["succeeded", "reused"] }}', true],
  ['${{ outputs.next }}', ['small']],
  ['${{ run.state }}', 'failed'],
  ['${{ params.limit + 1 }}', 11],
  ['${{ vars.REGION + "-" + env.name }}', 'eu-dev'],
  [' ${{ json(tasks.list.outputs.meta) }} ', '{"k-1":1,"constructor":"own"}'],
])('%s is %j', (template, value) => {
  expect(evaluator.value(template, scopeOf(outputs))).toEqual({ ok: true, value })
})

test.each([
  [
    '${{ tasks.list.outputs.rwos }}',
    'the task "list" (succeeded) has no output value "rwos"; it gave rows, ratio',
  ],
  ['${{ tasks.lsit.state }}', 'the run has no task "lsit"'],
  [
    '${{ outputs.nxt }}',
    'the task "pick" (succeeded) has no output value "nxt"; it gave next. Did you mean "next"?',
  ],
  ['${{ tasks.list.outputs.text > 3 }}', 'tasks.list.outputs.text is the text "5"'],
  ['${{ item.x }}', 'this is no item of a fan-out'],
  ['${{ logical_date }}', 'the run has no logical date'],
  ['${{ 1 / 0 }}', 'division by zero'],
  ['${{ 9007199254740993 }}', 'cannot be kept exactly'],
  ['${{ 1.0 / 0.0 }}', 'Infinity is no number of JSON'],
  ['${{ b"a" }}', 'is no value of JSON'],
  ['${{ [1].map(a, a).map(b, b) }}', 'not over one that the expression makes larger'],
  ['${{ "a".matches("a") }}', '"matches" is not offered'],
  ['${{ cel.bind(a, 1, a) }}', '"bind" is not offered'],
  ['${{ tick__(1, true) }}', 'There is no function "tick__"'],
  ['plain', 'is not one expression'],
  ['${{ 1 }}${{ 2 }}', 'is not one expression'],
  ['${{ 1 ', 'cannot be read'],
])('%s says in one sentence: %s', (template, why) => {
  const result = evaluator.value(template, scopeOf(outputs))
  expect(result).toEqual({ ok: false, why: expect.stringContaining(why) as string })
})

test('X2: what would take long is refused after so many steps, whatever the shape of the loop', () => {
  const long = Array.from({ length: 100_000 }, (_, at) => at)
  const values = { long, text: 'a'.repeat(250_000), some: long.slice(0, 4000) }
  const refused = [
    '${{ tasks.list.outputs.long.all(x, tasks.list.outputs.long.exists(y, y == -1) || x >= 0) }}',
    '${{ tasks.list.outputs.long.exists(x, x in tasks.list.outputs.long && x < 0) }}',
    '${{ tasks.list.outputs.text.split("").all(c, (c == "a") && (c != tasks.list.outputs.text)) }}',
    '${{ tasks.list.outputs.text.split("").map(c, tasks.list.outputs.text + c) }}',
    '${{ tasks.list.outputs.some.exists_one(x, re(tasks.list.outputs.text, "(a+)+$")) }}',
    '${{ re(tasks.list.outputs.text, "(a+)+$") }}',
    '${{ tasks.list.outputs.text.split("").join(tasks.list.outputs.text) }}',
  ]
  for (const template of refused) {
    const from = performance.now()
    const result = evaluator.value(template, scopeOf(values))
    expect({ template, ok: result.ok }).toEqual({ template, ok: false })
    expect(performance.now() - from).toBeLessThan(2000)
  }
  const one = '${{ tasks.list.outputs.some.exists(x, x == 3999) }}'
  expect(evaluator.value(one, scopeOf(values))).toEqual({ ok: true, value: true })
})

test('values that are too many to look at are refused before they are looked at', () => {
  const list = Array.from({ length: 300_000 }, () => 0)
  expect(evaluator.value('${{ size(tasks.list.outputs.list) }}', scopeOf({ list }))).toEqual({
    ok: false,
    why: expect.stringContaining('too large to look at') as string,
  })
  // Others of the same task cost nothing.
  const named = evaluator.value('${{ tasks.list.outputs.n }}', scopeOf({ list, n: 1 }))
  expect(named).toEqual({ ok: true, value: 1 })
})

test.each([
  '"; rm -rf / #',
  '$(touch /tmp/x)',
  '`id`',
  "'; DROP TABLE x; --",
  'a\nb\r\n',
  '}} ${{ params.day }} }}',
  '${{ tasks.list.outputs.files }}',
  '\\"\\',
  '\u0001\u001b[31m',
])('a value is carried as it is and never read as anything: %j', (evil) => {
  const scope = scopeOf(
    { evil, list: [evil] },
    { params: { evil }, item: { value: { evil }, index: 2 } },
  )
  const template =
    '<${{ tasks.list.outputs.evil }}|${{ tasks.list.outputs.list[0] }}|${{ params.evil }}|${{ item.evil }}|${{ item_index }}>'
  expect(evaluator.text(template, scope)).toEqual({
    ok: true,
    value: `<${evil}|${evil}|${evil}|${evil}|2>`,
  })
  expect(evaluator.value('${{ item }}', scope)).toEqual({ ok: true, value: { evil } })
})

test('what no environment variable can hold is refused: NUL, half a character, 100,001 characters, a list, null', () => {
  const scope = scopeOf({
    nul: 'a\0b',
    half: '\ud800',
    long: 'x'.repeat(100_001),
    list: [1],
    none: null,
  })
  for (const name of ['nul', 'half', 'long', 'list', 'none']) {
    const { ok } = evaluator.text(`\${{ tasks.list.outputs.${name} }}`, scope)
    expect({ name, ok }).toEqual({ name, ok: false })
  }
})

test('any JSON value comes back as it was, and any text arrives whole', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const wanted = JSON.parse(JSON.stringify(value)) as JsonValue
      expect(
        evaluator.value('${{ item }}', scopeOf({}, { item: { value: wanted, index: 0 } })),
      ).toEqual({ ok: true, value: wanted })
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const result = evaluator.text('a${{ tasks.list.outputs.text }}b', scopeOf({ text }))
      const isPlain = !text.includes('\0') && text.isWellFormed()
      expect(result.ok ? result.value : null).toBe(isPlain ? `a${text}b` : null)
    }),
    { numRuns: 300 },
  )
})

test('no template throws', () => {
  const words =
    'tasks . list outputs files [ ] ( ) + " ${{ }} 1 == ? : .map(x, .all(x, x , \\ in size // item run state null'
  const word = fc.constantFrom(' ', '\n', ...words.split(' '))
  const source = fc.array(word, { maxLength: 16 }).map((some) => some.join(''))
  fc.assert(
    fc.property(
      fc.oneof(
        source,
        source.map((text) => `\${{ ${text} }}`),
      ),
      (template) => {
        const scope = scopeOf(outputs)
        for (const result of [evaluator.text(template, scope), evaluator.value(template, scope)]) {
          expect(result.ok ? 'fine.' : result.why).toMatch(/[.?]$/)
        }
      },
    ),
    { numRuns: 1500, interruptAfterTimeLimit: 5000 },
  )
})

test('only what is asked for is gathered: a variable of an item costs the same in a list of ten thousand', () => {
  let asked = 0
  const scope = scopeOf(outputs, {
    item: { value: 'a', index: 9999 },
    task: (name) => {
      asked += 1
      return {
        state: 'succeeded',
        get outputs(): Outputs {
          throw new Error(`nobody asked for the outputs of ${name}`)
        },
      }
    },
    runState: () => {
      throw new Error('nobody asked how the run fares')
    },
  })
  expect(evaluator.text('${{ item }} ${{ run.id }} ${{ params.day }}', scope)).toEqual({
    ok: true,
    value: 'a run-1 2026-01-31',
  })
  expect(asked).toBe(0)
  expect(evaluator.value('${{ tasks.list.state == tasks.list.state }}', scope)).toEqual({
    ok: true,
    value: true,
  })
  expect(asked).toBe(1)
})

test('a sentence holds nothing that a terminal would obey, and has an end', () => {
  const evil = `\u001b]0;x\u0007\u202e${'y'.repeat(5000)}`
  const scope = scopeOf({ evil, map: {} }, { params: { evil } })
  for (const template of [
    '${{ addDays(tasks.list.outputs.evil, 1) }}',
    '${{ tasks.list.outputs.map[params.evil] }}',
    '${{ tasks.list.outputs.evil > 3 }}',
    '${{ int(tasks.list.outputs.evil) }}',
  ]) {
    const result = evaluator.value(template, scope)
    expect(result.ok ? '' : result.why).toMatch(/^[\P{C}]{10,1000}$/u)
  }
})

test.each([
  ['${{ item != "a" }}', true],
  ['${{ item_index > 3 }}', true],
  ['${{ params.text == "item" }}', false],
  ['${{ params.item }}', false],
  ['${{ [1].exists(item, item > 0) }}', false],
  ['${{ 1 +', false],
])('%s reads the item: %s', (template, isSo) => {
  expect(evaluator.readsItem(template)).toBe(isSo)
})

test('a long list that many expressions read is made ready once, and counts each time', () => {
  const rows = Array.from({ length: 1000 }, (_, at) => at)
  const scope = scopeOf({ rows })
  expect(evaluator.value('${{ tasks.list.outputs.rows[999] }}', scope)).toEqual({
    ok: true,
    value: 999,
  })
  const [one, other] = [newTally(), newTally()]
  expect(toCel(rows, one)?.value).toBe(toCel(rows, other)?.value)
  expect(other).toEqual(one)
  expect(other.values).toBe(1001)
})
