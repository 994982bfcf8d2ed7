// Pipelines that run pipelines: pinned in the plan of their parent, or refused with the chain named.
import { expect, test } from 'vitest'
import { allProblems, loadWorkspace } from '../../electron/pipeline/load.ts'
import type { PlannedRun, PlanRequest } from '../../electron/pipeline/plan.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { goodPlanIn, planIn } from './plan-in.ts'
import { workspaceDir } from './workspace-dir.ts'

type Pipelines = Readonly<Record<string, string>>

function dirOf(pipelines: Pipelines, more: Pipelines = {}): string {
  const files = Object.entries(pipelines).map(([name, text]) => [`pipelines/${name}.yaml`, text])
  return workspaceDir({ ...more, ...(Object.fromEntries(files) as Pipelines) })
}

const ofParent = { pipeline: 'parent', logicalDate: '2026-02-01' }

const planParent = (dir: string, request: Partial<PlanRequest> = {}): Promise<PlannedRun> =>
  planIn(dir, { ...ofParent, ...request })

const goodParent = (dir: string, request: Partial<PlanRequest> = {}): Promise<RunPlan> =>
  goodPlanIn(dir, { ...ofParent, ...request })

async function messagesOf(pipelines: Pipelines): Promise<string[]> {
  const problems = allProblems(await loadWorkspace(dirOf(pipelines)))
  return problems.map(({ file, line, message }) => `${file}:${line} ${message}`)
}

function childOf(plan: RunPlan, name: string): NonNullable<PlannedTask['child']> {
  return plan.tasks.find((task) => task.name === name)?.child as NonNullable<PlannedTask['child']>
}

const region = `
params: { region: { type: choice, choices: [eu, us] }, rows: { type: integer, default: 5 }, share: { type: number, default: 1 } }
tasks:
  load: { run: load, env: { REGION: "\${{ params.region }}", ROWS: "\${{ params.rows * 2 }}" } }
  check: { needs: [load], run: check, when: "\${{ params.rows > 3 }}" }
`
const parent = `
params: { rows: { type: integer, default: 7 } }
tasks:
  list: { run: ls }
  fixed: { pipeline: region, params: { region: eu, rows: "\${{ params.rows }}" } }
  each: { needs: [list], pipeline: region, fan_out: "\${{ tasks.list.outputs.regions }}", params: { region: "\${{ item }}", share: "\${{ params.rows / 2 }}" } }
`

test('a child is pinned with its plan; what is given late stays late in it, all else is evaluated', async () => {
  const plan = await goodParent(dirOf({ parent, region }))
  expect(childOf(plan, 'fixed')).toMatchObject({
    late: {},
    plan: {
      pipeline: 'region',
      environment: plan.environment,
      logicalDate: '2026-02-01',
      params: { region: 'eu', rows: 7, share: 1 },
      tasks: [
        { name: 'load', env: { REGION: 'eu', ROWS: '14' } },
        { name: 'check', needs: ['load'] },
      ],
    },
  })
  expect(childOf(plan, 'fixed').plan.tasks[1]).not.toHaveProperty('when')
  const each = childOf(plan, 'each')
  expect(each.late).toEqual({
    region: { template: '${{ item }}', type: 'choice', choices: ['eu', 'us'] },
  })
  expect(each.plan.params).toEqual({ rows: 5, share: 3 })
  expect(each.plan.tasks[0]).toMatchObject({
    env: { ROWS: '10' },
    lateEnv: { REGION: '${{ params.region }}' },
  })
})

test('what a file with other errors runs is looked at with them, and a place has one problem', async () => {
  const broken = `
nmae: caller
tasks:
  a: { pipeline: regoin, params: { region: eu } }
  b: { pipeline: region, params: { region: as, shore: 1, rows: "\${{ params.nothing }}" } }
  c: { run: ls, pipeline: nowhere }
  d: { pipeline: 7 }
  e: { pipeline: [region] }
  f: { tasks: { g: { pipeline: loop }, h: { run: ./absent.sh, files: [gone.sql, ../out], timeout: soon } } }
`
  const loop = 'tasks: { back: { pipeline: broken }, typo: { rum: ls } }\n'
  expect(await messagesOf({ region, broken, loop })).toEqual([
    'pipelines/broken.yaml:2 A pipeline has no field "nmae". Did you mean "name"?',
    'pipelines/broken.yaml:4 There is no pipeline "regoin". Did you mean "region"?',
    'pipelines/broken.yaml:5 "as" is not one of the choices. Did you mean "us"?',
    'pipelines/broken.yaml:5 The pipeline "region" has no param "shore". Did you mean "share"?',
    'pipelines/broken.yaml:5 There is no param "nothing".',
    'pipelines/broken.yaml:6 A task is one of run, pipeline, approval, tasks; this one has "run" and "pipeline".',
    'pipelines/broken.yaml:7 Expected a text, found the integer 7.',
    'pipelines/broken.yaml:8 Expected a text, found a list.',
    'pipelines/broken.yaml:9 A pipeline cannot run itself: broken runs loop runs broken.',
    'pipelines/broken.yaml:9 The command names ./absent.sh, and the workspace has no such file.',
    'pipelines/broken.yaml:9 No file of the workspace is "gone.sql".',
    'pipelines/broken.yaml:9 "../out": A path is relative, with "/", and stays in its folder: no leading "/", no "..", no "\\".',
    'pipelines/broken.yaml:9 "soon": This is no duration. Write one like 30s, 10m or 1h30m.',
    'pipelines/loop.yaml:1 A pipeline cannot run itself: loop runs broken runs loop.',
    'pipelines/loop.yaml:1 A task needs "run".',
    'pipelines/loop.yaml:1 A task has no field "rum". Did you mean "run"?',
  ])
})

