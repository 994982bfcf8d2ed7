// Every store of the page, built once over one bridge.
import { createContext, useContext } from 'react'
import { createStore } from 'zustand/vanilla'
import type { Bridge, Link } from '../bridge/bridge.ts'
import { makeAsksStore, type AsksStore } from './asks.ts'
import { makeAuditStore, type AuditStore } from './audit.ts'
import { makeIncidentsStore, type IncidentsStore } from './incidents.ts'
import { makeHostsStore, type HostsStore } from './hosts.ts'
import { makePipelinesStore, type PipelinesStore } from './pipelines.ts'
import { makePoolsStore, type PoolsStore } from './pools.ts'
import { makeRunsStore, type RunsStore } from './runs.ts'
import { makeScheduleStore, type ScheduleStore } from './schedule.ts'

export interface Stores {
  bridge: Bridge
  link: ReturnType<typeof makeLinkStore>
  runs: RunsStore
  pipelines: PipelinesStore
  hosts: HostsStore
  pools: PoolsStore
  schedule: ScheduleStore
  asks: AsksStore
  audit: AuditStore
  incidents: IncidentsStore
}

export function makeStores(bridge: Bridge): Stores {
  const stores: Stores = {
    bridge,
    link: makeLinkStore(bridge),
    runs: makeRunsStore(bridge),
    pipelines: makePipelinesStore(bridge),
    hosts: makeHostsStore(bridge),
    pools: makePoolsStore(bridge),
    schedule: makeScheduleStore(bridge),
    asks: makeAsksStore(bridge),
    audit: makeAuditStore(bridge),
    incidents: makeIncidentsStore(bridge),
  }
  keepListsFresh(stores)
  return stores
}

function makeLinkStore(bridge: Bridge) {
  const store = createStore<{ link: Link }>(() => ({ link: bridge.link() }))
  bridge.onLink(() => store.setState({ link: bridge.link() }))
  return store
}

const fileLookMs = 20_000

// Lists that the engine does not stream are read again when a run has started or ended, when the window comes back, and
// now and then: files change on disk.
function keepListsFresh({ runs, pipelines, schedule }: Stores): void {
  const load = () => {
    void pipelines.load()
    void schedule.loadNext()
  }
  load()
  let planned = false
  const loadSoon = () => {
    if (planned) return
    planned = true
    setTimeout(() => {
      planned = false
      load()
    }, 300)
  }
  runs.subscribe((state, before) => {
    if (state.endings !== before.endings || state.ids !== before.ids) loadSoon()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') loadSoon()
  })
  setInterval(() => {
    if (document.visibilityState === 'visible') loadSoon()
  }, fileLookMs)
}

export const StoresContext = createContext<Stores | null>(null)

export function useStores(): Stores {
  const stores = useContext(StoresContext)
  if (stores === null) throw new Error('No stores above this component')
  return stores
}
