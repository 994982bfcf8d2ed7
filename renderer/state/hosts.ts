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
    async cordon(
      host: string,
      state: 'open' | 'cordoned' | 'draining',
      reason: string,
    ): Promise<void> {
      take(await bridge.call('host.cordon', { host, state, reason }))
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
  return state.names.map((name) => state.byName[name] as HostRow).filter(isTroubled)
}

export function isTroubled(row: HostRow): boolean {
  return (
    row.link === 'down' ||
    row.link === 'refused' ||
    row.askFingerprint !== null ||
    row.changedKey !== null
  )
}

export interface HostFilter {
  text: string
  pool: string | null
  /** `closed`: takes no new work. */
  only: 'all' | 'trouble' | 'closed' | 'busy'
}

/** Names of the hosts that fit, in the order of the workspace. */
export function fittingHosts(state: HostsState, filter: HostFilter): readonly string[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && filter.pool === null && filter.only === 'all') return state.names
  return state.names.filter((name) => {
    const row = state.byName[name] as HostRow
    if (filter.pool !== null && !row.pools.includes(filter.pool)) return false
    if (filter.only === 'trouble' && !isTroubled(row)) return false
    if (filter.only === 'closed' && row.cordon === null) return false
    if (filter.only === 'busy' && row.used < row.slots && row.queued === 0) return false
    const whole = `${name} ${row.address} ${row.labels.join(' ')} ${row.pools.join(' ')}`
    return words.every((word) => whole.toLowerCase().includes(word))
  })
}
