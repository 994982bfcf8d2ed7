import type { GraphNode } from '../../../shared/api/views.ts'
import type { TaskView } from '../../../shared/run/run-view.ts'
import { isTaskEnd } from '../../../shared/run/states.ts'
import { startSentences } from '../../state/rule-words.ts'
import { CommandText } from '../../ui/CommandText.tsx'
import { Placement } from './Placement.tsx'
import css from './TaskPane.module.css'

interface Props {
  run: string
  task: TaskView | undefined
  node: GraphNode | undefined
}

/** A task run without an attempt: what it waits for, or why it never ran, and what it would do. */
export function NotStarted({ run, task, node }: Props) {
  const state = task?.state ?? 'waiting'
  const words = notStartedWords(task, node)
  const rules = node === undefined ? [] : startSentences(node)
  return (
    <div className={css['quiet']}>
      {task !== undefined && !isTaskEnd(state) ? (
        <Placement key={state} run={run} task={task} fallback={words} />
      ) : (
        <p>{words}</p>
      )}
      {rules.length > 0 && (
        <ul className={css['rules']} aria-label="When it starts">
          {rules.map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      )}
      {node !== undefined && node.run !== '' && <CommandText text={node.run} />}
    </div>
  )
}

function notStartedWords(task: TaskView | undefined, node: GraphNode | undefined): string {
  const needs = node?.needs ?? []
  switch (task?.state ?? 'waiting') {
    case 'waiting':
      if (needs.length === 0) return 'Starts as soon as the run does.'
      return `Waits for ${needs.join(', ')}.`
    case 'queued':
      return 'Ready. Waits for a free slot on its host.'
    case 'reused':
      return 'Nothing ran: the result of an earlier attempt still holds.'
    case 'skipped':
      return `Skipped: ${task?.why === undefined || task.why === '' ? 'nothing led to it' : task.why}.`
    case 'running':
      return 'It is about to begin.'
    default:
      return task?.why === undefined || task.why === ''
        ? 'It has not run in this run.'
        : `It has not run in this run: ${task.why}.`
  }
}
