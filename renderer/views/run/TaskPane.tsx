import { ActionIcon, Tooltip } from '@mantine/core'
import { useEffect, useMemo } from 'react'
import { taskKey, type AttemptView, type TaskView } from '../../../shared/run/fold.ts'
import { LogView } from '../../logs/LogView.tsx'
import { turn } from '../../state/route.ts'
import { selectNode, selectTask } from '../../state/run.ts'
import { attemptLook, attemptMs, endWords, taskHost } from '../../state/task-facts.ts'
import { useNow } from '../../state/use-now.ts'
import { Icon } from '../../ui/Icon.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { distanceWords, durationWords } from '../../ui/time-words.ts'
import { useRun } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import css from './TaskPane.module.css'

/** The chosen task: how it stands, its attempts, and the log of one of them. */
export function TaskPane({ route, task: name }: { route: RunRoute; task: string }) {
  const task = useRun(selectTask(taskKey(name, route.item)))
  const node = useRun(selectNode(name))
  const run = useRun((state) => state.view?.run ?? '')
  const explained = useRun((state) => state.explained)
  const attempt =
    task?.attempts.find((each) => each.number === route.attempt) ?? task?.attempts.at(-1)
  const jump = useMemo(() => {
    if (route.line === null) return null
    const evidence = explained.kind === 'ready' ? explained.cause.evidence : []
    const text = evidence.find((each) => each.task === name && each.line === route.line)?.text ?? ''
    return { line: route.line, text }
  }, [route.line, name, explained])

  useEscape(() => turn({ ...route, task: null, item: null, attempt: null, line: null }))

  return (
    <section className={css['pane']} aria-label={`Task ${name}`}>
      <header className={css['head']}>
        <h2 className={`${css['name']} cut`}>{taskKey(name, route.item)}</h2>
        {task !== undefined && <StateBadge look={TASK_LOOK[task.state]} />}
        <span className="soft cut">{taskHost(task, node?.host ?? '')}</span>
        {task !== undefined && <Why task={task} />}
        <span className={css['space']} />
        {task !== undefined && (
          <div className={css['attempts']} role="group" aria-label="Attempts">
            {task.attempts.map((each) => (
              <AttemptButton
                key={each.number}
                attempt={each}
                chosen={each.number === attempt?.number}
                onClick={() => turn({ ...route, attempt: each.number, line: null })}
              />
            ))}
          </div>
        )}
        <Tooltip label="Close (Esc)">
          <ActionIcon
            size="sm"
            aria-label="Close"
            onClick={() => turn({ ...route, task: null, item: null, attempt: null, line: null })}
          >
            <Icon name="close" size={14} />
          </ActionIcon>
        </Tooltip>
      </header>
      {task !== undefined && attempt !== undefined ? (
        <LogView
          address={{ run, task: name, item: route.item, attempt: attempt.number }}
          jump={jump}
        />
      ) : (
        <NotStarted task={task} command={node?.run ?? ''} needs={node?.needs ?? []} />
      )}
    </section>
  )
}

function Why({ task }: { task: TaskView }) {
  const nowMs = useNow(task.state === 'retrying')
  const last = task.attempts.at(-1)
  if (task.state === 'retrying' && task.dueAt !== null)
    return <span className="soft">runs again {distanceWords(task.dueAt, nowMs)}</span>
  const words = last?.unknownWhy ?? task.why
  return words === '' ? null : (
    <Tooltip label={words} multiline>
      <span className="faint cut">{words}</span>
    </Tooltip>
  )
}

function AttemptButton(props: { attempt: AttemptView; chosen: boolean; onClick: () => void }) {
  const { attempt, chosen, onClick } = props
  const nowMs = useNow(attempt.end === null)
  const ms = attemptMs(attempt, nowMs)
  const words = [
    attempt.host,
    attempt.end === null ? 'running' : endWords(attempt.end),
    ms === null ? '' : durationWords(ms),
  ]
  return (
    <Tooltip label={words.filter((word) => word !== '').join(', ')}>
      <button
        type="button"
        className={css['attempt']}
        aria-pressed={chosen}
        aria-label={`Attempt ${attempt.number}, ${words.join(', ')}`}
        onClick={onClick}
      >
        <StateIcon look={attemptLook(attempt)} size={12} silent />#{attempt.number}
      </button>
    </Tooltip>
  )
}

function NotStarted(props: {
  task: TaskView | undefined
  command: string
  needs: readonly string[]
}) {
  const { task, command, needs } = props
  const state = task?.state ?? 'waiting'
  const words =
    state === 'waiting'
      ? needs.length === 0
        ? 'Starts as soon as the run does.'
        : `Waits for ${needs.join(', ')}.`
      : state === 'queued'
        ? 'Ready. Waits for a free slot on its host.'
        : state === 'reused'
          ? 'Nothing ran: the result of an earlier attempt still holds.'
          : `It has not run in this run. ${task?.why ?? ''}`
  return (
    <div className={css['quiet']}>
      <p>{words}</p>
      {command !== '' && <pre className={css['command']}>{command}</pre>}
    </div>
  )
}

function useEscape(onEscape: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (document.querySelector('[role="dialog"], [data-mantine-modal]') !== null) return
      onEscape()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  })
}
