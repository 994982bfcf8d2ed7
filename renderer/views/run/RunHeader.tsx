import { Button, Tooltip } from '@mantine/core'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { isRunEnd, isTaskEnd, type TaskState } from '../../../shared/run/states.ts'
import type { RunCause } from '../../../shared/run/events.ts'
import { taskKey, type RunView } from '../../../shared/run/run-view.ts'
import { hashOf, pipelineRoute, runRoute } from '../../state/route.ts'
import { selectRun } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { selectSeq } from '../../state/run.ts'
import { useNow } from '../../state/use-now.ts'
import { countsTotal } from '../../state/task-facts.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Progress } from '../../ui/Progress.tsx'
import { PAUSED_LOOK, RUN_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { countWords, distanceWords, durationWords, exactWords } from '../../ui/time-words.ts'
import { causeWords } from '../../state/run-words.ts'
import { askOrder } from '../../state/orders.ts'
import { useRun } from './run-context.ts'
import { RunMenu } from './RunMenu.tsx'
import css from './RunHeader.module.css'

export function RunHeader() {
  useRun(selectSeq)
  const view = useRun((state) => state.view) as RunView
  const counts = useRun((state) => state.counts)
  const ended = isRunEnd(view.state)
  const { pipeline, state } = view
  useEffect(() => {
    document.title = `${pipeline}: ${RUN_LOOK[state].word} · Sluice`
  }, [pipeline, state])
  const resumable = view.state === 'failed' || view.state === 'cancelled'
  const params = Object.entries(view.params)
  return (
    <header className={css['head']}>
      <div className={css['line']}>
        {view.cause.kind === 'parent' && <Parent cause={view.cause} />}
        <h1 className={css['title']}>
          <a href={hashOf(pipelineRoute(view.pipeline))}>{view.pipeline}</a>
          <span className={css['slash']}>/</span>
          <span className={`${css['id']} mono`}>{view.run}</span>
        </h1>
        <span role="status">
          <StateBadge
            look={!ended && view.paused !== undefined ? PAUSED_LOOK : RUN_LOOK[view.state]}
            boxed
          />
        </span>
        {!ended && <Rest view={view} />}
        {view.cancelAsked !== null && !ended && <span className={css['asked']}>Cancelling…</span>}
        <span className={css['space']} />
        {!ended && (
          <Button
            variant="default"
            leftSection={<Icon name="stop" size={13} />}
            disabled={view.cancelAsked !== null}
            onClick={() => askOrder({ kind: 'cancel' })}
          >
            Cancel
          </Button>
        )}
        {resumable && (
          <Button
            leftSection={<Icon name="resume" size={13} />}
            onClick={() => askOrder({ kind: 'resume', from: [], only: false })}
          >
            Resume
          </Button>
        )}
        <RunMenu view={view} />
      </div>
      <div className={css['facts']}>
        <Elapsed view={view} />
        <span>{view.environment}</span>
        <Tooltip label={exactWords(view.createdAt)}>
          <span>{view.cause.kind === 'parent' ? 'sub-pipeline' : causeWords(view.cause)}</span>
        </Tooltip>
        <Tooltip label={`Version ${view.version}`}>
          <span className="mono">{view.version.slice(0, 8)}</span>
        </Tooltip>
        {view.resumes > 0 && (
          <span>resumed {view.resumes === 1 ? 'once' : `${view.resumes} times`}</span>
        )}
        {params.length > 0 && (
          <span className={`${css['params']} mono cut`}>
            {params.map(([name, value]) => `${name}=${String(value)}`).join('  ')}
          </span>
        )}
        <span className={css['space']} />
        <Progress counts={counts} total={countsTotal(counts)} wide />
      </div>
    </header>
  )
}

/** The way back to the run that this one is a part of. */
function Parent({ cause }: { cause: Extract<RunCause, { kind: 'parent' }> }) {
  const { runs } = useStores()
  const pipeline = useStore(runs, selectRun(cause.run))?.pipeline ?? cause.run
  const { task, item } = cause
  return (
    <nav className={css['parent']} aria-label="Part of">
      <a href={hashOf(runRoute(cause.run, { task, item }))} title={`Run ${cause.run}`}>
        <Icon name="left" size={12} />
        <span className="cut">{pipeline}</span>
        <span className={css['slash']}>/</span>
        <span className="cut">{taskKey(task, item)}</span>
      </a>
      <span className={css['slash']}>›</span>
    </nav>
  )
}

/** Every task has ended, and the run has not: the rest of a log is on a host that is out of reach. */
function Rest({ view }: { view: RunView }) {
  const counts = useRun((state) => state.counts)
  const states = Object.keys(counts) as TaskState[]
  // Looking at every attempt is for runs that stand still.
  if (states.length === 0 || !states.every(isTaskEnd)) return null
  const logs = Object.values(view.tasks)
    .flatMap(({ attempts }) => attempts)
    .filter(({ log }) => log === null).length
  if (logs === 0) return null
  return (
    <Tooltip label="Its host is out of reach. After 10 minutes the run ends with what is here.">
      <span className={css['asked']}>Waits for the rest of {countWords(logs, 'log')}</span>
    </Tooltip>
  )
}

function Elapsed({ view }: { view: RunView }) {
  const live = !isRunEnd(view.state)
  const nowMs = useNow(live)
  if (view.startedAt === null)
    return <span className="num">created {distanceWords(view.createdAt, nowMs)}</span>
  const end = view.endedAt ?? Math.max(nowMs, view.startedAt)
  return (
    <Tooltip label={`Started ${exactWords(view.startedAt)}`}>
      <span className={`${css['elapsed']} num`}>{durationWords(end - view.startedAt)}</span>
    </Tooltip>
  )
}
