import { useStore } from 'zustand'
import type { TaskView } from '../../../shared/run/run-view.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { selectNode } from '../../state/run.ts'
import { selectRun } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { countsTotal } from '../../state/task-facts.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { lookOfRun } from '../../state/task-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { useRun } from './run-context.ts'
import css from './ChildPanel.module.css'

/** A sub-pipeline: its run, and the way there. */
export function ChildPanel({ task, child }: { task: TaskView; child: string }) {
  const { runs } = useStores()
  const pipeline = useRun(selectNode(task.task))?.pipeline ?? 'another pipeline'
  const row = useStore(runs, selectRun(child))
  return (
    <div className={css['panel']}>
      <a className={css['run']} href={hashOf(runRoute(child))}>
        <Icon name="pipelines" size={16} />
        <span>
          <strong>{pipeline}</strong>
          <span className="mono soft"> {child}</span>
        </span>
        {row !== undefined && (
          <>
            <StateBadge look={lookOfRun(row)} />
            <Progress counts={row.counts} total={countsTotal(row.counts)} />
          </>
        )}
        <span className={css['go']}>
          Open its run <Icon name="right" size={12} />
        </span>
      </a>
      {task.why !== '' && !task.why.includes(child) && <p className="soft">{task.why}</p>}
      <p className="faint">
        It is a run of its own, with its own graph, logs and cause. Resuming this run goes on with
        it
        {(task.children ?? 1) > 1 && `; it is the ${task.children}th run of this task`}.
      </p>
    </div>
  )
}
