// Runs that use every rule of a DAG: groups, a fan-out, a branch, a sub-pipeline, an approval, clean-up, a checkpoint, and
// what people said of them. And a list of ten thousand items that failed at three.
import type { GraphNode } from '../../shared/api/views.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import { endAttempt, newRun, startAttempt, tell, type ScriptedRun } from './scripted-run.ts'
import { ordersGraph } from './scripted-graphs.ts'
import type { World } from './scripted-world.ts'

const node = (
  name: string,
  needs: readonly string[],
  host: string,
  part: Partial<GraphNode> = {},
): GraphNode => ({ name, needs, host, run: `./${name}.sh`, remedies: [], ...part })

export const rulesGraph: readonly GraphNode[] = [
  node('scratch', [], 'onprem', { part: 'setup' }),
  node('ingest.list', ['scratch'], 'edge', { group: 'ingest' }),
  node('ingest.load', ['ingest.list'], 'onprem', {
    group: 'ingest',
    fanOut: { maxParallel: 8, join: 0.95 },
  }),
  node('ingest.check.rows', ['ingest.load'], 'onprem', {
    group: 'ingest.check',
    rule: 'all_done',
  }),
  node('ingest.check.totals', ['ingest.load'], 'onprem', { group: 'ingest.check' }),
  node('choose', ['scratch'], 'onprem', { isBranch: true }),
  node('full_history', ['choose'], 'cloud'),
  node('last_day', ['choose'], 'cloud'),
  node('backfill', ['last_day'], 'onprem'),
  node('sign_off', ['ingest.check.rows', 'ingest.check.totals'], '', {
    run: '',
    approval: {
      message: 'Publish the figures of ${{ params.day }}?',
      form: [
        {
          name: 'ticket',
          type: 'string',
          default: null,
          description: 'Of the release',
          choices: [],
        },
        { name: 'share', type: 'number', default: 1, description: 'Of the readers', choices: [] },
        {
          name: 'notify',
          type: 'boolean',
          default: true,
          description: 'Write to them',
          choices: [],
        },
      ],
      timeoutMs: 3_600_000,
      onTimeout: 'reject',
    },
  }),
  node('quality', ['ingest.list'], '', { run: '', pipeline: 'quality_report' }),
  node('publish', ['sign_off', 'backfill', 'full_history'], 'cloud', {
    rule: 'none_failed_min_one_success',
  }),
  node('alarm', ['quality', 'publish'], 'cloud', {
    rule: 'failed(quality) || failed(publish)',
  }),
  node('drop_scratch', ['publish', 'backfill'], 'onprem', {
    part: 'teardown',
    undoes: ['scratch'],
  }),
  node('report', [], 'cloud', { part: 'final' }),
]

export function addRules(world: World, now: number): void {
  const run = ruledRun(now)
  const child = newRun({
    run: runIdAt(now - 60_000, 'ch1ldrun'),
    pipeline: 'quality_report',
    environment: 'dev',
    at: now - 60_000,
    graph: ordersGraph.slice(0, 4),
    cause: { kind: 'parent', run: run.view.run, task: 'quality', item: null },
  })
  tell(child, now - 59_900, { kind: 'run.started' })
  startAttempt(child, 'land_orders', now - 59_000)
  endAttempt(child, 'land_orders', now - 40_000, 0)
  startAttempt(child, 'land_prices', now - 59_000)
  tell(run, now - 60_000, {
    kind: 'task.child',
    task: 'quality',
    item: null,
    child: child.view.run,
  })
  world.runs.push(run, child, failedList(now))
}

