import { useCallback, useMemo } from 'react'
import { GraphView } from '../../graph/GraphView.tsx'
import { turn } from '../../state/route.ts'
import { selectFocus } from '../../state/run.ts'
import { useRun, useRunStore } from './run-context.ts'
import { nodeLooks } from './run-looks.ts'
import type { RunRoute } from '../../state/route.ts'

const clockMs = 1000

export function RunGraph({ route }: { route: RunRoute }) {
  const store = useRunStore()
  const graph = useRun((state) => state.graph)
  const focus = useRun(selectFocus)

  // Asked while painting, for what is on the screen only.
  const lookOf = useMemo(() => nodeLooks(store), [store])
  const onLooks = useCallback(
    (listener: () => void) => {
      const undo = store.subscribe(listener)
      const clock = setInterval(() => {
        const { counts } = store.getState()
        if ((counts.running ?? 0) + (counts.retrying ?? 0) + (counts.unknown ?? 0) > 0) listener()
      }, clockMs)
      return () => {
        undo()
        clearInterval(clock)
      }
    },
    [store],
  )
  return (
    <GraphView
      nodes={graph}
      lookOf={lookOf}
      onLooks={onLooks}
      chosen={route.task}
      focus={focus}
      onChoose={(task) => turn({ ...route, task, item: null, attempt: null, line: null })}
      label="Graph of this run"
      key={route.run}
      keepAs={`run ${route.run}`}
    />
  )
}
