// The handlers on a real engine, store and log files; hosts and time are the test's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDrain } from '../../electron/api/drain.ts'
import { makeApi } from '../../electron/api/handlers.ts'
import { openIncidents } from '../../electron/api/incidents.ts'
import type { ApiParts, PlannedNow } from '../../electron/api/parts.ts'
import { openRootCauses } from '../../electron/api/root-cause.ts'
import { openWaves } from '../../electron/api/wave-loop.ts'
import type { Clock } from '../../electron/ports/clock.ts'
import type { LogFiles } from '../../electron/logs/log-files.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import { openAudit } from '../../electron/store/audit.ts'
import { openCordons } from '../../electron/store/cordons.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'
import type { Client } from '../../shared/api/contract.ts'
import { directClient } from '../../shared/api/direct-client.ts'
import type { HostRow } from '../../shared/api/views.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { makeWorld } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'

export interface ApiWorld {
  world: World
  logs: LogFiles
  client: Client
  /** What the workspace's files would run; null: they have problems. */
  present: { plan: RunPlan | null }
  /** Commands that went to hosts outside of runs. */
  commands: { host: string; command: string }[]
  hostChanged: (name: string) => void
  /** What was told as a bug. */
  bugs: unknown[]
  /** Kills the engine and what goes by it, and opens both again on the same store. */
  crash: () => Promise<void>
  close: () => Promise<void>
}

export interface ApiWorldOptions {
  isReader?: boolean
  openShell?: ApiParts['hosts']['openShell']
  clock?: Clock
  explain?: ApiParts['explain']
}

export function openApiWorld(options: ApiWorldOptions = {}): ApiWorld {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-api-'))
  const world = makeWorld()
  const logs = openLogFiles(join(dir, 'logs'), systemClock)
  const present: ApiWorld['present'] = { plan: null }
  const commands: ApiWorld['commands'] = []
  const bugs: unknown[] = []
  const hostListeners = new Set<(host: string) => void>()
  const drain = openDrain({
    cordons: openCordons(world.store.db),
    clock: world.clock,
    engine: () => world.engine,
  })
  world.drain = drain.held
  const explain = options.explain ?? openRootCauses({ db: world.store.db, logs })
  const parts: ApiParts = {
    clock: options.clock ?? systemClock,
    dice: systemDice,
    db: world.store.db,
    evaluator: openEvaluator(),
    logs,
    workspace: {
      load: async () => ({
        dir: null,
        spec: { hosts: [], pools: [], environments: [], defaultEnvironment: 'dev' },
        problems: [],
        pipelines: [],
        plan: async () => plannedOf(present.plan),
      }),
    },
    hosts: {
      rows: () => [{ name: 'a', used: 1 }, { name: 'b' }] as HostRow[],
      check: async (host) => ({ name: host }) as HostRow,
      sweep: () => Promise.reject(new Error('not asked')),
      trust: async (host) => ({ name: host }) as HostRow,
      pools: () => [],
      cordon: async (host) => ({ name: host }) as HostRow,
      async runOnce(host, command) {
        commands.push({ host, command })
        return { exit: 0, output: 'mended\n' }
      },
      openShell: options.openShell ?? (() => Promise.reject(new Error('not asked'))),
      onChange(listener) {
        hostListeners.add(listener)
        return () => hostListeners.delete(listener)
      },
    },
    drain,
    audit: openAudit(world.store.db, systemClock),
    asks: {
      ask: async () => null,
      answer: () => Promise.reject(new Error('not asked')),
      watch: async function* () {},
    },
    schedule: {
      next: async () => [],
      nextOf: async () => [],
      soonest: async () => new Map<string, number>(),
      occurrences: () => [],
    },
    explain,
    incidents: openIncidents({ db: world.store.db, clock: options.clock ?? systemClock, explain }),
    waves: () => waves,
    info: () => Promise.reject(new Error('not asked')),
    engine: () => world.engine,
    live: (run) => world.engine.live(run),
    isReader: options.isReader ?? false,
    onEvents: (listener) => world.engine.onEvents(listener),
    user: 'ana',
  }
  let waves = openWaves(parts, (error) => bugs.push(error))
  const client = directClient(makeApi(parts))
  return {
    bugs,
    async crash() {
      await waves.close()
      world.crash()
      waves = openWaves(parts, (error) => bugs.push(error))
      waves.recover()
    },
    world,
    logs,
    client,
    present,
    commands,
    hostChanged: (name) => {
      for (const listener of hostListeners) listener(name)
    },
    async close() {
      client.close()
      await waves.close()
      world.engine.close()
      world.store.close()
      await logs.closeFiles()
      rmSync(dir, { recursive: true })
    },
  }
}

function plannedOf(plan: RunPlan | null): PlannedNow {
  if (plan === null) throw new Error('The test set no plan.')
  return { plan, source: { file: 'pipelines/sketch.yaml', text: 'name: sketch', gitCommit: null } }
}
