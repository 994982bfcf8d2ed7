// The ending of every command that says something to a run: what it means, and that somebody must be there to act on it.
import { printJson, printLines } from './command.ts'
import type { CliContext } from './context.ts'
import { snapshotOf } from './follow-run.ts'
import { runJson } from './run-json.ts'
import { withSession } from './session.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { GraphNode } from '../../shared/api/views.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'

export interface Deed {
  json: boolean
  act: (client: Client) => Promise<{ run: string }>
  said: (done: DeedDone) => readonly string[] | Promise<readonly string[]>
}

/** The run as it is after the deed. */
export interface DeedDone {
  client: Client
  /** The run, as short as it may be typed. */
  ref: string
  hasEnded: boolean
  view: RunView
  graph: readonly GraphNode[]
}

export async function tellDeed(context: CliContext, { json, act, said }: Deed): Promise<void> {
  await withSession(context, { need: 'engine' }, async ({ client, own }) => {
    const { run } = await act(client)
    const snapshot = await snapshotOf(client, run)
    if (json) return printJson(context, await runJson(client, snapshot))
    const { view, graph } = snapshot
    const hasEnded = isRunEnd(view.state)
    printLines(context, await said({ client, ref: run.slice(-8), hasEnded, view, graph }))
    if (own !== null && !hasEnded) {
      context.err.write(
        'Nothing new starts until an engine is up: sluice serve, or any sluice run.\n',
      )
    }
  })
}
