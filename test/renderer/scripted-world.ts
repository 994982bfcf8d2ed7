// A believable workspace for tests and for looking at the screens: pipelines, hosts, runs, logs, one failure.
import type {
  AskRow,
  AuditRow,
  GraphNode,
  HostRow,
  NextFire,
  OccurrenceRow,
  PipelineDetail,
  PoolRow,
  RootCause,
} from '../../shared/api/views.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import {
  newRun,
  playWhole,
  startAttempt,
  endAttempt,
  tell,
  type ScriptedRun,
} from './scripted-run.ts'

export interface World {
  runs: ScriptedRun[]
  pipelines: PipelineDetail[]
  hosts: HostRow[]
  pools: PoolRow[]
  asks: AskRow[]
  audit: AuditRow[]
  fires: NextFire[]
  occurrences: OccurrenceRow[]
  causes: Map<string, RootCause>
  logs: Map<string, string>
  /** So many runs failed like each that failed. */
  alike: number
}

export function emptyWorld(): World {
  return {
    runs: [],
    pipelines: [],
    hosts: [],
    pools: [],
    asks: [],
    audit: [],
    fires: [],
    occurrences: [],
    causes: new Map(),
    logs: new Map(),
    alike: 0,
  }
}

/** Numbers in [0, 1), the same each time. */
export function seededDice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

const node = (name: string, host: string, needs: string[], run: string): GraphNode => ({
  name,
  host,
  needs,
  run,
  remedies: [],
})

export const ordersGraph: readonly GraphNode[] = [
  node('land_orders', 'edge', [], './land.sh orders "$DAY"'),
  node('land_customers', 'edge', [], './land.sh customers "$DAY"'),
  node('land_prices', 'edge', [], './land.sh prices "$DAY"'),
  node('validate_orders', 'onprem', ['land_orders'], './validate.sh orders.csv orders.schema'),
  node(
    'validate_customers',
    'onprem',
    ['land_customers'],
    './validate.sh customers.csv customers.schema',
  ),
  node('validate_prices', 'onprem', ['land_prices'], './validate.sh prices.csv prices.schema'),
  node('clean_orders', 'onprem', ['validate_orders'], 'awk -f clean.awk orders.csv > clean.csv'),
  node('join', 'onprem', ['clean_orders', 'validate_customers', 'validate_prices'], './join.sh'),
  node('revenue_by_region', 'cloud', ['join'], './aggregate.sh region'),
  node('revenue_by_product', 'cloud', ['join'], './aggregate.sh product'),
  node('late_orders', 'cloud', ['join'], './late.sh'),
  node(
    'publish_report',
    'cloud',
    ['revenue_by_region', 'revenue_by_product', 'late_orders'],
    './publish.sh',
  ),
]

/** A graph of `count` tasks in layers, each with one to three needs in the layers before. */
export function bigGraph(count: number, seed = 5): GraphNode[] {
  const dice = seededDice(seed)
  const width = Math.max(3, Math.round(Math.sqrt(count)))
  return Array.from({ length: count }, (_, index) => {
    const layer = Math.floor(index / width)
    const needs = new Set<string>()
    if (layer > 0) {
      const wanted = 1 + Math.floor(dice() * 2.2)
      for (let k = 0; k < wanted; k += 1) {
        const lane = (index % width) + Math.round((dice() - 0.5) * 4)
        const from = (layer - 1) * width + Math.min(Math.max(lane, 0), width - 1)
        needs.add(`task_${String(from).padStart(4, '0')}`)
      }
    }
    const host = ['edge', 'onprem', 'cloud'][index % 3] as string
    return node(`task_${String(index).padStart(4, '0')}`, host, [...needs], `./part.sh ${index}`)
  })
}

const ordersText = `# Orders of a day: landed at the edge, joined on-prem, reported from the cloud.
name: orders
description: Daily orders, from the shop floor to the revenue report
params:
  day: { type: date, default: "2026-01-01", description: "The day to load" }
  region: { type: choice, choices: [eu, us, apac], default: eu }
  full: { type: boolean, default: false, description: "Load the whole history again" }
triggers: [{ cron: "15 2 * * *", timezone: Europe/Berlin }]
tasks:
  land_orders: { host: edge, run: ./land.sh orders, env: { DAY: "\${{ params.day }}" }, timeout: 10m }
  validate_orders:
    needs: [land_orders]
    host: onprem
    run: ./validate.sh orders.csv orders.schema
    retries: { max: 2, delay: 5s, backoff: exponential }
`

