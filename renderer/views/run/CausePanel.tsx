import { Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Change, RootCause } from '../../../shared/api/views.ts'
import { parseTaskKey, taskKey } from '../../../shared/run/run-view.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords } from '../../ui/time-words.ts'
import { Alike } from './Alike.tsx'
import { classWords } from './class-words.ts'
import { sureWords } from './sure-words.ts'
import { Remedies } from './Remedies.tsx'
import { useRun } from './run-context.ts'
import { useCausePlace } from './use-cause-place.ts'
import type { RunRoute } from '../../state/route.ts'
import css from './CausePanel.module.css'

/** Why the run failed, what shows it, and the way out. */
export function CausePanel({ route }: { route: RunRoute }) {
  const explained = useRun((state) => state.explained)
  return (
    <aside className={css['panel']} aria-label="Root cause">
      {explained.kind === 'loading' && <Loading label="Looking for the cause" />}
      {explained.kind === 'error' && <ErrorBlank error={explained.error} />}
      {explained.kind === 'ready' && <Found cause={explained.cause} route={route} />}
    </aside>
  )
}

function Found({ cause, route }: { cause: RootCause; route: RunRoute }) {
  const { root, open } = useCausePlace(cause, route)
  return (
    <>
      <section className={css['top']}>
        <div className={css['eyebrow']}>
          <StateIcon look={TASK_LOOK.failed} silent />
          <span>Root cause</span>
          <Sure cause={cause} />
        </div>
        <h2 className={css['class']}>{classWords(cause.class)}</h2>
        <p className={css['summary']}>{cause.summary}</p>
        <Way cause={cause} />
        <p className={css['where']}>
          <button
            type="button"
            className="wordButton"
            onClick={() => open({ ...root, attempt: cause.attempt, line: null })}
          >
            {taskKey(root.task, root.item)}
          </button>
          {cause.attempt !== null && <span>attempt {cause.attempt}</span>}
          {cause.exitWords !== '' && <span>{cause.exitWords}</span>}
          {cause.transient && <span>may pass by itself</span>}
          {cause.hostLevel && <span>the host, not the task</span>}
        </p>
      </section>
      <Alike />
      {cause.remedies.length > 0 && (
        <Part title="Way out">
          <Remedies cause={cause} />
        </Part>
      )}
      {cause.evidence.length > 0 && (
        <Part title="Evidence">
          <ol className={css['evidence']}>
            {cause.evidence.map((line) => (
              <li key={`${line.task} ${line.line}`}>
                <button
                  type="button"
                  title={`Line ${line.line} of the log of ${line.task}`}
                  onClick={() =>
                    open({
                      ...parseTaskKey(line.task),
                      attempt: line.task === taskKey(root.task, root.item) ? cause.attempt : null,
                      line: line.line,
                      show: 'log',
                    })
                  }
                >
                  <span className={css['lineNumber']}>{line.line}</span>
                  <code>{line.text}</code>
                </button>
              </li>
            ))}
          </ol>
        </Part>
      )}
      {cause.hostLevel && <HostFacts cause={cause} route={route} />}
      {cause.attempt !== null && (
        <Part title="What changed" beside={<LastGood cause={cause} />}>
          <Changes changed={cause.changed} lastGood={cause.lastGoodRun !== null} />
        </Part>
      )}
      {!cause.hostLevel && <HostFacts cause={cause} route={route} />}
      {cause.waiting.length > 0 && (
        <Part title={`Held up by this: ${countWords(cause.waiting.length, 'task')}`}>
          <p className={css['waiting']}>
            {cause.waiting.slice(0, 12).join(', ')}
            {cause.waiting.length > 12 && ` and ${cause.waiting.length - 12} more`}
          </p>
        </Part>
      )}
      {cause.evidenceGaps.length > 0 && (
        <Part title="What would have told more">
          <ul className={css['gaps']}>
            {cause.evidenceGaps.map((gap) => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        </Part>
      )}
    </>
  )
}

/** Through the tasks that are runs of their own, down to the one that failed. */
function Way({ cause }: { cause: RootCause }) {
  const { via = [] } = cause
  if (via.length === 0) return null
  return (
    <nav className={css['way']} aria-label="Way to the run that failed">
      {via.map(({ task, run }) => (
        <span key={run}>
          {task}
          <Icon name="right" size={11} />
          <a className="mono" href={hashOf(runRoute(run))}>
            {run}
          </a>
          <Icon name="right" size={11} />
        </span>
      ))}
    </nav>
  )
}

function Sure({ cause }: { cause: RootCause }) {
  const { word, why } = sureWords(cause)
  return (
    <Tooltip label={why} multiline w={260}>
      <span className={css['sure']} role="note" tabIndex={0} aria-label={`${word}: ${why}`}>
        {word}
      </span>
    </Tooltip>
  )
}

function LastGood({ cause }: { cause: RootCause }) {
  if (cause.lastGoodRun === null) return null
  return (
    <a className={css['good']} href={hashOf(runRoute(cause.lastGoodRun))}>
      last good run
    </a>
  )
}

/** All of them where the host is the cause; elsewhere only what alarms, so that it does not outshine the cause. */
function HostFacts({ cause, route }: { cause: RootCause; route: RunRoute }) {
  if (cause.hostFacts.length === 0) return null
  const shown = cause.hostFacts.filter((fact) => cause.hostLevel || fact.isAlarming)
  return (
    <Part title="The host when it failed" beside={<SeeHost cause={cause} route={route} />}>
      {shown.length === 0 && <p className="soft">Nothing alarming was seen on it.</p>}
      <Facts wide>
        {shown.map(({ label, value, isAlarming }) => (
          <Fact
            key={`${label} ${value}`}
            name={
              <>
                {isAlarming && <Icon name="warning" size={12} />}
                {label}
              </>
            }
            {...(isAlarming && { tone: cause.hostLevel ? 'bad' : 'warn' })}
          >
            {value}
          </Fact>
        ))}
      </Facts>
    </Part>
  )
}

function SeeHost({ cause, route }: { cause: RootCause; route: RunRoute }) {
  const { root, open } = useCausePlace(cause, route)
  return (
    <button
      type="button"
      className="wordButton"
      onClick={() => open({ ...root, attempt: cause.attempt, line: null, show: 'attempt' })}
    >
      all of it
    </button>
  )
}

function Part(props: { title: string; beside?: ReactNode; children: ReactNode }) {
  return (
    <section className={css['part']}>
      <h3 className={css['partTitle']}>
        {props.title}
        {props.beside}
      </h3>
      {props.children}
    </section>
  )
}

function Changes({ changed, lastGood }: { changed: readonly Change[]; lastGood: boolean }) {
  const real = changed.filter((change) => change.what !== 'none')
  if (real.length === 0)
    return (
      <p className="soft">
        {lastGood
          ? 'Nothing Sluice can see has changed since the last good run.'
          : 'There is no good run to compare with yet.'}
      </p>
    )
  return (
    <dl className={css['changes']}>
      {real.map((change) => (
        <div key={`${change.what} ${change.task ?? ''} ${change.name}`}>
          <dt>
            <span className={css['what']}>{change.what}</span>
            {change.task !== null && <span className="soft">{change.task}</span>} {change.name}
          </dt>
          <dd>
            <del>{change.before === '' ? 'nothing' : change.before}</del>
            <ins>{change.after === '' ? 'nothing' : change.after}</ins>
          </dd>
        </div>
      ))}
    </dl>
  )
}
