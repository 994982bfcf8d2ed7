import { expect, test } from 'vitest'
import { progressOf, checkpointWords } from '../../shared/run/checkpoint-words.ts'
import { beginsFolded, foldGroups, groupsOf } from '../../renderer/graph/fold-groups.ts'
import { countPlan, planChanges, planWords, withEdit } from '../../renderer/state/recovery.ts'
import { canBeMarked } from '../../renderer/state/task-look.ts'
import { rootRunOf } from '../../renderer/state/root-run.ts'
import {
  countsOfGroup,
  countsWords,
  rowsOf,
  rowsThatFit,
  stateOfGroup,
  stateOfMany,
} from '../../renderer/state/task-rows.ts'
import type { ResumeDecision } from '../../shared/run/events.ts'
import { newTaskView } from '../../shared/run/run-view.ts'
import { TASK_MOVES, type TaskState } from '../../shared/run/states.ts'
import { addRules, rulesGraph } from './scripted-rules.ts'
import { emptyWorld } from './scripted-world.ts'

const now = Date.UTC(2026, 0, 12, 3)

function ruledTasks() {
  const world = emptyWorld()
  addRules(world, now)
  const [ruled, , many] = world.runs
  return { tasks: ruled!.view.tasks, many: many!.view }
}

test('groups stand open with their tasks, fan-outs closed; each can be turned', () => {
  const { tasks } = ruledTasks()
  const keys = (turned: string[]): string[] =>
    rowsOf(rulesGraph, tasks, new Set(turned)).map(({ key, depth }) => `${'.'.repeat(depth)}${key}`)
  expect(keys([]).slice(0, 8)).toEqual([
    'scratch',
    '[ingest]',
    '.ingest.list',
    '.ingest.load',
    '.[ingest.check]',
    '..ingest.check.rows',
    '..ingest.check.totals',
    'choose',
  ])
  expect(keys(['[ingest]']).slice(0, 3)).toEqual(['scratch', '[ingest]', 'choose'])
  const opened = keys(['ingest.load'])
  expect(opened.slice(3, 6)).toEqual(['.ingest.load', '..ingest.load[0]', '..ingest.load[1]'])
  expect(opened).toHaveLength(keys([]).length + 100)
})

test('a group is in one place, though its tasks stand apart in the file', () => {
  const graph = ['g.a', 'x', 'g.b'].map((name) => ({
    name,
    needs: [],
    host: 'local',
    run: '',
    remedies: [],
    ...(name.startsWith('g.') && { group: 'g' }),
  }))
  const tasks = Object.fromEntries(graph.map(({ name }) => [name, newTaskView(name, null)]))
  expect(rowsOf(graph, tasks, new Set()).map(({ key }) => key)).toEqual(['[g]', 'g.a', 'g.b', 'x'])
})

test('a filter finds items by number, value and state, and lets them stand for their fan-out', () => {
  const { tasks, many } = ruledTasks()
  const fit = (text: string, state: TaskState | '') =>
    rowsThatFit(Object.keys(tasks), tasks, { text, state }).map(({ key }) => key)
  expect(fit('', 'failed')).toEqual(['ingest.load[12]', 'ingest.load[31]'])
  expect(fit('shop_012', '')).toEqual(['ingest.load[12]'])
  expect(fit('', 'running')).not.toContain('ingest.load')
  const keys = Object.keys(many.tasks)
  expect(rowsThatFit(keys, many.tasks, { text: '', state: 'failed' })).toHaveLength(3)
})

test('a group counts its items, and stands as its tasks do: a fan-out with failed items may succeed yet', () => {
  const { tasks } = ruledTasks()
  const counts = countsOfGroup(rulesGraph, tasks, 'ingest')
  expect(countsWords(counts)).toBe('48 of 103, 2 failed')
  expect(stateOfGroup(rulesGraph, tasks, 'ingest')).toBe('running')
  expect(stateOfGroup(rulesGraph, tasks, 'ingest.check')).toBe('waiting')
})

test.each([
  [{ succeeded: 3, failed: 1, running: 2 }, 'failed'],
  [{ succeeded: 3, unknown: 1 }, 'unknown'],
  [{ succeeded: 3, waiting: 1 }, 'running'],
  [{ queued: 1, waiting: 4 }, 'queued'],
  [{ succeeded: 3, upstream_failed: 1 }, 'upstream_failed'],
  [{ skipped: 2, reused: 1 }, 'reused'],
  [{ skipped: 2 }, 'skipped'],
  [{}, 'waiting'],
] as const)('many as one: %j is %s', (counts, state) => {
  expect(stateOfMany(counts)).toBe(state)
})

