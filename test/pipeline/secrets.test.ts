// H7: a plan says where the values of secrets are, and never what they are.
import { expect, test } from 'vitest'
import { whatChanged } from '../../electron/engine/what-changed.ts'
import { goodPlanIn, planIn, plannedTask } from './plan-in.ts'
import { workspaceDir } from './workspace-dir.ts'

const workspace = `environments:
  dev: { secrets: { TOKEN: env:DEV_TOKEN, PASSWORD: "file:~/pass" } }
  prod: { secrets: { TOKEN: "file:/etc/etl/token" } }
`
const pipeline = (secrets: string): string =>
  `tasks: { load: { ${secrets} run: load }, free: { run: 'true' } }\n`
const dirOf = (secrets: string, yaml = workspace): string =>
  workspaceDir({ 'sluice.yaml': yaml, 'pipelines/orders.yaml': pipeline(secrets) })

test('a task gets the secrets that it names, by the names that it gives them', async () => {
  const listed = await goodPlanIn(dirOf('secrets: [TOKEN, PASSWORD],'))
  expect(plannedTask(listed, 'load').secrets).toEqual({
    TOKEN: { secret: 'TOKEN', from: { env: 'DEV_TOKEN' } },
    PASSWORD: { secret: 'PASSWORD', from: { file: '~/pass' } },
  })
  expect(plannedTask(listed, 'free')).not.toHaveProperty('secrets')
  const named = await goodPlanIn(dirOf('secrets: { PGPASSWORD: PASSWORD },'))
  expect(plannedTask(named, 'load').secrets).toEqual({
    PGPASSWORD: { secret: 'PASSWORD', from: { file: '~/pass' } },
  })
  const prod = await goodPlanIn(dirOf('secrets: [TOKEN],'), { environment: 'prod' })
  expect(plannedTask(prod, 'load').secrets).toEqual({
    TOKEN: { secret: 'TOKEN', from: { file: '/etc/etl/token' } },
  })
})

test('it wins over a variable of the pipeline or of a group, as the variables of a task do', async () => {
  const yaml = `env: { TOKEN: "\${{ env.name }}", PASSWORD: plain, REGION: eu }
tasks:
  part:
    env: { PASSWORD: plainer, LEVEL: "1" }
    tasks: { load: { secrets: [TOKEN, PASSWORD], run: load }, free: { run: 'true' } }
`
  const files = { 'sluice.yaml': workspace, 'pipelines/orders.yaml': yaml }
  const plan = await goodPlanIn(workspaceDir(files))
  const load = plannedTask(plan, 'part.load')
  expect(load.env).toEqual({ REGION: 'eu', LEVEL: '1' })
  expect(Object.keys(load.secrets ?? {})).toEqual(['TOKEN', 'PASSWORD'])
  expect(plannedTask(plan, 'part.free').env).toMatchObject({ TOKEN: 'dev', PASSWORD: 'plainer' })
})

test('a secret that only another environment has is told before anything runs', async () => {
  const { plan, problems } = await planIn(dirOf('secrets: [PASSWORD],'), { environment: 'prod' })
  expect(plan).toBeNull()
  expect(problems).toMatchObject([
    {
      message: 'The environment "prod" has no secret "PASSWORD".',
      hint: 'Add it to environments.prod.secrets in sluice.yaml.',
    },
  ])
})

test('the work is the same wherever the value is, and another one with another secret', async () => {
  const loadOf = async (secrets: string, yaml = workspace) =>
    plannedTask(await goodPlanIn(dirOf(secrets, yaml)), 'load')
  const before = await loadOf('secrets: [TOKEN],')
  const moved = await loadOf('secrets: [TOKEN],', workspace.replace('env:DEV', 'env:NEW'))
  const more = await loadOf('secrets: [TOKEN, PASSWORD],')
  expect(moved.secrets).toMatchObject({ TOKEN: { from: { env: 'NEW_TOKEN' } } })
  expect(whatChanged(before, moved)).toBe('')
  const other = await loadOf('secrets: { TOKEN: PASSWORD },')
  for (const after of [more, other]) expect(whatChanged(before, after)).toBe('its secrets changed')
})

test('an expression cannot read a secret', async () => {
  const dir = dirOf('env: { A: "${{ secrets.TOKEN }}" },')
  const { plan, problems } = await planIn(dir)
  expect(plan).toBeNull()
  expect(problems[0]?.message).toContain('secrets')
})
