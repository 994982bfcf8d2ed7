import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { Change, RootCause } from '../../../shared/api/views.ts'
import { hashOf, runRoute, turn } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords } from '../../ui/time-words.ts'
import { classWords } from './class-words.ts'
import { ResumeDialog } from './ResumeDialog.tsx'
import { useRun } from './run-context.ts'
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
  return (
    <>
      <section className={css['top']}>
        <div className={css['eyebrow']}>
          <StateIcon look={TASK_LOOK.failed} silent />
          <span>Root cause</span>
          <span className={css['sure']}>{cause.confidence} confidence</span>
        </div>
        <h2 className={css['class']}>{classWords(cause.class)}</h2>
        <p className={css['summary']}>{cause.summary}</p>
        <p className={css['where']}>
          <button
            type="button"
            className={css['task']}
            onClick={() =>
              turn({ ...route, task: cause.rootTask, attempt: cause.attempt, line: null })
            }
          >
            {cause.rootTask}
          </button>
          <span>attempt {cause.attempt}</span>
          {cause.exitWords !== '' && <span>{cause.exitWords}</span>}
          {cause.transient && <span>may pass by itself</span>}
          {cause.hostLevel && <span>the host, not the task</span>}
        </p>
      </section>
      {cause.remedies.length > 0 && <Remedies cause={cause} />}
      {cause.evidence.length > 0 && (
        <Part title="Evidence">
          <ol className={css['evidence']}>
            {cause.evidence.map((line) => (
              <li key={`${line.task} ${line.line}`}>
                <button
                  type="button"
                  title={`Line ${line.line} of the log of ${line.task}`}
                  onClick={() =>
                    turn({
                      ...route,
                      task: line.task,
                      attempt: line.task === cause.rootTask ? cause.attempt : null,
                      line: line.line,
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
      <Part title="What changed" beside={<LastGood cause={cause} />}>
        <Changes changed={cause.changed} lastGood={cause.lastGoodRun !== null} />
      </Part>
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

function LastGood({ cause }: { cause: RootCause }) {
  if (cause.lastGoodRun === null) return null
  return (
    <a className={css['good']} href={hashOf(runRoute(cause.lastGoodRun))}>
      last good run
    </a>
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

function Remedies({ cause }: { cause: RootCause }) {
  const run = useRun((state) => state.view?.run ?? '')
  const [resuming, setResuming] = useState(false)
  return (
    <Part title="Way out">
      {cause.remedies.map((remedy) => (
        <Remedy
          key={remedy.index}
          run={run}
          task={cause.rootTask}
          remedy={remedy}
          onResume={() => setResuming(true)}
        />
      ))}
      <ResumeDialog opened={resuming} run={run} onClose={() => setResuming(false)} />
    </Part>
  )
}

type Tried =
  | { kind: 'no' }
  | { kind: 'busy' }
  | { kind: 'done'; exit: number | null; output: string }
  | { kind: 'failed'; message: string }

interface RemedyProps {
  run: string
  task: string
  remedy: RootCause['remedies'][number]
  onResume: () => void
}

function Remedy({ run, task, remedy, onResume }: RemedyProps) {
  const { bridge } = useStores()
  const [tried, setTried] = useState<Tried>({ kind: 'no' })

  async function runIt(): Promise<void> {
    setTried({ kind: 'busy' })
    try {
      const { exit, output } = await bridge.call('run.remedy', { run, task, index: remedy.index })
      setTried({ kind: 'done', exit, output })
    } catch (error) {
      setTried({ kind: 'failed', message: errorShape(error).message })
    }
  }

  const worked = tried.kind === 'done' && tried.exit === 0
  return (
    <div className={css['remedy']}>
      <p className={css['remedyTitle']}>{remedy.title}</p>
      <div className={css['command']}>
        <pre>{remedy.run}</pre>
        <CopyButton text={remedy.run} label="Copy the command" />
      </div>
      {tried.kind === 'done' && (
        <p className={css['outcome']} data-good={worked || undefined} role="status">
          <StateIcon look={worked ? TASK_LOOK.succeeded : TASK_LOOK.failed} silent />
          {worked ? `Done on ${remedy.host}.` : `Ended with exit ${tried.exit ?? 'unknown'}.`}
          {tried.output !== '' && <code>{tried.output.trim().slice(0, 400)}</code>}
        </p>
      )}
      {tried.kind === 'failed' && (
        <p className={css['outcome']} role="alert">
          <StateIcon look={TASK_LOOK.failed} silent />
          {tried.message}
        </p>
      )}
      <div className={css['buttons']}>
        {worked ? (
          <Button leftSection={<Icon name="resume" size={13} />} onClick={onResume}>
            Resume
          </Button>
        ) : (
          <Button
            variant="light"
            leftSection={<Icon name="play" size={13} />}
            loading={tried.kind === 'busy'}
            onClick={() => void runIt()}
          >
            Run on {remedy.host}
          </Button>
        )}
      </div>
    </div>
  )
}
