// What fires next, and what became of planned firings.
import { createStore } from 'zustand/vanilla'
import type { NextFire, OccurrenceRow } from '../../shared/api/views.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { failed, loading, ready, type Loadable } from './loadable.ts'

export interface ScheduleState {
  next: Loadable<readonly NextFire[]>
  occurrences: Loadable<readonly OccurrenceRow[]>
}

export type ScheduleStore = ReturnType<typeof makeScheduleStore>

export function makeScheduleStore(bridge: Bridge) {
  const store = createStore<ScheduleState>(() => ({ next: loading, occurrences: loading }))

  async function loadNext(): Promise<void> {
    try {
      store.setState({ next: ready(await bridge.call('schedule.next', { limit: 1000 })) })
    } catch (error) {
      store.setState({ next: failed(error) })
    }
  }
  async function loadOccurrences(): Promise<void> {
    try {
      const rows = await bridge.call('schedule.occurrences', { limit: 1000 })
      store.setState({ occurrences: ready(rows) })
    } catch (error) {
      store.setState({ occurrences: failed(error) })
    }
  }
  return Object.assign(store, { loadNext, loadOccurrences })
}

/** A pipeline's next time is news, its later ones are on the Schedule page. */
export function firstOfEach(fires: readonly NextFire[]): NextFire[] {
  const seen = new Set<string>()
  return fires.filter((fire) => {
    const name = `${fire.pipeline} ${fire.environment}`
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}
