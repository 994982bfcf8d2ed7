// Names for shell completion. A slow or failed look-up proposes nothing: a completion must never be in the way.
import type { CliContext } from './context.ts'
import { snapshotOf } from './follow-run.ts'
import { findWorkspace } from './workspace-folder.ts'
import { withSession } from './session.ts'
import { groupsOf } from '../api/task-names.ts'
import type { Client } from '../../shared/api/contract.ts'

const runsMax = 30

export async function proposePipelines(this: CliContext, partial: string): Promise<string[]> {
  try {
    const folder = findWorkspace(this)
    if (folder === null) return []
    const { loadWorkspace } = await import('../pipeline/load.ts')
    const { pipelines } = await loadWorkspace(folder)
    return startingWith(
      partial,
      pipelines.map(({ name }) => name),
    )
  } catch {
    return [] // see the head of this file
  }
}

export async function proposeRuns(this: CliContext, partial: string): Promise<string[]> {
  const runs = await ask(this, async (client) =>
    (await client.call('run.list', { limit: runsMax })).map(({ run }) => run as string),
  )
  return startingWith(partial, ['latest', ...runs])
}

/** Of the latest run: the run before it on the line is not given to a proposal. */
export async function proposeTasks(this: CliContext, partial: string): Promise<string[]> {
  const tasks = await ask(this, async (client) =>
    Object.keys((await client.call('run.get', { run: 'latest' })).view.tasks),
  )
  return startingWith(partial, tasks)
}

/** Of the latest run, with its items and groups. */
export async function proposeTasksAndGroups(this: CliContext, partial: string): Promise<string[]> {
  const names = await ask(this, async (client) => {
    const { view, graph } = await snapshotOf(client, 'latest')
    return [...groupsOf(graph), ...Object.keys(view.tasks)]
  })
  return startingWith(partial, names)
}

/** Those of the latest run that ask a person. */
export async function proposeAsks(this: CliContext, partial: string): Promise<string[]> {
  const asks = await ask(this, async (client) =>
    Object.keys((await client.call('run.get', { run: 'latest' })).view.asks ?? {}),
  )
  return startingWith(partial, asks)
}

export async function proposeWaves(this: CliContext, partial: string): Promise<string[]> {
  const waves = await ask(this, async (client) =>
    (await client.call('wave.list', { limit: runsMax })).map(({ wave }) => wave),
  )
  return startingWith(partial, ['latest', ...waves])
}

export async function proposeHosts(this: CliContext, partial: string): Promise<string[]> {
  const hosts = await ask(this, async (client) =>
    (await client.call('host.list', {})).map(({ name }) => name),
  )
  return startingWith(partial, hosts)
}

async function ask(
  context: CliContext,
  question: (client: Client) => Promise<string[]>,
): Promise<string[]> {
  try {
    return await withSession(context, { need: 'reader' }, ({ client }) => question(client))
  } catch {
    return [] // see the head of this file
  }
}

function startingWith(partial: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(partial))
}
