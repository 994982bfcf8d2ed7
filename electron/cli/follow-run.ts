// Watches one run to its end, whoever the engine is. The view is folded here from the events, as every screen does it.
import type { Client } from '../../shared/api/contract.ts'
import type { GraphNode, RunWatch } from '../../shared/api/views.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { foldEvent } from '../../shared/run/fold.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'

export interface FollowedRun {
  view: RunView
  graph: readonly GraphNode[]
}

export interface FollowOptions {
  client: Client
  run: string
  /** First with no events, then after each batch. */
  onChange: (run: FollowedRun, events: readonly RunEvent[]) => void
  signal: AbortSignal
}

/** The run at its end, or as it was when the signal was aborted; null when that came before the first look. */
export async function followRun(options: FollowOptions): Promise<FollowedRun | null> {
  const { client, run, onChange, signal } = options
  let followed: FollowedRun | null = null
  for await (const message of client.stream('run.watch', { run }, signal)) {
    if (message.kind === 'snapshot') {
      followed = { view: message.view, graph: message.graph }
      onChange(followed, [])
    } else if (followed !== null) {
      for (const event of message.events) foldEvent(followed.view, event)
      onChange(followed, message.events)
    }
    if (followed !== null && isRunEnd(followed.view.state)) return followed
  }
  return followed
}

export async function snapshotOf(
  client: Client,
  run: string,
): Promise<Extract<RunWatch, { kind: 'snapshot' }>> {
  for await (const message of client.stream('run.watch', { run })) {
    if (message.kind === 'snapshot') return message
  }
  throw new Error('A watch of a run must begin with its snapshot.')
}