function ruledRun(now: number): ScriptedRun {
  const start = now - 240_000
  const run = newRun({
    run: runIdAt(start, 'rul3srun'),
    pipeline: 'daily_figures',
    environment: 'dev',
    at: start,
    graph: rulesGraph,
    cause: { kind: 'person', by: 'mara' },
    params: { day: '2026-01-12' },
  })
  tell(run, start + 10, { kind: 'run.started' })
  for (const [task, from, to] of [
    ['scratch', 100, 2400],
    ['ingest.list', 2500, 4100],
    ['choose', 2500, 3300],
    ['last_day', 3400, 60_000],
  ] as const) {
    startAttempt(run, task, start + from)
    endAttempt(run, task, start + to, 0)
  }
  tell(run, start + 3310, {
    kind: 'task.ended',
    task: 'full_history',
    item: null,
    state: 'skipped',
    why: 'choose did not choose it',
  })
  const items = Array.from(
    { length: 100 },
    (_, index) => `shop_${String(index).padStart(3, '0')}.csv`,
  )
  tell(run, start + 4200, { kind: 'task.expanded', task: 'ingest.load', item: null, items })
  for (let index = 0; index < 57; index += 1) {
    const at = start + 4300 + index * 900
    startAttempt(run, `ingest.load[${index}]`, at)
    if (index < 49) {
      const fails = index === 12 || index === 31
      endAttempt(run, `ingest.load[${index}]`, at + 7000, fails ? 65 : 0, fails ? 'exit 65' : '')
    }
  }
  for (let index = 57; index < 62; index += 1)
    tell(run, start + 60_000, { kind: 'task.queued', task: 'ingest.load', item: index })
  startAttempt(run, 'backfill', start + 61_000)
  tell(run, start + 90_000, {
    kind: 'attempt.checkpoint',
    task: 'backfill',
    item: null,
    number: 1,
    checkpoint: {
      savedAt: start + 90_000,
      values: { offset: '48000', total: '96000', table: 'sales' },
      folder: null,
    },
  })
  const { number = 1 } = run.view.tasks['backfill']?.attempts.at(-1) ?? {}
  tell(run, start + 100_000, {
    kind: 'attempt.ended',
    task: 'backfill',
    item: null,
    number,
    end: {
      outcome: 'signalled',
      signal: 'KILL',
      endedAt: start + 100_000,
      hostStartedAt: start + 61_130,
      hostEndedAt: start + 99_990,
      cpuMs: 8000,
      peakBytes: 61_000_000,
    },
  })
  startAttempt(run, 'backfill', start + 105_000)
  tell(run, start + 150_000, {
    kind: 'approval.asked',
    task: 'sign_off',
    item: null,
    message: 'Publish the figures of 2026-01-12? 98 of 100 shops have reported.',
    dueAt: now + 42 * 60_000,
  })
  tell(run, start + 160_000, {
    kind: 'task.held',
    task: 'publish',
    item: null,
    by: 'noor',
    reason: 'The new price list comes at noon',
  })
  return run
}

const itemsOfMany = 10_000

/** Told by hand: ten thousand ends are ten thousand events. */
function failedList(now: number): ScriptedRun {
  const start = now - 7_200_000
  const graph = [
    node('list', [], 'edge'),
    node('load', ['list'], 'onprem', { fanOut: { maxParallel: 40, join: 'all' } }),
    node('join', ['load'], 'onprem'),
  ]
  const run = newRun({
    run: runIdAt(start, 't3nthous'),
    pipeline: 'load_shops',
    environment: 'dev',
    at: start,
    graph,
    cause: { kind: 'cron', trigger: 0, dueAt: start },
    params: { day: '2026-01-12', region: 'eu' },
  })
  tell(run, start + 10, { kind: 'run.started' })
  startAttempt(run, 'list', start + 20)
  endAttempt(run, 'list', start + 2000, 0)
  const items = Array.from({ length: itemsOfMany }, (_, index) => ({
    shop: index,
    file: `shop_${String(index).padStart(5, '0')}.csv`,
  }))
  tell(run, start + 2100, { kind: 'task.expanded', task: 'load', item: null, items })
  const failing = [17, 4711, 9001]
  for (const index of items.keys()) {
    const item = run.view.tasks[`load[${index}]`]
    if (item === undefined || failing.includes(index)) continue
    item.state = 'succeeded'
  }
  const good = itemsOfMany - failing.length
  const head = run.view.tasks['load']
  if (head?.fan !== undefined) head.fan.counts = { succeeded: good, waiting: failing.length }
  run.view.counts = { succeeded: good + 1, waiting: failing.length + 1 }
  for (const index of failing) {
    startAttempt(run, `load[${index}]`, start + 3000)
    endAttempt(run, `load[${index}]`, start + 900_000, 65, 'exit 65')
  }
  tell(run, start + 901_000, {
    kind: 'task.ended',
    task: 'load',
    item: null,
    state: 'failed',
    why: '3 of 10,000 items failed, and all must succeed',
  })
  tell(run, start + 901_001, {
    kind: 'task.ended',
    task: 'join',
    item: null,
    state: 'upstream_failed',
    why: 'load did not succeed',
  })
  tell(run, start + 901_002, { kind: 'run.ended', state: 'failed' })
  return run
}
