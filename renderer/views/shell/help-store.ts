import { createStore } from 'zustand/vanilla'

export const helpStore = createStore<{ opened: boolean }>(() => ({ opened: false }))
