// The hosts and their links, live.
import { createStore } from 'zustand/vanilla'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import type { HostRow } from '../../shared/api/views.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { onNextFrame, perFrame, type Later } from './per-frame.ts'

export interface HostsState {
  kind: 'loading' | 'error' | 'ready'
  error: ErrorShape | null
  byName: Readonly<Record<string, HostRow>>
  names: readonly string[]
}

export type HostsStore = ReturnType<typeof makeHostsStore>

export function makeHostsStore(bridge: Bridge, later: Later = onNextFrame) {
  const store = createStore<HostsState>(() => ({
    kind: 'loading',
    error: null,
    byName: {},
    names: [],
  }))
  const take = perFrame<HostRow>((rows) => store.setState((state) => withRows(state, rows)), later)
  const stop = bridge.watch(
    'host.watch',
    {},
    {
      onItem(item) {
        if (item.kind === 'row') return take(item.row)
        store.setState({
          kind: 'ready',
          error: null,
          byName: Object.fromEntries(item.rows.map((row) => [row.name, row])),
          names: item.rows.map((row) => row.name),
        })
      },
      onError: (error) => store.setState({ kind: 'error', error }),
    },
  )

  return Object.assign(store, {
    async check(host: string): Promise<HostRow> {
      const row = await bridge.call('host.check', { host })
      take(row)
      return row
    },
    async trust(host: string, fingerprint: string): Promise<HostRow> {
      const row = await bridge.call('host.trust', { host, fingerprint })
      take(row)
      return row
    },
    close: stop,
  })
}

function withRows(state: HostsState, rows: readonly HostRow[]): Partial<HostsState> {
  const byName = { ...state.byName }
  let names = state.names
  for (const row of rows) {
    if (byName[row.name] === undefined) names = [...names, row.name]
    byName[row.name] = row
  }
  return { byName, names }
}

export const selectHost = (name: string) => (state: HostsState) => state.byName[name]

/** Hosts that are down or refused, or whose key waits for a person. An idle host is fine. */
export function selectTroubledHosts(state: HostsState): readonly HostRow[] {
  return state.names
    .map((name) => state.byName[name] as HostRow)
    .filter((row) => row.link === 'down' || row.link === 'refused' || row.askFingerprint !== null)
}
