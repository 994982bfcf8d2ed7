import { Tooltip } from '@mantine/core'
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { taskKey, type AttemptView, type TaskView } from '../../../shared/run/run-view.ts'
import { LogView } from '../../logs/LogView.tsx'
import type { ShellSession } from '../../shell/shell-session.ts'
import { selectShell, shellKey, shellsStore } from '../../shell/shells-store.ts'
import { ShellView } from '../../shell/ShellView.tsx'
import { turn, type TaskShow } from '../../state/route.ts'
import { selectNode, selectTask } from '../../state/run.ts'
import { attemptLook, attemptMs, endWords, taskHost } from '../../state/task-facts.ts'
import { alarmCount } from '../../state/snapshot-alarms.ts'
import { useNow } from '../../state/use-now.ts'
import { Icon, type IconName } from '../../ui/Icon.tsx'
import { isDialogOpen, isWritingIn } from '../../ui/is-writing.ts'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { distanceWords, durationWords } from '../../ui/time-words.ts'
import { Tool } from '../../ui/Tool.tsx'
import { useEscape } from '../../ui/use-escape.ts'
import { useRun } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import { AttemptPanel } from './AttemptPanel.tsx'
import { Placement } from './Placement.tsx'
import { UnknownPanel } from './UnknownPanel.tsx'
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

  useShellKey(() => {
    if (attempt !== undefined) turn({ ...route, show: 'shell' })
  })
  const close = (): void => turn({ ...route, task: null, item: null, attempt: null, line: null })
  useEscape(close)

  return (
    <section className={css['pane']} aria-label={`Task ${name}`}>
      <header className={css['head']}>
        <div className={css['about']}>
          <h2 className={`${css['name']} cut`}>{taskKey(name, route.item)}</h2>
          {task !== undefined && <StateBadge look={TASK_LOOK[task.state]} />}
          <span className="soft cut">{taskHost(task, node?.host ?? '')}</span>
          {task !== undefined && task.state !== 'unknown' && <Why task={task} />}
        </div>
        {attempt !== undefined && (
          <Shows
            route={route}
            alarms={attempt.snapshot === undefined ? 0 : alarmCount(attempt.snapshot)}
            shell={shellKey({ run, task: name, item: route.item, attempt: attempt.number })}
          />
        )}
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
        <Tool icon="close" label="Close (Esc)" onClick={close} />
      </header>
      {task !== undefined && attempt?.state === 'unknown' && (
        <UnknownPanel task={task} attempt={attempt} />
      )}
      {task === undefined || attempt === undefined ? (
        <NotStarted run={run} task={task} command={node?.run ?? ''} needs={node?.needs ?? []} />
      ) : route.show === 'attempt' ? (
        <AttemptPanel task={name} attempt={attempt} />
      ) : route.show === 'shell' ? (
        <ShellView
          address={{ run, task: name, item: route.item, attempt: attempt.number }}
          host={attempt.host}
        />
      ) : (
        <>
          {task.state === 'queued' && (
            <div className={css['waits']}>
              <Placement run={run} task={task} fallback="Waits to be tried again." />
            </div>
          )}
          <LogView
            address={{ run, task: name, item: route.item, attempt: attempt.number }}
            jump={jump}
          />
        </>
      )}
    </section>
  )
}

function Why({ task }: { task: TaskView }) {
  const nowMs = useNow(task.state === 'retrying')
  if (task.state === 'retrying' && task.dueAt !== null)
    return <span className="soft">runs again {distanceWords(task.dueAt, nowMs)}</span>
  const words = task.why
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

const shows: readonly { show: TaskShow; word: string; icon: IconName }[] = [
  { show: 'log', word: 'Log', icon: 'list' },
  { show: 'attempt', word: 'Attempt', icon: 'facts' },
  { show: 'shell', word: 'Shell', icon: 'shell' },
]

/** What of the chosen attempt is shown. */
function Shows(props: { route: RunRoute; alarms: number; shell: string }) {
  const { route, alarms, shell } = props
  const session = useStore(shellsStore, selectShell(shell))
  return (
    <div className={css['shows']} role="tablist" aria-label="What is shown of the attempt">
      {shows.map(({ show, word, icon }) => (
        <button
          key={show}
          type="button"
          role="tab"
          className={css['show']}
          aria-selected={route.show === show}
          onClick={() => turn({ ...route, show })}
        >
          <Icon name={icon} size={13} />
          {word}
          {show === 'attempt' && alarms > 0 && (
            <span className={css['alarms']} title={`${alarms} alarming values of its host`}>
              <Icon name="warning" size={12} />
              <span className="unseen">its host had {alarms} alarming values</span>
            </span>
          )}
          {show === 'shell' && session !== undefined && <OpenMark session={session} />}
        </button>
      ))}
    </div>
  )
}

function OpenMark({ session }: { session: ShellSession }) {
  const isOpen = useStore(session, ({ state }) => state.kind !== 'ended')
  if (!isOpen) return null
  return (
    <span className={css['open']} title="Open">
      <span className="unseen">open</span>
    </span>
  )
}

function NotStarted(props: {
  run: string
  task: TaskView | undefined
  command: string
  needs: readonly string[]
}) {
  const { run, task, command, needs } = props
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
      {task?.state === 'queued' ? (
        <Placement run={run} task={task} fallback={words} />
      ) : (
        <p>{words}</p>
      )}
      {command !== '' && <pre className={css['command']}>{command}</pre>}
    </div>
  )
}

/** `t`: a shell in the folder of the chosen attempt. */
function useShellKey(onKey: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== 't' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.defaultPrevented || isWritingIn(event.target) || isDialogOpen()) return
      event.preventDefault()
      onKey()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  })
}
