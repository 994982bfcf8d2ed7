// Whatever passes its checks can be planned, and what a plan leaves for later can be evaluated, or says why not.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { parsePipeline } from '../../electron/pipeline/parse-pipeline.ts'
import { emptyWorkspace, namesOf } from '../../electron/pipeline/parse-workspace.ts'
import { planRun } from '../../electron/pipeline/plan.ts'
import type { RunScope } from '../../electron/ports/evaluator.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { workspaceDir } from './workspace-dir.ts'

const leaf = fc.constantFrom(
  'params.n',
  'params.f',
  'params.s',
  "params['b']",
  'vars.X',
  'tasks.a.state',
  'tasks.a.outputs.x',
  "tasks['a'].outputs['y-1']",
  'tasks.g.i.outputs.list',
  'tasks.ask.outputs.k',
  'tasks.each.outputs.v',
  'item',
  'item.x',
  'item_index',
  'outputs.next',
  'run.id',
  'run.state',
  'logical_date',
  "'z'",
  "'}}'",
  '1',
  '0.5',
  'true',
  'null',
  "['z', 'end']",
  '{"k": 1}',
)
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '==', '&&', '<', '/', 'in'), tie('expression'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    tie('expression').map((a) => `size(${a})`),
    tie('expression').map((a) => `json(${a})`),
    tie('expression').map((a) => `!${a}`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a}).filter(e, ${b} == e)`),
    fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `${a}.exists(e, ${b})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
}))

function textOf(field: string, source: string): string {
  const value = JSON.stringify(field === 'env' ? { V: `<\${{ ${source} }}>` } : `\${{ ${source} }}`)
  return `params: { n: { type: integer, default: 2 }, f: { type: number, default: 1 }, s: { type: string, default: "a,b" }, b: { type: boolean, default: true } }
tasks:
  a: { run: x }
  g: { needs: [a], tasks: { i: { run: x } } }
  ask: { needs: [g], approval: { message: ok, form: { k: { type: integer } } } }
  each: { needs: [ask], run: x, fan_out: [1, { x: 2 }] }
  z: { needs: [each], run: x, ${field}: ${value} }
  end: { needs: [z], run: x }
`
}

const evaluator = openEvaluator()

function scopeOf(plan: RunPlan, { fanOut, name }: PlannedTask): RunScope {
  return {
    run: 'r',
    pipeline: plan.pipeline,
    environment: plan.environment,
    params: plan.params,
    vars: plan.vars ?? {},
    logicalDate: plan.logicalDate,
    self: name,
    runState: () => 'succeeded',
    task: (other) =>
      plan.tasks.some((task) => task.name === other)
        ? {
            state: 'succeeded',
            outputs: { x: 5, 'y-1': 'z', list: ['z', 1, null], k: 3, v: [1], next: 'end' },
          }
        : null,
    ...(fanOut === undefined ? {} : { item: { value: { x: 'z' }, index: 1 } }),
  }
}

test('no expression makes planning or evaluating throw', async () => {
  const dir = workspaceDir({})
  const names = namesOf(null)
  let planned = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('env', 'when', 'branch', 'fan_out'),
      expression,
      async (field, source) => {
        const text = textOf(field, source)
        const parsed = parsePipeline(text, 'pipelines/p.yaml', names)
        if (parsed.spec === null) return
        const pipeline = { ...parsed, name: 'p', file: 'pipelines/p.yaml', text }
        const { plan, problems } = await planRun({
          workspace: { dir, spec: emptyWorkspace, pipelines: [pipeline], problems: [], text: null },
          pipeline: 'p',
          environment: null,
          params: {},
          logicalDate: '2026-01-01',
          blobs: memoryBlobs(),
        })
        expect(plan === null).toBe(problems.length > 0)
        if (plan === null) return
        planned += 1
        const task = plan.tasks.find(({ name }) => name === 'z') as PlannedTask
        const scope = scopeOf(plan, task)
        const over = task.fanOut?.over
        const templates = [
          task.when,
          task.branch?.choose,
          typeof over === 'string' ? over : undefined,
        ]
        const results = [
          ...Object.values(task.lateEnv ?? {}).map((template) => evaluator.text(template, scope)),
          ...templates.flatMap((each) =>
            each === undefined ? [] : [evaluator.value(each, scope)],
          ),
        ]
        for (const result of results) {
          // Names were checked when the file was loaded: what is left to fail is what values are like.
          expect(result.ok ? '' : result.why).not.toMatch(
            /unknown variable|has no task|cannot be read/,
          )
        }
      },
    ),
    { numRuns: 1500, interruptAfterTimeLimit: 8000 },
  )
  expect(planned).toBeGreaterThan(20)
})
