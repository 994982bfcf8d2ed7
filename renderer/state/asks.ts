// The questions of logins that wait for a person, live. Answers pass through and are kept nowhere.
import { createStore } from 'zustand/vanilla'
import type { AskRow } from '../../shared/api/views.ts'
import type { Bridge } from '../bridge/bridge.ts'

export interface AsksState {
  /** Oldest first: they are answered in the order they came. */
  asks: readonly AskRow[]
}

export type AsksStore = ReturnType<typeof makeAsksStore>

export function makeAsksStore(bridge: Bridge) {
  const store = createStore<AsksState>(() => ({ asks: [] }))
  const stop = bridge.watch(
    'ask.watch',
    {},
    {
      onItem: ({ asks }) =>
        store.setState({ asks: asks.toSorted((a, b) => a.askedAt - b.askedAt) }),
      // An engine that only reads asks nothing.
      onError: () => store.setState({ asks: [] }),
    },
  )

  return Object.assign(store, {
    /** `answer` null: the person gives up. */
    async answer(id: string, answer: string | null, remember = false): Promise<void> {
      await bridge.call('ask.answer', { id, answer, remember })
    },
    close: stop,
  })
}

export const selectAsks = (state: AsksState): readonly AskRow[] => state.asks