function pipeline(
  name: string,
  graph: readonly GraphNode[],
  part: Partial<PipelineDetail> = {},
): PipelineDetail {
  return {
    name,
    file: `pipelines/${name}.yaml`,
    description: '',
    taskCount: graph.length,
    problems: [],
    lastRuns: [],
    nextFireAt: null,
    text: `name: ${name}\ntasks:\n${graph.map((each) => `  ${each.name}: { host: ${each.host}, run: "${each.run}" }`).join('\n')}\n`,
    params: [],
    environments: ['dev', 'prod'],
    defaultEnvironment: 'dev',
    graph,
    triggers: [],
    ...part,
  }
}

const problem: Problem = {
  file: 'pipelines/inventory.yaml',
  line: 7,
  column: 22,
  path: 'tasks.count.needs[0]',
  message: 'There is no task "extrct".',
  hint: 'Did you mean "extract"?',
  severity: 'error',
}

const hostRow = (name: string, part: Partial<HostRow>): HostRow => ({
  name,
  kind: 'ssh',
  address: `etl@${name}.example.net:22`,
  labels: [],
  slots: 8,
  used: 0,
  queued: 0,
  link: 'linked',
  why: '',
  facts: {
    system: 'Linux x86_64',
    shell: 'dash',
    bootId: '6f1c2a90-7be1-4f7a-9d22-1b0c5f0e2d11',
    clockOffsetMs: 14,
    agent: 'c0ffee12'.repeat(8),
    lacks: [],
    checks: [],
  },
  roundTripMs: 2.4,
  lastSeenAt: null,
  askFingerprint: null,
  askRandomart: '',
  changedKey: null,
  pools: [],
  cordon: null,
  health: { score: 1, why: '' },
  transfers: [],
  ...part,
})

/** `now`: ms since 1970. */
export function demoWorld(now: number): World {
  const dice = seededDice(11)
  const world = emptyWorld()
  const day = 86_400_000
  for (let back = 16; back >= 1; back -= 1) {
    const at = now - back * day + 900_000
    const run = newRun({
      run: runIdAt(at, `h${String(back).padStart(2, '0')}k3m9q`),
      pipeline: 'orders',
      environment: back % 5 === 0 ? 'prod' : 'dev',
      at,
      graph: ordersGraph,
      cause: { kind: 'cron', trigger: 0, dueAt: at },
      params: { day: new Date(at).toISOString().slice(0, 10), region: 'eu', full: false },
    })
    playWhole(run, back === 9 ? 'join' : back === 4 ? 'land_prices' : null, dice)
    world.runs.push(run)
  }
  world.runs.push(failedRun(now, world), liveRun(now, world))
  world.pipelines.push(
    pipeline('orders', ordersGraph, {
      description: 'Daily orders, from the shop floor to the revenue report',
      text: ordersText,
      nextFireAt: now + 5 * 3_600_000,
      params: [
        {
          name: 'day',
          type: 'date',
          default: '2026-01-01',
          description: 'The day to load',
          choices: [],
        },
        {
          name: 'region',
          type: 'choice',
          default: 'eu',
          description: '',
          choices: ['eu', 'us', 'apac'],
        },
        {
          name: 'full',
          type: 'boolean',
          default: false,
          description: 'Load the whole history again',
          choices: [],
        },
        {
          name: 'limit',
          type: 'integer',
          default: null,
          description: 'Rows per file at most',
          choices: [],
        },
      ],
      triggers: [
        {
          cron: '15 2 * * *',
          timezone: 'Europe/Berlin',
          next: Array.from({ length: 6 }, (_, index) => now + 5 * 3_600_000 + index * day),
        },
      ],
    }),
    pipeline('inventory', ordersGraph.slice(0, 5), {
      problems: [problem],
      description: 'Stock per warehouse, every hour',
      text: 'name: inventory\ntasks:\n  extract:\n    host: edge\n    run: ./stock.sh\n  count:\n    needs: [extrct]\n    host: onprem\n    run: ./count.sh\n',
    }),
    pipeline('sensor_rollup', ordersGraph.slice(0, 3), {
      description: 'Readings of the edge gateways in five-minute steps',
      nextFireAt: now + 4 * 60_000,
    }),
    pipeline('ml_features', bigGraph(60), { description: 'Features for the demand forecast' }),
    pipeline('wide_backfill', bigGraph(1000), { description: 'Every store, every day of 2025' }),
  )
  world.hosts.push(
    hostRow('local', {
      kind: 'local',
      address: 'this machine',
      slots: 4,
      roundTripMs: 0.3,
      lastSeenAt: now,
    }),
    hostRow('edge', {
      labels: ['edge', 'arm'],
      used: 2,
      lastSeenAt: now - 2000,
      roundTripMs: 18.6,
    }),
    hostRow('onprem', {
      labels: ['dc1'],
      used: 8,
      queued: 5,
      lastSeenAt: now - 1000,
      roundTripMs: 3.1,
    }),
    hostRow('cloud', {
      labels: ['cloud', 'eu'],
      slots: 32,
      used: 3,
      lastSeenAt: now - 1000,
      roundTripMs: 31,
    }),
    hostRow('gateway7', {
      labels: ['edge', 'busybox'],
      link: 'down',
      why: 'Cannot reach gateway7 at 10.4.7.2:22: no route to host. Check its network, then press Test.',
      facts: null,
      roundTripMs: null,
      lastSeenAt: now - 7_400_000,
    }),
    hostRow('newbox', {
      labels: ['dc1'],
      link: 'refused',
      why: 'The host key is not known.',
      facts: null,
      roundTripMs: null,
      askFingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDpdaQdxW1S9IQn8wE',
    }),
  )
  for (let index = 0; index < 30; index += 1)
    world.fires.push({
      pipeline: index % 3 === 0 ? 'orders' : 'sensor_rollup',
      environment: index % 4 === 0 ? 'prod' : 'dev',
      trigger: 0,
      cron: index % 3 === 0 ? '15 2 * * *' : '*/5 * * * *',
      timezone: index % 3 === 0 ? 'Europe/Berlin' : 'UTC',
      at: now + 240_000 + index * 3_700_000,
    })
  const decisions = ['ran', 'ran', 'ran', 'skipped', 'missed', 'caught_up', 'held'] as const
  for (let index = 0; index < 40; index += 1) {
    const decision = decisions[index % decisions.length] ?? 'ran'
    world.occurrences.push({
      pipeline: index % 2 === 0 ? 'orders' : 'sensor_rollup',
      environment: 'dev',
      trigger: 0,
      dueAt: now - index * 5_400_000,
      decision,
      reason: {
        ran: 'On time.',
        skipped: 'The run before it was still going.',
        missed: 'Sluice was not running; outside the catch-up window.',
        caught_up: 'Sluice was not running at its time; within the catch-up window.',
        held: 'Waits for the run before it.',
      }[decision],
      run:
        decision === 'ran' || decision === 'caught_up' ? (world.runs[0]?.view.run ?? null) : null,
    })
  }
  return world
}

