// The ending of every command that says something to a run: what it means, and that somebody must be there to act on it.
import { printJson, printLines } from './command.ts'
import type { CliContext } from './context.ts'
import { snapshotOf } from './follow-run.ts'
import { runJson } from './run-json.ts'
import { withSession } from './session.ts'
import type { Client } from '../../shared/api/contract.ts'
import { isRunEnd } from '../../shared/run/states.ts'

export interface Deed {
  json: boolean
  act: (client: Client) => Promise<{ run: string }>
  /** `ref`: the run, as short as it may be typed. `hasEnded`: nothing comes of it until the run is resumed. */
  said: (ref: string, hasEnded: boolean) => readonly string[]
}

export async function tellDeed(context: CliContext, { json, act, said }: Deed): Promise<void> {
  await withSession(context, { need: 'engine' }, async ({ client, own }) => {
    const { run } = await act(client)
    const snapshot = await snapshotOf(client, run)
    if (json) return printJson(context, await runJson(client, snapshot))
    const hasEnded = isRunEnd(snapshot.view.state)
    printLines(context, said(run.slice(-8), hasEnded))
    if (own !== null && !hasEnded) {
      context.err.write(
        'Nothing new starts until an engine is up: sluice serve, or any sluice run.\n',
      )
    }
  })
}
