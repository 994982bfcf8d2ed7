// Awaits a store or a call without sleeping.
interface Watchable<State> {
  getState(): State
  subscribe(listener: (state: State) => void): () => void
}

export function until<State>(
  store: Watchable<State>,
  holds: (state: State) => boolean,
): Promise<State> {
  return new Promise((resolve) => {
    const look = (state: State) => {
      if (!holds(state)) return
      undo()
      resolve(state)
    }
    const undo = store.subscribe(look)
    look(store.getState())
  })
}

/** Stands for the page's frames: the next microtask. */
export const atOnce = (work: () => void): void => queueMicrotask(work)