function failedRun(now: number, world: World): ScriptedRun {
  const at = now - 9 * 60_000
  const run = newRun({
    run: runIdAt(at, 'f41lq7zx'),
    pipeline: 'orders',
    environment: 'dev',
    at,
    graph: ordersGraph,
    cause: { kind: 'cron', trigger: 0, dueAt: at },
    params: { day: '2026-01-12', region: 'eu', full: false },
  })
  tell(run, at + 100, { kind: 'run.started' })
  for (const [name, from, took] of [
    ['land_orders', 150, 2400],
    ['land_customers', 160, 3100],
    ['land_prices', 170, 1900],
  ] as const) {
    startAttempt(run, name, at + from)
    endAttempt(run, name, at + from + took, 0)
  }
  startAttempt(run, 'validate_customers', at + 3300)
  startAttempt(run, 'validate_prices', at + 2200)
  startAttempt(run, 'validate_orders', at + 2700)
  endAttempt(run, 'validate_prices', at + 4100, 0)
  const number = 1
  tell(run, at + 5200, {
    kind: 'attempt.ended',
    task: 'validate_orders',
    item: null,
    number,
    end: {
      outcome: 'exited',
      exit: 65,
      endedAt: at + 5200,
      hostStartedAt: at + 2830,
      hostEndedAt: at + 5190,
      cpuMs: 410,
      peakBytes: 9_000_000,
    },
  })
  tell(run, at + 5210, {
    kind: 'task.retrying',
    task: 'validate_orders',
    item: null,
    dueAt: at + 10_200,
  })
  endAttempt(run, 'validate_customers', at + 6900, 0)
  startAttempt(run, 'validate_orders', at + 10_200)
  endAttempt(run, 'validate_orders', at + 12_700, 65, 'Exit 65 after 2 attempts.')
  for (const name of [
    'clean_orders',
    'join',
    'revenue_by_region',
    'revenue_by_product',
    'late_orders',
    'publish_report',
  ])
    tell(run, at + 12_720, {
      kind: 'task.ended',
      task: name,
      item: null,
      state: 'upstream_failed',
      why: 'validate_orders failed',
    })
  tell(run, at + 12_730, { kind: 'run.ended', state: 'failed' })
  world.logs.set(`${run.view.run} validate_orders`, validateLog)
  world.causes.set(run.view.run, {
    rootTask: 'validate_orders',
    attempt: 2,
    class: 'schema_drift',
    summary:
      'The file orders.csv has a column "amount_eur" where the schema wants "amount". The other 6 columns are as before.',
    evidence: [
      {
        task: 'validate_orders',
        line: 9,
        text: 'ERROR header: expected column 5 "amount", found "amount_eur"',
      },
      {
        task: 'validate_orders',
        line: 10,
        text: 'ERROR 1 of 7 columns differ from orders.schema (version 3)',
      },
      { task: 'validate_orders', line: 12, text: 'validate: orders.csv refused' },
    ],
    changed: [
      {
        what: 'input',
        task: 'validate_orders',
        name: 'orders.csv',
        before: 'sha256 9c41e07a, 48,120 rows',
        after: 'sha256 51dd90b3, 48,377 rows',
      },
      { what: 'param', task: null, name: 'day', before: '2026-01-11', after: '2026-01-12' },
    ],
    waiting: [
      'clean_orders',
      'join',
      'revenue_by_region',
      'revenue_by_product',
      'late_orders',
      'publish_report',
    ],
    exitWords: 'exit 65 (data format error)',
    confidence: 'high',
    transient: false,
    hostLevel: false,
    evidenceGaps: [],
    hostFacts: [],
    remedies: [
      {
        index: 0,
        title: 'Rename the column back in the landed file',
        cause: 'schema_drift',
        host: 'edge',
        run: "sed -i '1s/amount_eur/amount/' ~/landing/orders.csv",
      },
    ],
    lastGoodRun: (world.runs.at(-1)?.view.run ?? null) as RunId | null,
  })
  return run
}

