// What comes from upstream, from tear-downs and from coming last says about a resume, row by row, without an engine.
import { expect, test } from 'vitest'
import { changesAnything } from '../../electron/engine/recovery-plan.ts'
import type { TaskSketch } from '../helpers/world.ts'
import { bad, child, decide, failed, force, from, good, inWords, list } from './past-kit.ts'
import { questionOf, said } from './past-kit.ts'
import type { Case, Past, Tasks } from './past-kit.ts'

const pair = (second: TaskSketch, first: TaskSketch = {}): Tasks => ({
  a: first,
  b: { needs: ['a'], ...second },
})
const irreversible = { effect: 'irreversible' as const }
const held = { state: 'upstream_failed' as const, why: 'needs a' }
const undone: Tasks = {
  base: { setup: true },
  make: { setup: true, needs: ['base'] },
  work: { needs: ['make'] },
  drop: { needs: ['make', 'work'], teardown: { of: ['make'], failsRun: false } },
  wipe: { needs: ['base', 'drop'], teardown: { of: ['base'], failsRun: false } },
}

const ofMany: [why: string, one: Case, words: Record<string, string>][] = [
  [
    'runs again with what it needs',
    { tasks: pair({}), past: { a: good, b: good }, options: from('a') },
    { b: 'run: needs a, which runs again' },
  ],
  [
    'keeps its own reason to run again',
    { tasks: pair({}), past: { a: bad, b: held } },
    { b: 'run: was held up: needs a' },
  ],
  [
    'lives and needs what runs again',
    { tasks: pair({}), past: { a: good, b: { state: 'queued' } }, options: from('a') },
    { b: 'attach: is queued' },
  ],
  [
    'is a sub-pipeline made anew',
    { tasks: pair({ child }), past: { a: bad, b: { state: 'failed' } } },
    { b: 'run anew: needs a, which runs again' },
  ],
  [
    'is a list made anew',
    { tasks: pair({}), past: { a: bad, b: failed, 'b[0]': bad } },
    { b: 'run anew: needs a, which runs again' },
  ],
  [
    'is irreversible, done, and needs what runs again',
    { tasks: pair(irreversible), past: { a: bad, b: good } },
    { b: 'refuse: needs a, which runs again; its effect is irreversible and it may have begun' },
  ],
  [
    'needs what is refused',
    { tasks: pair({}, irreversible), past: { a: bad, b: held } },
    { b: 'refuse: needs a, which is refused' },
  ],
  [
    'needs what is refused, and is done',
    { tasks: pair({}, irreversible), past: { a: bad, b: good } },
    { b: 'reuse: succeeded on a (attempt 1)' },
  ],
  [
    'is refused itself',
    { tasks: pair(irreversible, irreversible), past: { a: bad, b: bad } },
    { b: 'refuse: failed: exit 1; its effect is irreversible and it may have begun' },
  ],
  [
    'asks for all_success of what is refused',
    { tasks: pair({ trigger: 'all_success' }, irreversible), past: { a: bad, b: held } },
    { b: 'refuse: needs a, which is refused' },
  ],
  [
    'runs whatever comes before',
    { tasks: pair({ trigger: 'all_done' }, irreversible), past: { a: bad, b: bad } },
    { b: 'run: failed: exit 1' },
  ],
  [
    'tears down what is refused',
    {
      tasks: pair({ teardown: { of: ['a'], failsRun: false } }, irreversible),
      past: { a: bad, b: bad },
    },
    { b: 'run: failed: exit 1' },
  ],
  [
    'comes last and is done',
    { tasks: { a: {}, b: { isFinal: true } }, past: { a: bad, b: good } },
    { b: 'run: comes last, and a runs again' },
  ],
  [
    'comes last after what stays',
    { tasks: { a: {}, b: { isFinal: true } }, past: { a: good, b: good } },
    { b: 'reuse: succeeded on a (attempt 1)' },
  ],
  [
    'comes last beside one that runs again',
    { tasks: { a: { isFinal: true }, b: { isFinal: true } }, past: { a: bad, b: good } },
    { b: 'reuse: succeeded on a (attempt 1)' },
  ],
  [
    'comes last, a sub-pipeline that failed',
    { tasks: { a: {}, b: { isFinal: true, child } }, past: { a: bad, b: { state: 'failed' } } },
    { b: 'run: failed: ' },
  ],
  [
    'comes last, a sub-pipeline that is done',
    { tasks: { a: {}, b: { isFinal: true, child } }, past: { a: bad, b: { state: 'succeeded' } } },
    { b: 'run anew: comes last, and a runs again' },
  ],
  [
    'comes before an item that is asked for',
    {
      tasks: pair({}),
      past: { a: good, b: { ...good, ...list }, 'b[12]': good },
      options: { upstream: true, ...from('b[12]') },
    },
    { a: 'run: was asked for, being upstream' },
  ],
  [
    'is asked for itself, and is upstream',
    { tasks: pair({}), past: { a: good, b: good }, options: { upstream: true, ...from('a', 'b') } },
    { a: 'run: was asked for', b: 'run: was asked for' },
  ],
  [
    'was undone, with its own set-up',
    { tasks: undone, past: { base: good, make: good, work: bad, drop: good, wipe: good } },
    {
      base: 'run: wipe has undone it, and work needs it again',
      make: 'run: drop has undone it, and work needs it again',
      work: 'run: failed: exit 1',
      drop: 'run: needs make, which runs again',
      wipe: 'run: needs base, which runs again',
    },
  ],
  [
    'was undone and is needed by a tear-down alone',
    {
      tasks: {
        tool: { setup: true },
        make: { setup: true },
        work: { needs: ['make'] },
        drop: { needs: ['tool', 'make', 'work'], teardown: { of: ['make'], failsRun: false } },
        untool: { needs: ['tool', 'drop'], teardown: { of: ['tool'], failsRun: false } },
      },
      past: { tool: good, make: good, work: bad, drop: good, untool: good },
    },
    {
      tool: 'run: untool has undone it, and drop needs it again',
      make: 'run: drop has undone it, and work needs it again',
      drop: 'run: needs tool, which runs again',
      untool: 'run: needs tool, which runs again',
    },
  ],
  [
    'was not undone, as the tear-down never began',
    {
      tasks: undone,
      past: { base: good, make: good, work: bad, drop: { state: 'cancelled' }, wipe: good },
    },
    { make: 'reuse: succeeded on a (attempt 1)' },
  ],
  [
    'was undone, and nobody needs it again',
    { tasks: undone, past: { base: good, make: good, work: good, drop: bad, wipe: good } },
    { make: 'reuse: succeeded on a (attempt 1)' },
  ],
  [
    'was undone and is irreversible',
    {
      tasks: { ...undone, make: { ...undone['make'], ...irreversible } },
      past: { base: good, make: good, work: bad, drop: good, wipe: good },
    },
    {
      make: 'refuse: drop has undone it, and work needs it again; its effect is irreversible and it may have begun',
    },
  ],
]

