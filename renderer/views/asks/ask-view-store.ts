// Which question the dialog shows. It stays on that one until the person moves on: what is typed for one machine must
// never reach another because the list has moved.
import { createStore } from 'zustand/vanilla'
import type { AskRow } from '../../../shared/api/views.ts'

export interface AskView {
  shown: AskRow | null
}

export const askViewStore = createStore<AskView>(() => ({ shown: null }))

export function showAsk(shown: AskRow | null): void {
  askViewStore.setState({ shown })
}
