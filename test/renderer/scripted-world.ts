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
import { newRun, playWhole, type ScriptedRun } from './scripted-run.ts'
import { bigGraph, ordersGraph, seededDice } from './scripted-graphs.ts'
import { failedRun, liveRun } from './scripted-orders-runs.ts'

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
  /** Incidents beside that one. */
  incidents: number
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
    incidents: 0,
  }
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
