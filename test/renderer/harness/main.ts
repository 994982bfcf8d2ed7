// The screens over a scripted client: `?world=demo|trouble|rules|empty|many|slow|broken`, `&live=1` plays the running run on,
// `&asks=1` lets two logins ask, `&audit=5000` fills the record, `&alike=12` gives a failure its likes, `&incidents=30` others.
import { AppError } from '../../../shared/api/app-error.ts'
import { openBridge, type Connected } from '../../../renderer/bridge/bridge.ts'
import { renderApp } from '../../../renderer/render-app.tsx'
import { runIdAt } from '../../../shared/run/ids.ts'
import { newRun, playWhole } from '../scripted-run.ts'
import { addTrouble, auditRows, scriptedAsks } from '../scripted-trouble.ts'
import { addRules } from '../scripted-rules.ts'
import { playOn } from '../play-on.ts'
import { scriptedClient, type ScriptedClient } from '../scripted-client.ts'
import { bigGraph, ordersGraph, seededDice } from '../scripted-graphs.ts'
import { demoWorld, emptyWorld, type World } from '../scripted-world.ts'

const asked = new URLSearchParams(location.search)
const kind = asked.get('world') ?? 'demo'

declare global {
  interface Window {
    scripted: { client: ScriptedClient; cut(): void; mend(): void; ask(): void }
  }
}

function makeWorld(): World {
  if (kind === 'empty') return emptyWorld()
  const world = demoWorld(Date.now())
  if (kind === 'trouble') addTrouble(world, Date.now())
  if (kind === 'rules') addRules(world, Date.now())
  if (asked.has('audit')) world.audit = auditRows(Date.now(), Number(asked.get('audit')))
  world.alike = Number(asked.get('alike') ?? 0)
  world.incidents = Number(asked.get('incidents') ?? 0)
  if (asked.has('asks')) world.asks = scriptedAsks(Date.now())
  if (kind === 'fresh') {
    world.runs = []
    return world
  }
  if (kind === 'many') addMany(world)
  return world
}

function addMany(world: World): void {
  const dice = seededDice(3)
  const now = Date.now()
  for (let index = 0; index < 10_000; index += 1) {
    const at = now - 20 * 86_400_000 - index * 600_000
    const run = newRun({
      run: runIdAt(at, `m${String(index).padStart(7, '0')}`),
      pipeline: index % 3 === 0 ? 'sensor_rollup' : 'orders',
      environment: 'dev',
      at,
      graph: ordersGraph.slice(0, 4),
      cause: { kind: 'cron', trigger: 0, dueAt: at },
    })
    playWhole(run, index % 29 === 0 ? 'validate_orders' : null, dice)
    world.runs.unshift(run)
  }
  const graph = bigGraph(1000)
  const big = newRun({
    run: runIdAt(now - 100_000, 'b1gr4ph0'),
    pipeline: 'wide_backfill',
    environment: 'dev',
    at: now - 100_000,
    graph,
    cause: { kind: 'person', by: 'mara' },
  })
  playWhole(big, 'task_0210', dice)
  world.runs.push(big)
  const huge = bigGraph(10_000)
  const wide = newRun({
    run: runIdAt(now - 200_000, 'h0g3runx'),
    pipeline: 'wide_backfill',
    environment: 'dev',
    at: now - 200_000,
    graph: huge,
    cause: { kind: 'person', by: 'mara' },
  })
  playHuge(wide)
  world.runs.push(wide)
  const sample = world.pipelines[0]
  if (sample !== undefined)
    for (let index = 0; index < 10_000; index += 1)
      world.pipelines.push({
        ...sample,
        name: `store_${String(index).padStart(5, '0')}`,
        lastRuns: [],
        problems: [],
      })
  const host = world.hosts[1]
  if (host !== undefined)
    for (let index = 0; index < 10_000; index += 1)
      world.hosts.push({ ...host, name: `gw${String(index).padStart(5, '0')}`, used: index % 9 })
}

// Telling counts the tasks after each event; ten thousand tasks are set by hand instead.
function playHuge(run: ReturnType<typeof newRun>): void {
  let index = 0
  for (const task of Object.values(run.view.tasks)) {
    task.state = index % 97 === 0 ? 'failed' : index > 7000 ? 'waiting' : 'succeeded'
    index += 1
  }
  const counts = { succeeded: 0, failed: 0, waiting: 0 }
  for (const { state } of Object.values(run.view.tasks)) counts[state as keyof typeof counts] += 1
  run.view.counts = counts
  run.view.state = 'running'
  run.view.startedAt = run.view.createdAt
  run.row = {
    ...run.row,
    state: 'running',
    startedAt: run.view.createdAt,
    counts,
  }
}

let broken = false
let client: ScriptedClient
const world = makeWorld()

async function connect(): Promise<Connected> {
  if (broken || kind === 'broken') throw new AppError('link-closed', 'The engine does not answer.')
  if (kind === 'slow') await new Promise(() => {})
  const closing = Promise.withResolvers<void>()
  client = scriptedClient(world)
  const connected = client
  window.scripted = {
    client,
    cut() {
      broken = true
      connected.cut()
      closing.resolve()
    },
    mend() {
      broken = false
    },
    ask: () => connected.publishAsks(scriptedAsks(Date.now())),
  }
  const live = world.runs.find((run) => run.view.run.endsWith('l1v3rn0w'))
  if (asked.has('live') && live !== undefined) playOn(client, live)
  return { client, closed: closing.promise }
}

renderApp(document.getElementById('root') as HTMLElement, openBridge(connect))
