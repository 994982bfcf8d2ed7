// What goes wrong on hosts, for tests and for looking at the screens: keys, questions, pools, cordons, unknown outcomes, a
import type { AskRow, AuditRow, HostRow } from '../../shared/api/views.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import { endAttempt, newRun, startAttempt, tell, type ScriptedRun } from './scripted-run.ts'
import { ordersGraph } from './scripted-graphs.ts'
import type { World } from './scripted-world.ts'
import { checks, randomart, snapshot } from './scripted-host-facts.ts'
// full disk, a copy that was fenced, and the record of what people did about it.

const poolHosts = ['worker1', 'worker2', 'worker3']

/** Adds to a demo world what hosts and links can do to it. */
export function addTrouble(world: World, now: number): void {
  const edge = world.hosts.find((row) => row.name === 'edge') as HostRow
  const like = (name: string, part: Partial<HostRow>): HostRow => ({
    ...edge,
    name,
    address: `etl@${name}.dc1.example.net:22`,
    labels: ['dc1'],
    pools: ['workers'],
    used: 0,
    ...part,
  })
  world.hosts = world.hosts.map((row) =>
    row.name === 'edge' && row.facts !== null
      ? {
          ...row,
          facts: { ...row.facts, checks },
          transfers: [
            {
              path: 'data/customers-2026-01.parquet',
              direction: 'to',
              bytes: 412_000_000,
              totalBytes: 1_200_000_000,
            },
            { path: 'out/report.html', direction: 'from', bytes: 81_000, totalBytes: 88_000 },
          ],
        }
      : row.name === 'newbox'
        ? { ...row, askRandomart: randomart }
        : row,
  )
  world.hosts.push(
    like('worker1', { used: 8, queued: 3 }),
    like('worker2', {
      link: 'down',
      why: 'worker2 has not answered for 25 s.',
      lastSeenAt: now - 640_000,
      health: { score: 0.2, why: '3 attempts lost their link in the last hour' },
    }),
    like('worker3', {
      used: 2,
      cordon: {
        kind: 'draining',
        by: 'mara',
        reason: 'Kernel update until 16:00',
        at: now - 900_000,
      },
    }),
    like('vault', {
      link: 'refused',
      pools: [],
      facts: null,
      roundTripMs: null,
      why: 'Known by line 12 of /home/mara/.ssh/known_hosts.',
      changedKey: {
        known: ['ed25519 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDpdaQdxW1S9IQn8wE'],
        shown: 'ed25519 SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM',
      },
    }),
    like('bastion-db', {
      link: 'connecting',
      pools: [],
      lastSeenAt: null,
      roundTripMs: null,
      facts: null,
    }),
  )
  world.pools.push(
    { name: 'workers', hosts: poolHosts, pick: 'least_busy', slots: null, used: 10, queued: 3 },
    {
      name: 'edge_gateways',
      hosts: ['edge', 'gateway7'],
      pick: 'in_order',
      slots: 4,
      used: 4,
      queued: 2,
    },
  )
  world.runs.push(unknownRun(now), diskRun(now, world))
  world.audit.push(...auditRows(now, 9))
}

export function scriptedAsks(now: number): AskRow[] {
  return [
    {
      id: 'ask-1',
      askedAt: now - 40_000,
      canRemember: true,
      question: {
        kind: 'passphrase',
        host: 'bastion-db',
        hop: 'mara@jump.example.net:22',
        keyFile: '~/.ssh/id_work',
      },
    },
    {
      id: 'ask-2',
      askedAt: now - 12_000,
      canRemember: false,
      question: {
        kind: 'prompt',
        host: 'bastion-db',
        hop: 'mara@jump.example.net:22',
        title: 'Two-factor sign-in for mara',
        text: 'Enter the code of your token\n(or press Enter to get a push message):',
        secret: false,
      },
    },
  ]
}

