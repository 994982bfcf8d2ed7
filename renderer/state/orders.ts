// What a person may ask of a run or of one of its task runs, and which of these asks stands open on the page.
import { createStore } from 'zustand/vanilla'
import type { MarkedState } from '../../shared/run/events.ts'

export interface WhichTask {
  task: string
  item: number | null
}

export type Order =
  | { kind: 'cancel' }
  | { kind: 'pause' }
  /** `after` null: nothing more starts from this moment on. */
  | { kind: 'stop'; after: string | null }
  | ({ kind: 'hold' } & WhichTask)
  | ({ kind: 'mark'; as: MarkedState } & WhichTask)
  | ({ kind: 'answer' } & WhichTask)
  /** `from`: keys of task runs; empty: from the failures. */
  | { kind: 'resume'; from: readonly string[]; only: boolean }

export const orderStore = createStore<{ order: Order | null }>(() => ({ order: null }))

export function askOrder(order: Order): void {
  orderStore.setState({ order })
}

export function dropOrder(): void {
  orderStore.setState({ order: null })
}