test.each(ofMany)('one that %s', (_, one, words) => {
  expect(inWords(one)).toMatchObject(words)
})

test('the decisions come in the order of the plan, each list followed by its items', () => {
  const tasks = { z: { needs: ['a'] }, a: {} }
  const past = { z: held, a: failed, 'a[0]': bad, 'a[1]': bad }
  expect(Object.keys(inWords({ tasks, past }))).toEqual(['z', 'a', 'a[0]', 'a[1]'])
})

test('a resume makes sense where something runs again, or the run would end otherwise by now', () => {
  const tasks: Tasks = { a: {}, b: {} }
  const ask = (past: Past, more: Partial<Case> = {}): boolean => {
    const one = { tasks, past, ...more }
    return changesAnything(questionOf(one), decide(one))
  }
  expect(ask({ a: good, b: bad })).toBe(true)
  expect(ask({ a: good, b: { state: 'queued' } }, { isLive: true })).toBe(false)
  const marked = {
    ...bad,
    state: 'skipped' as const,
    marked: { ...said, state: 'skipped' as const },
  }
  expect(ask({ a: good, b: marked })).toBe(true)
  expect(ask({ a: good, b: marked }, { isLive: true })).toBe(false)
  // What failed is no more in the version to go on with.
  expect(ask({ a: good, b: bad }, { after: { a: {} } })).toBe(true)
  expect(ask({ a: good, b: bad }, { options: force('b', 'leave') })).toBe(false)
  const pay = { effect: 'irreversible' as const }
  expect(ask({ a: good, b: bad }, { tasks: { a: {}, b: pay } })).toBe(false)
  // It may not run again, and need not.
  const tell = { ...pay, allowFailure: true as const }
  expect(ask({ a: marked, b: bad }, { tasks: { a: {}, b: tell } })).toBe(true)
  expect(ask({ a: bad, b: bad }, { tasks: { a: pay, b: tell } })).toBe(false)
})
