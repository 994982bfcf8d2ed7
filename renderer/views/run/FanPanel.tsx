import { useDeferredValue, useMemo, useState } from 'react'
import type { FanView, TaskView } from '../../../shared/run/run-view.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import type { TaskState } from '../../../shared/run/states.ts'
import { itemWords } from '../../state/item-words.ts'
import { turn, type RunRoute } from '../../state/route.ts'
import { selectTask } from '../../state/run.ts'
import { endWords, lastAttempt, taskHost, taskMs, taskWhy } from '../../state/task-facts.ts'
import { lookOfTask } from '../../state/task-look.ts'
import { countsWords } from '../../state/task-rows.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank } from '../../ui/Blank.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { RowButton } from '../../ui/RowButton.tsx'
import { TASK_LOOK, TASK_STATE_ORDER } from '../../ui/state-look.ts'
import chip from '../../ui/chip.module.css'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { StateIcon } from '../../ui/StateIcon.tsx'
import table from '../../ui/table.module.css'
import { durationWords, numberWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { useRun, useRunStore } from './run-context.ts'
import css from './FanPanel.module.css'

const rowPx = 30

/** A fan-out: how its items stand, and each of them. */
export function FanPanel({ task, fan, route }: { task: TaskView; fan: FanView; route: RunRoute }) {
  const store = useRunStore()
  const later = useDeferredValue(fan)
  const [wanted, setWanted] = useState<TaskState | null>(null)
  const [text, setText] = useState('')
  const keys = useMemo(() => {
    const tasks = store.getState().view?.tasks ?? {}
    const part = text.trim().toLowerCase()
    return [...later.list.entries()].flatMap(([index, value]) => {
      const key = taskKey(task.task, index)
      if (wanted !== null && tasks[key]?.state !== wanted) return []
      if (part !== '' && !`[${index}] ${itemWords(value).toLowerCase()}`.includes(part)) return []
      return [key]
    })
  }, [store, later, wanted, text, task.task])
  if (fan.list.length === 0)
    return <Blank icon="items" title="Its list is empty, so there was nothing to run" />
  return (
    <div className={css['panel']}>
      <div className={css['head']}>
        <Progress counts={fan.counts} total={fan.list.length} wide />
        <span className="unseen">{countsWords(fan.counts)}</span>
        <div className={css['states']} role="group" aria-label="States to show">
          {TASK_STATE_ORDER.filter((state) => (fan.counts[state] ?? 0) > 0).map((state) => (
            <button
              key={state}
              type="button"
              className={chip['chip']}
              aria-pressed={wanted === state}
              onClick={() => setWanted(wanted === state ? null : state)}
            >
              <StateIcon look={TASK_LOOK[state]} size={12} silent />
              {TASK_LOOK[state].word} {numberWords(fan.counts[state] ?? 0)}
            </button>
          ))}
        </div>
        <FilterField
          width={150}
          label="Filter items"
          placeholder="Filter items"
          value={text}
          onChange={setText}
        />
      </div>
      {keys.length === 0 ? (
        <Blank icon="items" title="No item fits these filters" />
      ) : (
        <VirtualRows
          label={`Items of ${task.task}`}
          keys={keys}
          rowHeight={rowPx}
          row={(key) => <ItemRow taskKey={key} route={route} />}
        />
      )}
    </div>
  )
}

function ItemRow({ taskKey: key, route }: { taskKey: string; route: RunRoute }) {
  const item = useRun(selectTask(key))
  const live = item?.state === 'running' || item?.state === 'unknown'
  const nowMs = useNow(live)
  if (item === undefined) return null
  const ms = taskMs(item, nowMs)
  const end = lastAttempt(item)?.end
  const why = taskWhy(item) || (item.state === 'failed' && end ? endWords(end) : '')
  return (
    <RowButton
      line={css['line']}
      onPress={() => turn({ ...route, item: item.item, attempt: null, line: null })}
    >
      <span className="num faint">[{item.item}]</span>
      <span className={`${table['strong']} cut`}>
        {item.value === undefined ? '' : itemWords(item.value)}
      </span>
      <StateBadge look={lookOfTask(item)} />
      <span className="cut soft">{taskHost(item, '')}</span>
      <span className={`${table['right']} num soft`}>{ms === null ? '' : durationWords(ms)}</span>
      <span className="cut faint" title={why}>
        {why}
      </span>
    </RowButton>
  )
}