/** One attempt nobody knows about, one that took over from a host that is fenced, one that waits for a slot. */
function unknownRun(now: number): ScriptedRun {
  const at = now - 26 * 60_000
  const rule = { then: 'failover', actsAfterMs: 2 * 3_600_000, failoverNo: null } as const
  const pool = { name: 'workers', hosts: poolHosts }
  const graph = ordersGraph.map((node) =>
    ['validate_orders', 'validate_customers', 'validate_prices'].includes(node.name)
      ? { ...node, host: 'worker2', effect: 'idempotent' as const, unknown: rule, pool }
      : {
          ...node,
          effect: 'irreversible' as const,
          unknown: {
            then: 'ask' as const,
            actsAfterMs: null,
            failoverNo: 'its effect is irreversible, so it may not run twice',
          },
        },
  )
  const run = newRun({
    run: runIdAt(at, 'unkn0wn1'),
    pipeline: 'sensor_rollup',
    environment: 'prod',
    at,
    graph,
    cause: { kind: 'cron', trigger: 0, dueAt: at },
  })
  tell(run, at + 100, { kind: 'run.started' })
  for (const name of ['land_orders', 'land_customers']) {
    startAttempt(run, name, at + 200)
    endAttempt(run, name, at + 3000, 0)
  }
  startAttempt(run, 'land_prices', at + 200)
  tell(run, at + 500_000, {
    kind: 'attempt.unknown',
    task: 'land_prices',
    item: null,
    number: 1,
    why: 'edge has not answered for 25 s',
  })
  startOn(run, 'validate_orders', at + 4000, 'worker2')
  tell(run, at + 700_000, {
    kind: 'attempt.unknown',
    task: 'validate_orders',
    item: null,
    number: 1,
    why: 'worker2 has not answered for 25 s',
  })
  startOn(run, 'validate_customers', at + 4000, 'worker2')
  tell(run, at + 600_000, {
    kind: 'attempt.unknown',
    task: 'validate_customers',
    item: null,
    number: 1,
    why: 'worker2 has not answered for 25 s',
  })
  tell(run, at + 800_000, {
    kind: 'attempt.settled',
    task: 'validate_customers',
    item: null,
    number: 1,
    decision: 'failover',
    by: 'mara',
    reason: 'worker2 is in the other rack, its switch is dead',
  })
  tell(run, at + 800_001, {
    kind: 'attempt.ended',
    task: 'validate_customers',
    item: null,
    number: 1,
    end: {
      outcome: 'lost',
      cause: 'failed_over',
      endedAt: at + 800_001,
      hostStartedAt: null,
      hostEndedAt: null,
      cpuMs: null,
      peakBytes: null,
    },
  })
  startOn(run, 'validate_customers', at + 800_010, 'worker1')
  tell(run, at + 5000, { kind: 'task.queued', task: 'validate_prices', item: null })
  return run
}

function startOn(run: ScriptedRun, task: string, at: number, host: string): void {
  const number = (run.view.tasks[task]?.attempts.length ?? 0) + 1
  tell(run, at, { kind: 'task.queued', task, item: null, ...(number > 1 && { elsewhere: true }) })
  tell(run, at + 5, {
    kind: 'attempt.starting',
    task,
    item: null,
    number,
    host,
    chosen: {
      why: '2 of 8 slots in use, the least of 3 hosts',
      passedOver: poolHosts
        .filter((each) => each !== host)
        .map((each) => ({
          host: each,
          why:
            each === 'worker3' ? 'draining by mara: Kernel update until 16:00' : 'the link is down',
        })),
    },
  })
  tell(run, at + 40, {
    kind: 'attempt.running',
    task,
    item: null,
    number,
    pid: 4242,
    bootId: 'b0075e1f',
    hostStartedAt: at + 30,
  })
}

