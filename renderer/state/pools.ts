// The pools, read again while a screen shows them: the engine does not stream them.
import { createStore } from 'zustand/vanilla'
import type { PoolRow } from '../../shared/api/views.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { failed, loading, ready, type Loadable } from './loadable.ts'

export interface PoolsState {
  rows: Loadable<readonly PoolRow[]>
}

export type PoolsStore = ReturnType<typeof makePoolsStore>

export function makePoolsStore(bridge: Bridge) {
  const store = createStore<PoolsState>(() => ({ rows: loading }))
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    try {
      const rows = await bridge.call('pool.list', {})
      if (mine === asked) store.setState({ rows: ready(rows) })
    } catch (error) {
      // What was read before is still worth more than a message.
      if (mine === asked && store.getState().rows.kind !== 'ready')
        store.setState({ rows: failed(error) })
    }
  }

  return Object.assign(store, { load })
}

const noRows: readonly PoolRow[] = []
export function selectPools(state: PoolsState): readonly PoolRow[] {
  return state.rows.kind === 'ready' ? state.rows.value : noRows
}
