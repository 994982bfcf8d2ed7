// Pipelines of more than commands and needs: what a file with every rule of a DAG comes to in a plan.
import { expect, test } from 'vitest'
import type { PlannedRun, PlanRequest } from '../../electron/pipeline/plan.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { goodPlanIn, planIn, plannedTask } from './plan-in.ts'
import { everyRule, everyRuleWorkspace } from './every-rule.ts'
import { workspaceDir } from './workspace-dir.ts'

type Files = Readonly<Record<string, string>>

const planOf = (files: Files, request: Partial<PlanRequest> = {}): Promise<PlannedRun> =>
  planIn(workspaceDir(files), request)

const goodPlan = (
  text: string,
  more: Files = {},
  request: Partial<PlanRequest> = {},
): Promise<RunPlan> => goodPlanIn(workspaceDir({ ...more, 'pipelines/orders.yaml': text }), request)

test('every rule of one pipeline stands in its plan', async () => {
  const plan = await goodPlan(everyRule, {
    'sluice.yaml': everyRuleWorkspace,
  })
  expect(plan).toMatchObject({
    verdict: 'leaves',
    retryBudget: 20,
    slots: 6,
    vars: { REGION: 'eu' },
  })
  expect(plannedTask(plan, 'create')).toMatchObject({
    setup: true,
    env: { ALL: 'orders' },
    priority: 5,
  })
  expect(plannedTask(plan, 'copy')).toMatchObject({
    fanOut: {
      over: '${{ tasks["list"].outputs.files.filter(f, f.endsWith(\'.csv\')) }}',
      maxParallel: 4,
      join: 0.8,
      failFast: true,
    },
    env: { ALL: 'orders', DAY: 'x' },
    lateEnv: {
      FILE: '${{ item.name }}',
      AT: '${{ item_index + 1 }}',
      HALF: '${{ double(params.share) / 2.0 * tasks["list"].outputs.n }}',
    },
    semaphores: { wh: 2 },
    retries: {
      on: { exits: [75], causes: ['network_timeout'], patterns: ['^retry'] },
      never: { exits: [2], causes: [], patterns: [] },
    },
  })
  expect(plannedTask(plan, 'check')).toMatchObject({
    branch: { choose: '${{ outputs.ok ? ["load"] : ["alert", "load"] }}', skips: 'direct' },
    when: '${{ size(tasks["copy"].outputs.rows) > 0 }}',
  })
  // Known when it is planned: a task that runs in any case has no condition.
  expect(plannedTask(plan, 'load')).not.toHaveProperty('when')
  expect(plannedTask(plan, 'load').priority).toBe(-3)
  expect(plannedTask(plan, 'alert')).toMatchObject({
    when: '${{ !params.full }}',
    allowFailure: true,
  })
  expect(plannedTask(plan, 'ask')).toMatchObject({
    run: '',
    hosts: ['local'],
    env: {},
    approval: {
      message: 'Publish ${{ tasks["list"].outputs.n }} rows?',
      timeoutMs: 7_200_000,
      onTimeout: 'reject',
      form: [{ name: 'ticket', type: 'integer', default: null }],
    },
  })
  expect(plannedTask(plan, 'publish').trigger).toEqual({
    op: 'all',
    of: [
      { op: 'is', task: 'ask', state: 'succeeded' },
      {
        op: 'any',
        of: [
          { op: 'is', task: 'alert', state: 'failed' },
          { op: 'is', task: 'alert', state: 'skipped' },
        ],
      },
      { op: 'not', of: { op: 'is', task: 'ask', state: 'failed' } },
    ],
  })
  expect(plannedTask(plan, 'drop').teardown).toEqual({ of: ['create'], failsRun: false })
  expect(plannedTask(plan, 'report')).toMatchObject({
    isFinal: true,
    lateEnv: { STATE: '${{ run.state }}', LOAD: '${{ tasks["load"].state }}' },
  })
  expect(plannedTask(plan, 'bye')).toMatchObject({
    isFinal: true,
    needs: ['report'],
    trigger: 'all_done',
  })
})

test('groups: names, needs to roots and from leaves, siblings first, defaults that a task may overrule', async () => {
  const plan = await goodPlan(
    `
tasks:
  a: { run: a }
  load:
    needs: [a]
    host: local
    env: { X: outer, Y: "\${{ tasks.a.outputs.y }}" }
    timeout: 5m
    retries: { max: 2 }
    tasks:
      a: { run: inner-a, env: { X: own } }
      b: { needs: [a], run: b, env: { Z: "\${{ tasks.a.outputs.z }}" }, timeout: 1m }
      c: { run: c }
      deep:
        needs: [c]
        tasks:
          x: { run: x, setup: true, outputs: { f: out } }
          y: { needs: [x, load.a], run: y, inputs: { f: x.f }, env: { W: "\${{ tasks['load.a'].state }}" } }
          down: { needs: [y], run: down, teardown: [x] }
        env: { V: "\${{ tasks.c.state }}" }
  end: { needs: [load], run: end, env: { Q: "\${{ tasks.load.b.state }}" } }
`,
  )
  expect(Object.fromEntries(plan.tasks.map(({ name, needs }) => [name, needs]))).toEqual({
    a: [],
    'load.a': ['a'],
    'load.b': ['load.a'],
    'load.c': ['a'],
    'load.deep.x': ['load.c'],
    'load.deep.y': ['load.deep.x', 'load.a'],
    'load.deep.down': ['load.deep.y'],
    end: ['load.b', 'load.deep.y'],
  })
  expect(plannedTask(plan, 'load.a')).toMatchObject({
    group: 'load',
    env: { X: 'own' },
    lateEnv: { Y: '${{ tasks["a"].outputs.y }}' },
    timeoutMs: 300_000,
    retries: { max: 2 },
  })
  expect(plannedTask(plan, 'load.b')).toMatchObject({
    env: { X: 'outer' },
    lateEnv: { Z: '${{ tasks["load.a"].outputs.z }}' },
    timeoutMs: 60_000,
  })
  expect(plannedTask(plan, 'load.deep.y')).toMatchObject({
    group: 'load.deep',
    inputs: { f: { task: 'load.deep.x', output: 'f' } },
    lateEnv: { W: '${{ tasks["load.a"].state }}', V: '${{ tasks["load.c"].state }}' },
  })
  expect(plannedTask(plan, 'load.deep.down').teardown).toEqual({
    of: ['load.deep.x'],
    failsRun: false,
  })
  expect(plannedTask(plan, 'end').lateEnv).toEqual({ Q: '${{ tasks["load.b"].state }}' })
})

