// Pipelines of more than commands and needs: what a file with every rule of a DAG comes to in a plan.
import { expect, test } from 'vitest'
import { loadWorkspace } from '../../electron/pipeline/load.ts'
import { planRun } from '../../electron/pipeline/plan.ts'
import type { PlannedRun, PlanRequest } from '../../electron/pipeline/plan.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { workspaceDir } from './workspace-dir.ts'

type Files = Readonly<Record<string, string>>

async function planOf(files: Files, request: Partial<PlanRequest> = {}): Promise<PlannedRun> {
  const dir = workspaceDir(files)
  return planRun({
    workspace: await loadWorkspace(dir),
    pipeline: 'orders',
    environment: null,
    params: {},
    logicalDate: null,
    blobs: memoryBlobs(),
    ...request,
  })
}

async function goodPlan(text: string, more: Files = {}, request: Partial<PlanRequest> = {}) {
  const planned = await planOf({ ...more, 'pipelines/orders.yaml': text }, request)
  expect([...planned.problems, ...planned.commandLineProblems]).toEqual([])
  return planned.plan as RunPlan
}

async function problemsOf(text: string, more: Files = {}): Promise<string[]> {
  const { problems } = await planOf({ ...more, 'pipelines/orders.yaml': text })
  return problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

function taskOf(plan: RunPlan, name: string): PlannedTask {
  const task = plan.tasks.find((each) => each.name === name)
  expect(task?.name).toBe(name)
  return task as PlannedTask
}

test('every rule of one pipeline stands in its plan', async () => {
  const plan = await goodPlan(
    `
verdict: leaves
retry_budget: 20
slots: 6
priority: 5
params: { full: { type: boolean, default: true }, share: { type: number, default: 5 } }
env: { ALL: "\${{ pipeline }}" }
tasks:
  create: { run: make, setup: true }
  list: { needs: [create], run: ls, effect: pure }
  copy:
    needs: [list]
    run: cp
    fan_out: { over: "\${{ tasks.list.outputs.files.filter(f, f.endsWith('.csv')) }}", max_parallel: 4, join: 80%, fail_fast: true }
    env: { FILE: "\${{ item.name }}", AT: "\${{ item_index + 1 }}", HALF: "\${{ params.share / 2.0 * tasks.list.outputs.n }}", DAY: "x" }
    semaphores: { wh: 2 }
    retries: { max: 3, on: { exit: [75], cause: [network_timeout], pattern: ['^retry'] }, never: { exit: [2] } }
  check: { needs: [copy], run: check, branch: "\${{ outputs.ok ? ['load'] : ['alert', 'load'] }}", when: "\${{ size(tasks.copy.outputs.rows) > 0 }}" }
  load: { needs: [check], run: load, when: "\${{ params.full }}", priority: -3 }
  alert: { needs: [check], run: alert, when: "\${{ !params.full }}", allow_failure: true }
  ask:
    needs: [load]
    approval: { message: "Publish \${{ tasks.list.outputs.n }} rows?", form: { ticket: { type: integer } }, timeout: 2h, on_timeout: reject }
  publish:
    needs: [ask, alert]
    trigger_rule: "\${{ succeeded('ask') && (failed('alert') || skipped('alert')) && !failed('ask') }}"
    run: publish
    env: { TICKET: "\${{ tasks.ask.outputs.ticket + 1 }}" }
  drop: { needs: [publish], run: drop, teardown: [create] }
finally:
  report: { run: report, env: { STATE: "\${{ run.state }}", LOAD: "\${{ tasks.load.state }}" } }
  bye: { needs: [report], run: bye, trigger_rule: all_done }
`,
    {
      'sluice.yaml':
        'semaphores: { wh: { slots: 4, starts: 30/1m } }\nenvironments: { dev: { slots: 9, vars: { REGION: eu } } }\n',
    },
  )
  expect(plan).toMatchObject({
    verdict: 'leaves',
    retryBudget: 20,
    slots: 6,
    vars: { REGION: 'eu' },
  })
  expect(taskOf(plan, 'create')).toMatchObject({ setup: true, env: { ALL: 'orders' }, priority: 5 })
  expect(taskOf(plan, 'copy')).toMatchObject({
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
  expect(taskOf(plan, 'check')).toMatchObject({
    branch: { choose: '${{ outputs.ok ? ["load"] : ["alert", "load"] }}', skips: 'direct' },
    when: '${{ size(tasks["copy"].outputs.rows) > 0 }}',
  })
  // Known when it is planned: a task that runs in any case has no condition.
  expect(taskOf(plan, 'load')).not.toHaveProperty('when')
  expect(taskOf(plan, 'load').priority).toBe(-3)
  expect(taskOf(plan, 'alert')).toMatchObject({ when: '${{ !params.full }}', allowFailure: true })
  expect(taskOf(plan, 'ask')).toMatchObject({
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
  expect(taskOf(plan, 'publish').trigger).toEqual({
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
  expect(taskOf(plan, 'drop').teardown).toEqual({ of: ['create'], failsRun: false })
  expect(taskOf(plan, 'report')).toMatchObject({
    isFinal: true,
    lateEnv: { STATE: '${{ run.state }}', LOAD: '${{ tasks["load"].state }}' },
  })
  expect(taskOf(plan, 'bye')).toMatchObject({
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
  expect(taskOf(plan, 'load.a')).toMatchObject({
    group: 'load',
    env: { X: 'own' },
    lateEnv: { Y: '${{ tasks["a"].outputs.y }}' },
    timeoutMs: 300_000,
    retries: { max: 2 },
  })
  expect(taskOf(plan, 'load.b')).toMatchObject({
    env: { X: 'outer' },
    lateEnv: { Z: '${{ tasks["load.a"].outputs.z }}' },
    timeoutMs: 60_000,
  })
  expect(taskOf(plan, 'load.deep.y')).toMatchObject({
    group: 'load.deep',
    inputs: { f: { task: 'load.deep.x', output: 'f' } },
    lateEnv: { W: '${{ tasks["load.a"].state }}', V: '${{ tasks["load.c"].state }}' },
  })
  expect(taskOf(plan, 'load.deep.down').teardown).toEqual({ of: ['load.deep.x'], failsRun: false })
  expect(taskOf(plan, 'end').lateEnv).toEqual({ Q: '${{ tasks["load.b"].state }}' })
})