test('N2: version and codeHash of the parent follow its children, and only them', async () => {
  const before = await goodParent(dirOf({ parent, region }))
  const same = await goodParent(dirOf({ parent, region, other: 'tasks: { a: { run: ls } }\n' }))
  expect(same).toEqual(before)
  const changed = await goodParent(
    dirOf({ parent, region: region.replace('run: load', 'run: load2') }),
  )
  expect(changed.version).not.toBe(before.version)
  const hashes = (plan: RunPlan): string[] => plan.tasks.map(({ codeHash }) => codeHash)
  expect(hashes(changed)[0]).toBe(hashes(before)[0])
  expect(hashes(changed)[1]).not.toBe(hashes(before)[1])
  expect(hashes(changed)[2]).not.toBe(hashes(before)[2])
  const otherRows = await goodParent(dirOf({ parent, region }), { params: { rows: 8 } })
  expect(otherRows.version).toBe(before.version)
  expect(hashes(otherRows)[1]).not.toBe(hashes(before)[1])
})

test('params of a child are checked when the files are loaded', async () => {
  const wrong = `
tasks:
  a: { pipeline: region, params: { region: asia, rwos: 1, share: "\${{ true }}" } }
  b: { pipeline: regoin }
  c: { pipeline: region, params: { rows: many } }
  d: { needs: [a], run: x, env: { A: "\${{ tasks.a.outputs.x }}" } }
`
  const ofD = 'The task "a" runs a pipeline and has no output values of its own.'
  const messages = await messagesOf({ parent: wrong, region })
  expect(messages.at(-1)).toBe(`pipelines/parent.yaml:6 ${ofD}`)
  const withoutD = await messagesOf({ parent: wrong.replace(/ {2}d: .*\n/, ''), region })
  expect(messages.slice(0, -1)).toEqual(withoutD)
  expect(withoutD).toEqual([
    'pipelines/parent.yaml:3 "asia" is not one of the choices.',
    'pipelines/parent.yaml:3 The pipeline "region" has no param "rwos". Did you mean "rows"?',
    'pipelines/parent.yaml:3 The expression gives true or false; the param is of type number.',
    'pipelines/parent.yaml:4 There is no pipeline "regoin". Did you mean "region"?',
    'pipelines/parent.yaml:5 The pipeline "region" needs a value for its param "region".',
    'pipelines/parent.yaml:5 "many" is no integer.',
  ])
})

test('a pipeline that leads back to itself is refused with its chain, and so is a chain too deep', async () => {
  const running = (name: string): string => `tasks: { a: { pipeline: ${name} } }\n`
  const loop = { parent: running('one'), one: running('two'), two: running('one') }
  const messages = await messagesOf(loop)
  expect(messages).toContain(
    'pipelines/one.yaml:1 A pipeline cannot run itself: one runs two runs one.',
  )
  expect((await planParent(dirOf(loop))).plan).toBeNull()
  const deep: Record<string, string> = { parent: running('p1'), p9: 'tasks: { a: { run: ls } }\n' }
  for (let at = 1; at < 9; at += 1) deep[`p${at}`] = running(`p${at + 1}`)
  expect(await messagesOf(deep)).toEqual([
    'pipelines/parent.yaml:1 Pipelines run each other at most 8 deep: parent runs p1 runs p2 runs p3 runs p4 runs p5 runs p6 runs p7 runs p8 runs p9.',
  ])
  expect((await planParent(dirOf(deep))).plan).toBeNull()
  expect((await planParent(dirOf(deep), { pipeline: 'p1' })).plan).not.toBeNull()
})

test('a child with problems stops its parent, and both are told', async () => {
  const { plan, problems } = await planParent(
    dirOf({ parent: 'tasks: { a: { pipeline: bad } }\n', bad: 'tasks: { a: { rnu: x } }\n' }),
  )
  expect(plan).toBeNull()
  expect(problems.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['pipelines/parent.yaml', 'pipelines/bad.yaml']),
  )
})

test('children that multiply are refused before they fill the memory', async () => {
  const wide = (name: string): string =>
    `tasks:\n${Array.from({ length: 20 }, (_, at) => `  t${at}: { pipeline: ${name} }\n`).join('')}`
  const files: Record<string, string> = { parent: wide('p1'), p7: 'tasks: { a: { run: ls } }\n' }
  for (let at = 1; at < 7; at += 1) files[`p${at}`] = wide(`p${at + 1}`)
  const { plan, problems } = await planParent(dirOf(files))
  expect(plan).toBeNull()
  expect(problems.map(({ message }) => message).join('\n')).toContain('more than 20,000 tasks')
})
