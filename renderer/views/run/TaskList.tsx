import { NativeSelect } from '@mantine/core'
import { useDeferredValue, useMemo, useState } from 'react'
import type { TaskView } from '../../../shared/run/run-view.ts'
import type { TaskState } from '../../../shared/run/states.ts'
import { turn } from '../../state/route.ts'
import { selectNode, selectTask } from '../../state/run.ts'
import { endWords, lastAttempt, taskHost, taskMs } from '../../state/task-facts.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank } from '../../ui/Blank.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { TASK_LOOK, TASK_STATE_ORDER } from '../../ui/state-look.ts'
import table from '../../ui/table.module.css'
import { durationWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { useRun, useRunStore } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import css from './TaskList.module.css'

export function TaskList({ route }: { route: RunRoute }) {
  const store = useRunStore()
  const keys = useRun((state) => state.keys)
  const counts = useRun((state) => state.counts)
  const laterCounts = useDeferredValue(counts)
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState<TaskState | ''>('')
  const shown = useMemo(() => {
    const tasks = store.getState().view?.tasks ?? {}
    const part = text.trim().toLowerCase()
    return keys.filter(
      (key) => (wanted === '' || tasks[key]?.state === wanted) && key.toLowerCase().includes(part),
    )
    // States are read from the store; `laterCounts` tells that one has changed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [store, keys, text, wanted, laterCounts])
  return (
    <div className={table['place']}>
      <div className={css['filters']}>
        <FilterField
          width={200}
          label="Filter tasks"
          placeholder="Filter tasks"
          value={text}
          onChange={setText}
        />
        <NativeSelect
          aria-label="State"
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value as TaskState | '')}
          data={[
            { value: '', label: 'All states' },
            ...TASK_STATE_ORDER.filter((state) => (counts[state] ?? 0) > 0).map((state) => ({
              value: state,
              label: `${TASK_LOOK[state].word} (${counts[state]})`,
            })),
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <Blank icon="list" title="No task fits these filters" />
      ) : (
        <VirtualRows
          label="Tasks"
          keys={shown}
          rowHeight={32}
          shown={route.task}
          head={
            <div className={`${table['head']} ${css['line']}`}>
              <span>Task</span>
              <span>State</span>
              <span className={css['middle']}>Host</span>
              <span className={table['right']}>Time</span>
              <span className={`${table['right']} ${css['wide']}`}>Attempts</span>
              <span>Why</span>
            </div>
          }
          row={(key) => <TaskRow taskKey={key} route={route} />}
        />
      )}
    </div>
  )
}

function TaskRow({ taskKey, route }: { taskKey: string; route: RunRoute }) {
  const task = useRun(selectTask(taskKey)) as TaskView
  const planned = useRun(selectNode(task.task))?.host ?? ''
  const live = task.state === 'running' || task.state === 'unknown'
  const ms = taskMs(task, useNow(live))
  const end = lastAttempt(task)?.end
  const chosen = route.task === task.task && route.item === task.item
  return (
    <button
      type="button"
      className={`${table['row']} ${css['line']}`}
      data-chosen={chosen || undefined}
      onClick={() =>
        turn({ ...route, task: task.task, item: task.item, attempt: null, line: null })
      }
    >
      <span className={`${table['strong']} cut`}>{taskKey}</span>
      <StateBadge look={TASK_LOOK[task.state]} />
      <span className={`${css['middle']} cut soft`}>{taskHost(task, planned)}</span>
      <span className={`${table['right']} num soft`}>{ms === null ? '' : durationWords(ms)}</span>
      <span className={`${table['right']} ${css['wide']} num soft`}>
        {task.attempts.length === 0 ? '' : task.attempts.length}
      </span>
      <span className="cut faint">
        {task.why ||
          lastAttempt(task)?.unknownWhy ||
          (task.state === 'failed' && end ? endWords(end) : '')}
      </span>
    </button>
  )
}
