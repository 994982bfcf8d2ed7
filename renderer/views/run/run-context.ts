// The run that a page shows, for the parts of that page.
import { createContext, useContext, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { openRunStore, type RunStore, type RunStoreState } from '../../state/run.ts'
import { useStores } from '../../state/stores.ts'

export const RunContext = createContext<RunStore | null>(null)

export function useRunStore(): RunStore {
  const store = useContext(RunContext)
  if (store === null) throw new Error('No run above this component')
  return store
}

export function useRun<Part>(select: (state: RunStoreState) => Part): Part {
  return useStore(useRunStore(), select)
}

/** Watches a run for as long as the caller is on the screen. */
export function useOpenRun(run: string): RunStore | null {
  const { bridge } = useStores()
  const [opened, setOpened] = useState<{ run: string; store: RunStore } | null>(null)
  useEffect(() => {
    const store = openRunStore(bridge, run)
    // A store opens a stream, and a render may not.
    // oxlint-disable-next-line react/set-state-in-effect
    setOpened({ run, store })
    return () => store.close()
  }, [bridge, run])
  return opened?.run === run ? opened.store : null
}
