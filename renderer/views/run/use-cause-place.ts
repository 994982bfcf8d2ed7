// Leads to what a cause is about: on this page, or on that of the run below in which the cause lies.
import { useMemo } from 'react'
import type { RootCause } from '../../../shared/api/views.ts'
import { causeRun } from '../../../shared/run/cause-path.ts'
import { deepRootOf, rootRunOf } from '../../state/root-run.ts'
import { go, runRoute, turn, type RunRoute } from '../../state/route.ts'
import { useRunStore } from './run-context.ts'

export interface CausePlace {
  root: { task: string; item: number | null }
  open: (part: Partial<RunRoute>) => void
}

export function useCausePlace(cause: RootCause, route: RunRoute): CausePlace {
  const store = useRunStore()
  return useMemo(() => {
    const below = causeRun(cause)
    if (below !== null)
      return { root: deepRootOf(cause), open: (part) => go(runRoute(below, part)) }
    const root = rootRunOf(cause, store.getState().view?.tasks ?? {})
    return { root, open: (part) => turn({ ...route, ...part }) }
  }, [store, cause, route])
}
