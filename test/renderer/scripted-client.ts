// A client that answers from a world in memory, and tells what is published in it to those who watch.
import type { AskRow, HostRow } from '../../shared/api/views.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { scriptedApi, type Answers, type ScriptedApi } from './scripted-api.ts'
import { makeFeeds } from './scripted-feeds.ts'
import { hostAnswers } from './scripted-hosts.ts'
import { logAnswers } from './scripted-logs.ts'
import type { ScriptedRun } from './scripted-run.ts'
import { runAnswers } from './scripted-runs.ts'
import { shellAnswers } from './scripted-shells.ts'
import { waveAnswers } from './scripted-waves.ts'
import type { World } from './scripted-world.ts'

export interface ScriptedClient extends ScriptedApi {
  world: World
  /** Tells watchers what was told to a run. */
  publish(run: ScriptedRun, events: readonly RunEvent[]): void
  publishHost(row: HostRow): void
  publishHosts(rows: readonly HostRow[]): void
  publishAsks(asks: AskRow[]): void
}

export function scriptedClient(world: World): ScriptedClient {
  const feeds = makeFeeds()
  const runs = runAnswers(world, feeds)
  const hosts = hostAnswers(world, feeds)
  const { publish } = runs
  const { publishHost, publishHosts, publishAsks } = hosts
  const api = scriptedApi({
    ...restAnswers(world),
    ...runs.answers,
    ...hosts.answers,
    ...logAnswers(world, feeds, (run, task) => runs.find(run).view.tasks[task]),
    ...shellAnswers(feeds),
    ...waveAnswers(world, feeds, runs.find),
  })
  return { ...api, world, publish, publishHost, publishHosts, publishAsks }
}

const restAnswers = (world: World): Answers => ({
  'system.info': () => ({
    version: '0.1.0',
    home: '/home/mara/.local/share/sluice',
    workspace: '/home/mara/work/shop-data',
    environments: ['dev', 'prod'],
    defaultEnvironment: 'dev',
    face: 'serve',
    pid: 4711,
  }),
  'audit.list': ({ before, limit }) =>
    world.audit.filter((row) => before === null || row.seq < before).slice(0, limit),
  'audit.verify': () => ({ rows: world.audit.length, brokenAt: null }),
  'schedule.next': () => world.fires,
  'schedule.occurrences': () => world.occurrences,
})
