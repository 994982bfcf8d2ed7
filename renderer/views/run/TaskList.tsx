import { NativeSelect } from '@mantine/core'
import { useDeferredValue, useMemo, useState } from 'react'
import type { TaskState } from '../../../shared/run/states.ts'
import { rowsOf, rowsThatFit } from '../../state/task-rows.ts'
import { Blank } from '../../ui/Blank.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { TASK_LOOK, TASK_STATE_ORDER } from '../../ui/state-look.ts'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { numberWords } from '../../ui/time-words.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import { useRun, useRunStore } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import { TaskRow } from './TaskRow.tsx'
import css from './TaskList.module.css'

const rowPx = 32

/** Every task run: groups with their tasks, fan-outs with their items once they are opened. */
export function TaskList({ route }: { route: RunRoute }) {
  const store = useRunStore()
  const graph = useRun((state) => state.graph)
  const keys = useRun((state) => state.keys)
  const counts = useRun((state) => state.counts)
  const laterCounts = useDeferredValue(counts)
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState<TaskState | ''>('')
  // What stands otherwise than it begins: groups begin open, fan-outs closed.
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set())
  const isFiltered = wanted !== '' || text.trim() !== ''
  const rows = useMemo(() => {
    const tasks = store.getState().view?.tasks ?? {}
    if (isFiltered) return rowsThatFit(keys, tasks, { text, state: wanted })
    return rowsOf(graph, tasks, turned)
    // States are read from the store; `laterCounts` tells that one has changed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [store, graph, keys, text, wanted, turned, laterCounts])
  const shown = useMemo(() => rows.map(({ key }) => key), [rows])

  function turnOver(key: string): void {
    const next = new Set(turned)
    if (!next.delete(key)) next.add(key)
    setTurned(next)
  }

  return (
    <>
      <div className={table['filters']}>
        <FilterField
          width={200}
          label="Filter tasks"
          placeholder="Filter tasks and items"
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
              label: `${TASK_LOOK[state].word} (${numberWords(counts[state] ?? 0)})`,
            })),
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <Blank icon="list" title="No task fits these filters" />
      ) : (
        <Table
          label="Tasks"
          line={css['line']}
          keys={shown}
          rowHeight={rowPx}
          shown={route.task === null ? null : taskKey(route.task, route.item)}
          head={
            <>
              <span>Task</span>
              <span>State</span>
              <span className={css['middle']}>Host</span>
              <span className={table['right']}>Time</span>
              <span className={`${table['right']} ${css['wide']}`}>Attempts</span>
              <span>Why</span>
            </>
          }
          row={(key, index) => (
            <TaskRow
              rowKey={key}
              depth={rows[index]?.depth ?? 0}
              isWhole={isFiltered}
              isTurned={turned.has(key)}
              onTurn={() => turnOver(key)}
              route={route}
            />
          )}
        />
      )}
    </>
  )
}