const hostile = [
  '"; touch /tmp/owned; "',
  '$(touch /tmp/owned)',
  '`touch /tmp/owned`',
  "' || true; '",
  'a\nb',
  '${{ tasks.list.outputs.x }}',
  '}} ${{ params.day }}',
]

test.each(hostile)('a param stays a value in a plan, whatever it holds: %j', async (day) => {
  const plan = await goodPlan(
    `
params: { day: { type: string } }
tasks:
  list: { run: 'echo "$DAY"', env: { DAY: "\${{ params.day }}", BOTH: "<\${{ params.day }}>" } }
  ask: { needs: [list], approval: { message: "Go on with \${{ params.day }}?" } }
  each: { needs: [list], fan_out: "\${{ [params.day] }}", run: x, env: { LATE: "\${{ item + params.day }}" } }
  child: { pipeline: other, params: { day: "\${{ params.day }}" } }
`,
    {
      'pipelines/other.yaml':
        'params: { day: { type: string } }\ntasks: { a: { run: x, env: { D: "${{ params.day }}" } } }\n',
    },
    { params: { day } },
  )
  expect(plannedTask(plan, 'list')).toMatchObject({
    run: 'echo "$DAY"',
    env: { DAY: day, BOTH: `<${day}>` },
  })
  expect(plannedTask(plan, 'list')).not.toHaveProperty('lateEnv')
  expect(plannedTask(plan, 'each').fanOut?.over).toEqual([day])
  // Templates are those of the file: a value never becomes part of one.
  expect(plannedTask(plan, 'each').lateEnv).toEqual({ LATE: '${{ item + params.day }}' })
  expect(plannedTask(plan, 'ask').approval?.message).toBe('Go on with ${{ params.day }}?')
  const child = plannedTask(plan, 'child').child
  expect(child?.late).toEqual({})
  expect(child?.plan.params).toEqual({ day })
  expect(child?.plan.tasks[0]?.env).toEqual({ D: day })
})

test('N2: the work of a task follows what its templates read, the version follows what is written', async () => {
  const text = (more = ''): string => `
params: { n: { type: integer, default: 1 }, m: { type: integer, default: 1 } }
tasks:
  a: { run: a }
  b: { needs: [a], run: b, env: { N: "\${{ tasks.a.outputs.x + params.n }}" }${more} }
`
  const before = await goodPlan(text())
  const otherM = await goodPlan(text(), {}, { params: { m: 2 } })
  const otherN = await goodPlan(text(), {}, { params: { n: 2 } })
  expect([otherM.version, otherN.version]).toEqual([before.version, before.version])
  expect(plannedTask(otherM, 'b').codeHash).toBe(plannedTask(before, 'b').codeHash)
  expect(plannedTask(otherN, 'b').codeHash).not.toBe(plannedTask(before, 'b').codeHash)
  for (const more of [
    ', trigger_rule: all_done',
    ', when: "${{ tasks.a.outputs.x > 0 }}"',
    ', allow_failure: true',
  ]) {
    const changed = await goodPlan(text(more))
    expect(changed.version).not.toBe(before.version)
    // When it starts is not what it does.
    expect(plannedTask(changed, 'b').codeHash).toBe(plannedTask(before, 'b').codeHash)
  }
  for (const more of [', fan_out: [1, 2]', ', branch: "${{ outputs.x }}"']) {
    const changed = await goodPlan(`${text(more)}  c: { needs: [b], run: c }\n`)
    expect(plannedTask(changed, 'b').codeHash).not.toBe(plannedTask(before, 'b').codeHash)
  }
})

test('a condition that is false for good is kept, so that the run says why it skips', async () => {
  const plan = await goodPlan(`
params: { full: { type: boolean, default: false } }
tasks:
  a: { run: a, when: "\${{ params.full }}" }
  b: { run: b, when: "\${{ !params.full }}" }
`)
  expect(plannedTask(plan, 'a').when).toBe('${{ params.full }}')
  expect(plannedTask(plan, 'b')).not.toHaveProperty('when')
})

test('what is known when a run is planned is checked then: the branch, and the length of a list', async () => {
  const text = `
params: { next: { type: string, default: small }, list: { type: string, default: "a,b" } }
tasks:
  g:
    tasks:
      pick: { run: x, branch: "\${{ params.next }}" }
      small: { needs: [pick], run: x, fan_out: "\${{ params.list.split(',') }}" }
      big: { needs: [pick], tasks: { a: { run: x } } }
`
  expect(plannedTask(await goodPlan(text), 'g.small').fanOut?.over).toEqual(['a', 'b'])
  await goodPlan(text, {}, { params: { next: 'big' } })
  const planned = await planOf(
    { 'pipelines/orders.yaml': text },
    { params: { next: 'other', list: ','.repeat(9999) } },
  )
  expect(planned.problems.map(({ message }) => message)).toEqual([
    'The branch gives "other", which does not come right after "g.pick".',
  ])
})
