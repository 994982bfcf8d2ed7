// What a file may say about items: their files as inputs, chains of tasks for each, and what is refused with the way out.
import { expect, test } from 'vitest'
import { goodPlanIn, plannedTask, problemsIn } from './plan-in.ts'
import { workspaceDir } from './workspace-dir.ts'

const load = 'load: { fan_out: [a, b], run: x, outputs: { part: out/part.csv } }'

test('the files of all items are inputs of what comes after them', async () => {
  const plan = await goodPlanIn(
    workspaceDir({
      'pipelines/orders.yaml': `tasks:\n  ${load}\n  sum: { needs: [load], run: x, inputs: { parts: load.part } }\n`,
    }),
  )
  expect(plannedTask(plan, 'sum').inputs).toEqual({ parts: { task: 'load', output: 'part' } })
})

test('items take no files of all items of another, and nothing else lies in their folder', async () => {
  const each = `each: { needs: [load], fan_out: [1], run: x, inputs: { parts: load.part } }`
  expect(await problemsIn({ orders: `tasks:\n  ${load}\n  ${each}\n` })).toEqual([
    'Each item of "each" would get the files of all items of "load". | To go on item by item, put both into a pipeline of their own and fan that out: pipeline: NAME, fan_out: LIST. Or let one task in between take them all.',
  ])
  const other = 'other: { run: x, outputs: { f: f.csv } }'
  const sum = `sum: { needs: [load, other], run: x, inputs: { parts: load.part, parts/0.csv: other.f } }`
  expect(await problemsIn({ orders: `tasks:\n  ${load}\n  ${other}\n  ${sum}\n` })).toEqual([
    '"parts" is the folder of the files of all items of "load"; "parts/0.csv" cannot lie in it. | Give one of them another folder.',
  ])
})

test('a task that runs a pipeline may be tried again; what its own tasks must say is refused with the way', async () => {
  const sub = 'tasks: { s: { run: x } }\n'
  const plan = await goodPlanIn(
    workspaceDir({
      'pipelines/orders.yaml':
        'tasks:\n  p: { pipeline: sub, retries: { max: 2, delay: 1m, backoff: fixed } }\n',
      'pipelines/sub.yaml': sub,
    }),
  )
  expect(plannedTask(plan, 'p').retries).toMatchObject({
    max: 2,
    delayMs: 60_000,
    backoff: 'fixed',
  })
  const refused = (task: string): Promise<string[]> =>
    problemsIn({ orders: `tasks:\n  p: ${task}\n`, sub })
  expect(await refused('{ pipeline: sub, timeout: 1h, on_unknown: ask }')).toEqual([
    'A task that runs a pipeline takes no "timeout". | It belongs to the tasks of that pipeline.',
    'A task that runs a pipeline takes no "on_unknown". | It belongs to the tasks of that pipeline.',
  ])
  expect(await refused('{ pipeline: sub, retries: { max: 1, on: { exit: [75] } } }')).toEqual([
    'A task that runs a pipeline is tried again whatever failed in it: it takes no "on". | Write "on" with the retries of the tasks of that pipeline.',
  ])
  expect(await refused('{ approval: { message: Go? }, timeout: 1h, retries: { max: 1 } }')).toEqual(
    [
      'An approval takes no "timeout". | Write approval: { timeout: 2h, on_timeout: reject }.',
      'An approval takes no "retries". | A question is asked once; a resume of the run asks it again.',
    ],
  )
})

test('a group for each item is refused with the way: a pipeline for each item', async () => {
  const problems = await problemsIn({
    orders: 'tasks: { g: { fan_out: [a], tasks: { one: { run: x } } } }\n',
  })
  expect(problems).toEqual([
    'A group takes no "fan_out". | Put its tasks into a pipeline of their own and run that for each item: pipeline: NAME, fan_out: LIST.',
  ])
  const plan = await goodPlanIn(
    workspaceDir({
      'pipelines/orders.yaml':
        'tasks:\n  chain: { pipeline: sub, fan_out: { over: [a, b], max_parallel: 1, join: any }, params: { region: "${{ item }}" } }\n',
      'pipelines/sub.yaml':
        'params: { region: {} }\ntasks: { one: { run: x }, two: { needs: [one], run: x, env: { R: "${{ params.region }}" } } }\n',
    }),
  )
  expect(plannedTask(plan, 'chain').child?.late).toMatchObject({
    region: { template: '${{ item }}' },
  })
})
