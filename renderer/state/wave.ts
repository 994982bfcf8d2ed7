// One wave, live: the whole first, then the runs that changed.
import { createStore } from 'zustand/vanilla'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import type { Wave, WaveRun } from '../../shared/run/wave.ts'
import type { Bridge } from '../bridge/bridge.ts'

export interface WaveStoreState {
  error: ErrorShape | null
  wave: Wave | null
  runById: ReadonlyMap<string, WaveRun>
}

export type WaveStore = ReturnType<typeof openWaveStore>

/** `wave`: an id, a unique part of one, or `latest`. */
export function openWaveStore(bridge: Bridge, wave: string) {
  const store = createStore<WaveStoreState>(() => ({
    error: null,
    wave: null,
    runById: new Map(),
  }))
  const show = (now: Wave): void =>
    store.setState({
      error: null,
      wave: now,
      runById: new Map(now.runs.map((one) => [one.run, one])),
    })
  const close = bridge.watch(
    'wave.watch',
    { wave },
    {
      onItem(item) {
        if (item.kind === 'snapshot') return show(item.wave)
        const { wave: before } = store.getState()
        if (before === null) return
        const changed = new Map(item.runs.map((one) => [one.run, one]))
        show({ ...item.head, runs: before.runs.map((one) => changed.get(one.run) ?? one) })
      },
      onError: (error) => store.setState({ error }),
    },
  )
  return Object.assign(store, { close })
}
