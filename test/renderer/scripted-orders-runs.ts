// Two runs of the orders pipeline: one that failed, with its cause and its log, and one that goes on.
import type { RootCause } from '../../shared/api/views.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { newRun, startAttempt, endAttempt, tell, type ScriptedRun } from './scripted-run.ts'
import { ordersGraph } from './scripted-graphs.ts'

/** What is known of runs besides their events. */
interface Told {
  runs: readonly ScriptedRun[]
  logs: Map<string, string>
  causes: Map<string, RootCause>
}

export function failedRun(now: number, world: Told): ScriptedRun {
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

export function liveRun(now: number, world: Told): ScriptedRun {
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

const validateLog = [
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
