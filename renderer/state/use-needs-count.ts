// How many things wait for a person: failed runs, hosts in trouble, files with errors.
import { useStore } from 'zustand'
import { selectTroubledHosts } from './hosts.ts'
import { selectBrokenPipelines } from './pipelines.ts'
import { selectNeedsYouIds } from './runs.ts'
import { useStores } from './stores.ts'

export function useNeedsCount(): number {
  const { runs, hosts, pipelines } = useStores()
  const failed = useStore(runs, (state) => selectNeedsYouIds(state).length)
  const troubled = useStore(hosts, (state) => selectTroubledHosts(state).length)
  const broken = useStore(pipelines, (state) => selectBrokenPipelines(state).length)
  return failed + troubled + broken
}
