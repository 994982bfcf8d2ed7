// The pipelines of the workspace, read again whenever a run ends or a screen asks.
import { createStore } from 'zustand/vanilla'
import type { PipelineRow } from '../../shared/api/views.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { failed, loading, ready, type Loadable } from './loadable.ts'

export interface PipelinesState {
  rows: Loadable<readonly PipelineRow[]>
}

export type PipelinesStore = ReturnType<typeof makePipelinesStore>

export function makePipelinesStore(bridge: Bridge) {
  const store = createStore<PipelinesState>(() => ({ rows: loading }))
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    try {
      const rows = await bridge.call('pipeline.list', {})
      if (mine === asked) store.setState({ rows: ready(rows) })
    } catch (error) {
      // What was read before is still worth more than a message.
      if (mine === asked && store.getState().rows.kind !== 'ready')
        store.setState({ rows: failed(error) })
    }
  }

  return Object.assign(store, { load })
}

const noRows: readonly PipelineRow[] = []
export function selectPipelineRows(state: PipelinesState): readonly PipelineRow[] {
  return state.rows.kind === 'ready' ? state.rows.value : noRows
}

/** Those that cannot run until their file is mended. */
export function selectBrokenPipelines(state: PipelinesState): readonly PipelineRow[] {
  return selectPipelineRows(state).filter((row) => hasErrors(row.problems))
}

/** The largest one that can run shows most of what Sluice does. */
export function firstToTry(rows: readonly PipelineRow[]): PipelineRow | undefined {
  return rows
    .filter((row) => !hasErrors(row.problems))
    .toSorted((a, b) => b.taskCount - a.taskCount)[0]
}
