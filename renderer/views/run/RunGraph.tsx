import { useCallback } from 'react'
import { GraphView } from '../../graph/GraphView.tsx'
import type { NodeLook } from '../../graph/paint.ts'
import { turn } from '../../state/route.ts'
import { selectFocus } from '../../state/run.ts'
import { taskDetail } from '../../state/task-facts.ts'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { useRun, useRunStore } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'

const clockMs = 1000

export function RunGraph({ route }: { route: RunRoute }) {
  const store = useRunStore()
  const graph = useRun((state) => state.graph)
  const focus = useRun(selectFocus)

  // Asked while painting, for what is on the screen only.
  const lookOf = useCallback(
    (name: string): NodeLook => {
      const { view, nodeByName } = store.getState()
      const task = view?.tasks[name]
      return {
        look: TASK_LOOK[task?.state ?? 'waiting'],
        detail: () => taskDetail(task, nodeByName.get(name)?.host ?? '', Date.now()),
        attempts: task?.attempts.length ?? 0,
      }
    },
    [store],
  )
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
    />
  )
}