function liveRun(now: number, world: World): ScriptedRun {
  const at = now - 41_000
  const run = newRun({
    run: runIdAt(at, 'l1v3rn0w'),
    pipeline: 'orders',
    environment: 'prod',
    at,
    graph: ordersGraph,
    cause: { kind: 'person', by: 'mara' },
    params: { day: '2026-01-12', region: 'us', full: true },
  })
  tell(run, at + 100, { kind: 'run.started' })
  for (const [index, name] of ['land_orders', 'land_customers', 'land_prices'].entries()) {
    startAttempt(run, name, at + 150)
    endAttempt(run, name, at + 4000 + index * 2100, 0)
  }
  startAttempt(run, 'validate_orders', at + 4100)
  endAttempt(run, 'validate_orders', at + 9000, 0)
  startAttempt(run, 'validate_customers', at + 6200)
  endAttempt(run, 'validate_customers', at + 12_000, 0)
  startAttempt(run, 'clean_orders', at + 9100)
  startAttempt(run, 'validate_prices', at + 8400)
  tell(run, at + 30_000, {
    kind: 'attempt.unknown',
    task: 'validate_prices',
    item: null,
    number: 1,
    why: 'The link to onprem is gone; the task may go on there.',
  })
  world.logs.set(`${run.view.run} clean_orders`, '')
  return run
}

export const validateLog = [
  '\x1b[2m2026-01-12T02:15:10Z\x1b[0m validate: orders.csv against orders.schema (version 3)',
  '\x1b[2m2026-01-12T02:15:10Z\x1b[0m 48,377 rows, 7 columns, utf-8, LF',
  '\x1b[2m2026-01-12T02:15:10Z\x1b[0m checking \x1b[36morder_id\x1b[0m     unique      \x1b[32mok\x1b[0m',
  '\x1b[2m2026-01-12T02:15:11Z\x1b[0m checking \x1b[36mcustomer_id\x1b[0m  not empty   \x1b[32mok\x1b[0m',
  '\x1b[2m2026-01-12T02:15:11Z\x1b[0m checking \x1b[36mordered_at\x1b[0m   date        \x1b[32mok\x1b[0m',
  '\x1b[2m2026-01-12T02:15:11Z\x1b[0m checking \x1b[36msku\x1b[0m          known       \x1b[33m12 unknown, allowed 100\x1b[0m',
  '\x1b[2m2026-01-12T02:15:12Z\x1b[0m see https://wiki.example.net/orders/schema for the rules',
  '\x1b[2m2026-01-12T02:15:12Z\x1b[0m checking header',
  '\x1b[31mERROR header: expected column 5 "amount", found "amount_eur"\x1b[0m',
  '\x1b[31mERROR 1 of 7 columns differ from orders.schema (version 3)\x1b[0m',
  '',
  '\x1b[1mvalidate: orders.csv refused\x1b[0m',
  '\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[?1049h\x1b]2;never ends',
  'this line must stay, and the ones above it',
].join('\n')
