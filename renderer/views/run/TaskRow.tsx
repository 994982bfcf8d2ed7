import type { CSSProperties, ReactNode } from 'react'
import { useShallow } from 'zustand/react/shallow'
import type { TaskView } from '../../../shared/run/run-view.ts'
import { turn, type RunRoute } from '../../state/route.ts'
import { selectNode, selectTask } from '../../state/run.ts'
import { endWords, lastAttempt, taskHost, taskMs, taskWhy } from '../../state/task-facts.ts'
import { lookOfTask } from '../../state/task-look.ts'
import { countsOfGroup, groupOfKey, stateOfGroup, type Counts } from '../../state/task-rows.ts'
import { itemWords } from '../../state/item-words.ts'
import { useNow } from '../../state/use-now.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Tag } from '../../ui/Tag.tsx'
import table from '../../ui/table.module.css'
import { durationWords } from '../../ui/time-words.ts'
import { countsTotal } from '../../state/task-facts.ts'
import { kindOf, ruleWords } from '../../state/rule-words.ts'
import { useRun } from './run-context.ts'
import css from './TaskList.module.css'

interface Props {
  rowKey: string
  depth: number
  /** It stands without what is around it, so it says its whole name. */
  isWhole: boolean
  /** It stands otherwise than it began. */
  isTurned: boolean
  onTurn: () => void
  route: RunRoute
}

export function TaskRow(props: Props) {
  const group = groupOfKey(props.rowKey)
  return group === null ? <OneTask {...props} /> : <GroupRow {...props} group={group} />
}

function GroupRow({ group, depth, isTurned, onTurn }: Props & { group: string }) {
  const counts: Counts = useRun(
    useShallow(({ graph, view }) => countsOfGroup(graph, view?.tasks ?? {}, group)),
  )
  const state = useRun(({ graph, view }) => stateOfGroup(graph, view?.tasks ?? {}, group))
  return (
    <div className={`${table['row']} ${css['line']} ${css['group']}`}>
      <span className={css['name']} style={indent(depth)}>
        <Turner name={`group ${group}`} isOpen={!isTurned} onTurn={onTurn} isMain />
        <span className={`${table['strong']} cut`}>{group.slice(group.lastIndexOf('.') + 1)}</span>
      </span>
      <StateBadge look={TASK_LOOK[state]} />
      <span className={css['rest']}>
        <Progress counts={counts} total={countsTotal(counts)} />
      </span>
    </div>
  )
}

function OneTask({ rowKey, depth, isWhole, isTurned, onTurn, route }: Props) {
  const task = useRun(selectTask(rowKey)) as TaskView
  const node = useRun(selectNode(task.task))
  const live = (task.state === 'running' || task.state === 'unknown') && task.attempts.length > 0
  const ms = taskMs(task, useNow(live))
  const chosen = route.task === task.task && route.item === task.item
  const tag = node === undefined || task.item !== null ? '' : ruleWords(node)
  const name =
    isWhole || task.item !== null ? rowKey : rowKey.slice((node?.group?.length ?? -1) + 1)
  return (
    <div className={`${table['row']} ${css['line']}`}>
      <span className={css['name']} style={indent(depth)}>
        <button
          type="button"
          className={`${css['open']} ${table['whole']} ${table['strong']} cut`}
          aria-current={chosen || undefined}
          onClick={() =>
            turn({ ...route, task: task.task, item: task.item, attempt: null, line: null })
          }
        >
          {task.item !== null && !isWhole ? `[${task.item}]` : name}
          {task.value !== undefined && (
            <span className={css['value']}> {itemWords(task.value)}</span>
          )}
        </button>
        {tag !== '' && <Tag word={tag} />}
        {task.fan !== undefined && !isWhole && (
          <Turner name={`items of ${rowKey}`} isOpen={isTurned} onTurn={onTurn} />
        )}
      </span>
      <StateBadge look={lookOfTask(task)} />
      {task.fan !== undefined ? (
        <span className={css['rest']}>
          <Progress counts={task.fan.counts} total={task.fan.list.length} />
          <span className="cut faint">{taskWhy(task)}</span>
        </span>
      ) : (
        <Facts task={task} place={kindOf(node) ?? taskHost(task, node?.host ?? '')} ms={ms} />
      )}
    </div>
  )
}

function Facts({
  task,
  place,
  ms,
}: {
  task: TaskView
  place: string
  ms: number | null
}): ReactNode {
  const last = lastAttempt(task)
  const why =
    taskWhy(task) ||
    last?.unknownWhy ||
    (task.state === 'failed' && last?.end ? endWords(last.end) : '')
  return (
    <>
      <span className={`${css['middle']} cut soft`}>{place}</span>
      <span className={`${table['right']} num soft`}>{ms === null ? '' : durationWords(ms)}</span>
      <span className={`${table['right']} ${css['wide']} num soft`}>
        {task.attempts.length === 0 ? '' : task.attempts.length}
      </span>
      <span className="cut faint" title={why}>
        {why}
      </span>
    </>
  )
}

function Turner(props: { name: string; isOpen: boolean; onTurn: () => void; isMain?: boolean }) {
  const { name, isOpen, onTurn, isMain = false } = props
  return (
    <button
      type="button"
      className={css['turner']}
      data-main={isMain || undefined}
      aria-expanded={isOpen}
      aria-label={`${isOpen ? 'Close' : 'Open'} ${name}`}
      onClick={onTurn}
    >
      <Icon name={isOpen ? 'down' : 'right'} size={12} />
    </button>
  )
}

const indent = (depth: number): CSSProperties => ({ paddingLeft: depth * 18 })
