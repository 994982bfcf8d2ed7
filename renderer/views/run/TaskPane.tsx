import { Button, Tooltip } from '@mantine/core'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { taskKey, type AttemptView, type TaskView } from '../../../shared/run/run-view.ts'
import { LogView } from '../../logs/LogView.tsx'
import type { ShellSession } from '../../shell/shell-session.ts'
import { selectShell, shellKey, shellsStore } from '../../shell/shells-store.ts'
import { ShellView } from '../../shell/ShellView.tsx'
import { turn, type TaskShow } from '../../state/route.ts'
import { selectNode, selectTask } from '../../state/run.ts'
import {
  attemptLook,
  attemptMs,
  endWords,
  saidWords,
  taskHost,
  taskWhy,
} from '../../state/task-facts.ts'
import { kindOf } from '../../state/rule-words.ts'
import { itemWords } from '../../state/item-words.ts'
import { isAsking, isHeldBack, lookOfTask } from '../../state/task-look.ts'
import { alarmCount } from '../../state/snapshot-alarms.ts'
import { useNow } from '../../state/use-now.ts'
import chip from '../../ui/chip.module.css'
import { Icon, type IconName } from '../../ui/Icon.tsx'
import { Pane } from '../../ui/Pane.tsx'
import { HELD_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { dateWords, distanceWords, durationWords } from '../../ui/time-words.ts'
import { useKey } from '../../ui/use-key.ts'
import { useRun } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import { ApprovalPanel } from './ApprovalPanel.tsx'
import { AttemptPanel } from './AttemptPanel.tsx'
import { CheckpointBar } from './CheckpointBar.tsx'
import { ChildPanel } from './ChildPanel.tsx'
import { FanPanel } from './FanPanel.tsx'
import { NotStarted } from './NotStarted.tsx'
import { Placement } from './Placement.tsx'
import { TaskMenu } from './TaskMenu.tsx'
import { UnknownPanel } from './UnknownPanel.tsx'
import { useAct } from './use-act.ts'
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
    const evidence =
      explained.kind === 'ready' && explained.cause.via === undefined
        ? explained.cause.evidence
        : []
    const key = taskKey(name, route.item)
    const text = evidence.find((each) => each.task === key && each.line === route.line)?.text ?? ''
    return { line: route.line, text }
  }, [route.line, route.item, name, explained])

  useKey('t', () => {
    if (attempt !== undefined) turn({ ...route, show: 'shell' })
  })
  const close = (): void => turn({ ...route, task: null, item: null, attempt: null, line: null })

  return (
    <Pane
      low
      label={`Task ${name}`}
      onClose={close}
      head={
        <>
          <div className={css['about']}>
            <Name route={route} task={task} name={name} />
            {task !== undefined && <StateBadge look={lookOfTask(task)} />}
            <span className="soft cut">{kindOf(node) ?? taskHost(task, node?.host ?? '')}</span>
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
          {task !== undefined && <TaskMenu task={task} />}
        </>
      }
    >
      {task !== undefined && isHeldBack(task) && <HeldBar run={run} task={task} />}
      {task !== undefined && <CheckpointBar task={task} attempt={attempt?.number ?? null} />}
      {task !== undefined && attempt?.state === 'unknown' && (
        <UnknownPanel task={task} attempt={attempt} />
      )}
      {task?.fan !== undefined ? (
        <FanPanel key={name} task={task} fan={task.fan} route={route} />
      ) : task?.approval !== undefined ? (
        <ApprovalPanel task={task} />
      ) : task?.child !== undefined ? (
        <ChildPanel task={task} child={task.child} />
      ) : task === undefined || attempt === undefined ? (
        <NotStarted run={run} task={task} node={node} />
      ) : route.show === 'attempt' ? (
        <AttemptPanel task={name} attempt={attempt} />
      ) : route.show === 'shell' ? (
        <ShellView
          address={{ run, task: name, item: route.item, attempt: attempt.number }}
          host={attempt.host}
        />
      ) : (
        <>
          {(task.state === 'queued' || task.state === 'retrying') && (
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
    </Pane>
  )
}

/** Of an item, the way back to its fan-out stands before it. */
function Name(props: { route: RunRoute; task: TaskView | undefined; name: string }) {
  const { route, task, name } = props
  if (route.item === null) return <h2 className={`${css['name']} cut`}>{name}</h2>
  return (
    <h2 className={`${css['name']} cut`}>
      <button
        type="button"
        className={css['head-of']}
        title={`All items of ${name}`}
        onClick={() => turn({ ...route, item: null, attempt: null, line: null })}
      >
        {name}
      </button>
      [{route.item}]
      {task?.value !== undefined && <span className={css['value']}> {itemWords(task.value)}</span>}
    </h2>
  )
}

function Why({ task }: { task: TaskView }) {
  const nowMs = useNow(task.state === 'retrying')
  if (task.state === 'retrying' && task.dueAt !== null)
    return <span className="soft">runs again {distanceWords(task.dueAt, nowMs)}</span>
  const words = isHeldBack(task) || isAsking(task) ? '' : taskWhy(task)
  return words === '' ? null : (
    <Tooltip label={words} multiline>
      <span className="faint cut">{words}</span>
    </Tooltip>
  )
}

function HeldBar({ run, task }: { run: string; task: TaskView }) {
  const act = useAct()
  if (task.held === undefined) return null
  return (
    <section className={css['held']} aria-label="Held">
      <StateIcon look={HELD_LOOK} silent />
      <p>
        {saidWords('Held', task.held)}{' '}
        <span className="soft">· since {dateWords(task.held.at)}</span>
      </p>
      <Button
        size="xs"
        variant="default"
        onClick={() => void act('run.unhold', { run, task: task.task, item: task.item })}
      >
        Let it go
      </Button>
    </section>
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
        className={chip['chip']}
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