test('a folded group stands for its tasks, the outermost first, and its edges go to others only', () => {
  const all = foldGroups(rulesGraph, new Set(groupsOf(rulesGraph)))
  expect(all.map(({ name }) => name)).not.toContain('[ingest.check]')
  expect(all.find(({ name }) => name === '[ingest]')?.needs).toEqual(['scratch'])
  expect(all.find(({ name }) => name === 'sign_off')?.needs).toEqual(['[ingest]'])
  const inner = foldGroups(rulesGraph, new Set(['ingest.check']))
  expect(inner.find(({ name }) => name === '[ingest.check]')).toMatchObject({
    needs: ['ingest.load'],
    group: 'ingest',
  })
  expect(foldGroups(rulesGraph, new Set())).toBe(rulesGraph)
  expect(beginsFolded(rulesGraph)).toBe(false)
})

test('a group that needs what needs it is folded without a circle', () => {
  const nodes = [
    { name: 'g.a', needs: [], group: 'g' },
    { name: 'x', needs: ['g.a'] },
    { name: 'g.b', needs: ['x'], group: 'g' },
  ]
  const folded = foldGroups(nodes, new Set(['g']))
  const edges = folded.flatMap(({ name, needs }) => needs.map((need) => `${need} ${name}`))
  expect(edges).toHaveLength(1)
})

test.each([
  [{ offset: '48000', total: '96000' }, 'offset 48,000 of 96,000'],
  [{ rows: '10', rows_total: '40', table: 'sales' }, 'rows 10 of 40'],
  [{ page: '3', pages: '9' }, 'page=3, pages=9'],
  [{ offset: '12' }, 'offset=12'],
  [{ offset: '90', total: '80' }, 'offset=90, total=80'],
  [{ count: '7', total: 'many' }, 'count=7, total=many'],
  [{ a: '1', b: '2', c: '3', d: '4', e: '5' }, 'a=1, b=2, c=3, d=4, 1 more'],
])('a checkpoint of %j is "%s"', (values, words) => {
  expect(checkpointWords({ values, folder: null })).toBe(words)
  expect(progressOf(values) !== null).toBe(words.includes(' of '))
})

const plan: ResumeDecision[] = [
  { task: 'list', item: null, decision: 'reuse', reason: 'succeeded' },
  { task: 'load', item: null, decision: 'run', reason: '2 of 10,000 items run again' },
  { task: 'load', item: 17, decision: 'run', reason: 'failed' },
  { task: 'load', item: 9001, decision: 'run', reason: 'failed' },
  { task: 'join', item: null, decision: 'refuse', reason: 'left as it is' },
]

test('a plan counts items, not their heads, also one that had not ended', () => {
  const { many } = ruledTasks()
  expect(planWords(countPlan(plan, many.tasks))).toBe('3 run, 9,998 reused, 1 refused')
  const left = withEdit([], plan[4]!, {
    task: 'join',
    item: null,
    decision: 'leave',
    reason: 'It waits',
  })
  expect(planWords(countPlan(plan, many.tasks, left))).toBe('3 run, 9,998 reused, 1 left out')
  expect(withEdit(left, { task: 'join', item: null }, null)).toEqual([])
})

test('of two plans it is said what is other', () => {
  const next = plan
    .filter(({ item }) => item !== 17)
    .map((one) => (one.task === 'list' ? { ...one, decision: 'run' as const } : one))
  expect(planChanges(plan, next)).toEqual([
    'list: reuse before, run now',
    'load[17]: no longer in the plan',
  ])
  expect(planChanges(plan, plan)).toEqual([])
})

test('what may be marked is what the states allow', () => {
  for (const [state, moves] of Object.entries(TASK_MOVES)) {
    if (state === 'running' || state === 'unknown') continue
    const task = { ...newTaskView('a', null), state: state as TaskState }
    for (const as of ['succeeded', 'skipped'] as const)
      expect(`${state} ${as} ${canBeMarked(task, as)}`).toBe(`${state} ${as} ${moves.includes(as)}`)
  }
})

test('a cause leads to the item that its evidence is from, else to the first that failed', () => {
  const { tasks } = ruledTasks()
  const line = { task: 'ingest.load[31]', line: 4, text: 'no such column' }
  const root = (rootTask: string, evidence = [line]) => rootRunOf({ rootTask, evidence }, tasks)
  expect(root('ingest.load')).toEqual({ task: 'ingest.load', item: 31 })
  expect(root('ingest.load', [])).toEqual({ task: 'ingest.load', item: 12 })
  expect(root('choose')).toEqual({ task: 'choose', item: null })
})