/** A task killed for memory on a host whose disk is full as well, with a process that would not die. */
function diskRun(now: number, world: World): ScriptedRun {
  const at = now - 14 * 60_000
  const graph = ordersGraph.slice(0, 8)
  const run = newRun({
    run: runIdAt(at, 'd1skfull'),
    pipeline: 'ml_features',
    environment: 'prod',
    at,
    graph,
    cause: { kind: 'person', by: 'mara' },
  })
  tell(run, at + 100, { kind: 'run.started' })
  for (const name of ['land_orders', 'land_customers', 'land_prices']) {
    startAttempt(run, name, at + 200)
    endAttempt(run, name, at + 3000, 0)
  }
  for (const name of ['validate_orders', 'validate_customers', 'validate_prices', 'clean_orders']) {
    startAttempt(run, name, at + 4000)
    endAttempt(run, name, at + 9000, 0)
  }
  startAttempt(run, 'join', at + 9100)
  const where = { task: 'join', item: null, number: 1 }
  tell(run, at + 61_000, { kind: 'attempt.snapshot', ...where, snapshot: snapshot(at + 61_000) })
  tell(run, at + 61_010, {
    kind: 'attempt.ended',
    ...where,
    end: {
      outcome: 'timed_out',
      signal: 'KILL',
      survivors: ['22119:python3 join.py --worker 3', '22120:[kworker/nfs]'],
      endedAt: at + 61_000,
      hostStartedAt: at + 9130,
      hostEndedAt: at + 60_990,
      cpuMs: 88_000,
      peakBytes: 9_812_000_000,
    },
  })
  tell(run, at + 61_020, {
    kind: 'attempt.log_closed',
    ...where,
    bytes: 41_000,
    sha256: null,
    gaps: [
      {
        offset: 900,
        bytes: 71_002_113,
        why: 'the log is limited to 64 kB; its head and tail are kept',
      },
    ],
  })
  tell(run, at + 61_030, {
    kind: 'task.ended',
    task: 'join',
    item: null,
    state: 'failed',
    why: 'Timed out after 52 s.',
  })
  tell(run, at + 61_040, { kind: 'run.ended', state: 'failed' })
  world.causes.set(run.view.run, {
    rootTask: 'join',
    attempt: 1,
    class: 'oom_kill',
    summary:
      'The kernel killed python3 (pid 22114) for want of memory; what was left of the task then hung until its timeout.',
    evidence: [],
    changed: [],
    waiting: [],
    exitWords: 'timed out, KILL',
    confidence: 'high',
    transient: false,
    hostLevel: true,
    evidenceGaps: [],
    hostFacts: [
      { label: 'memory', value: '412 MB of 16.6 GB available, no swap left', isAlarming: true },
      { label: 'disk /data', value: 'full: 0 B of 250 GB free', isAlarming: true },
      {
        label: 'kernel',
        value: 'Memory cgroup out of memory: Killed process 22114 (python3)',
        isAlarming: true,
      },
      { label: 'load', value: '31.22 on 8 cores', isAlarming: false },
    ],
    remedies: [],
    lastGoodRun: null,
  })
  return run
}

export function auditRows(now: number, count: number): AuditRow[] {
  const acts = [
    [
      'mara',
      'host_key.accepted',
      'onprem',
      { key: 'ed25519 SHA256:uNiVztks' },
      'Compared on the console with Jon',
    ],
    ['mara', 'host.draining', 'worker3', {}, 'Kernel update until 16:00'],
    [
      'engine',
      'unknown.settled',
      'sensor_rollup validate_orders',
      { decision: 'failover', policy: 'wait 2h then failover' },
      '',
    ],
    [
      'jon',
      'shell.opened',
      'edge',
      { run: '20260112-021500-f41lq7zx', task: 'validate_orders', secrets: false },
      '',
    ],
    ['mara', 'run.cancelled', '20260111-101500-h01k3m9q', { tasks: 3 }, 'Wrong day'],
  ] as const
  return Array.from({ length: count }, (_, index) => {
    const [by, action, subject, details, reason] = acts[
      index % acts.length
    ] as (typeof acts)[number]
    const seq = count - index
    return {
      seq,
      at: now - index * 3_600_000,
      by,
      action,
      subject,
      details,
      reason,
      hash: (seq * 2_654_435_761).toString(16).padStart(12, '0').repeat(6).slice(0, 64),
    }
  })
}
