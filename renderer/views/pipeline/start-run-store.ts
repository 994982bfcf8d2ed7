// Which pipeline's run form is open, wherever it was asked for.
import { createStore } from 'zustand/vanilla'

export const startRunStore = createStore<{ pipeline: string | null }>(() => ({ pipeline: null }))

export function askToRun(pipeline: string): void {
  startRunStore.setState({ pipeline })
}
