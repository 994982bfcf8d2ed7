// How many things wait for a person: questions of sign-ins and of runs, failed runs, unknown outcomes, hosts in trouble, files with errors.
import { useStore } from 'zustand'
import { selectAsks } from './asks.ts'
import { selectTroubledHosts } from './hosts.ts'
import { selectBrokenPipelines } from './pipelines.ts'
import { selectAskingIds, selectNeedsYouIds, selectUnknownIds } from './runs.ts'
import { useStores } from './stores.ts'

export function useNeedsCount(): number {
  const { runs, hosts, pipelines, asks } = useStores()
  const failed = useStore(runs, (state) => selectNeedsYouIds(state).length)
  const troubled = useStore(hosts, (state) => selectTroubledHosts(state).length)
  const broken = useStore(pipelines, (state) => selectBrokenPipelines(state).length)
  const unknown = useStore(runs, (state) => selectUnknownIds(state).length)
  const asking = useStore(runs, (state) => selectAskingIds(state).length)
  const asked = useStore(asks, (state) => selectAsks(state).length)
  return asked + asking + failed + unknown + troubled + broken
}
