import { Button } from '@mantine/core'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { RootCause } from '../../../shared/api/views.ts'
import { causeRun } from '../../../shared/run/cause-path.ts'
import { lastRemedy, selectSeq } from '../../state/run.ts'
import { useStores } from '../../state/stores.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { askOrder } from '../../state/orders.ts'
import { useRun } from './run-context.ts'
import css from './Remedies.module.css'

/** Known ways out of a failure: run one on its host, then resume. */
export function Remedies({ cause }: { cause: RootCause }) {
  const own = useRun((state) => state.view?.run ?? '')
  const run = causeRun(cause) ?? own
  return (
    <>
      {cause.remedies.map((remedy) => (
        <Remedy
          key={remedy.index}
          run={run}
          task={cause.rootTask}
          remedy={remedy}
          onResume={() => askOrder({ kind: 'resume', from: [], only: false })}
        />
      ))}
    </>
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
  const known = useKnown(run, task, remedy.title)
  const [own, setOwn] = useState<Tried>({ kind: 'no' })
  const tried = own.kind === 'no' ? known : own

  async function runIt(): Promise<void> {
    setOwn({ kind: 'busy' })
    try {
      const { exit, output } = await bridge.call('run.remedy', { run, task, index: remedy.index })
      setOwn({ kind: 'done', exit, output })
    } catch (error) {
      setOwn({ kind: 'failed', message: errorShape(error).message })
    }
  }

  const worked = tried.kind === 'done' && tried.exit === 0
  const again = tried.kind === 'done' || tried.kind === 'failed'
  return (
    <div className={css['remedy']}>
      <p className={css['title']}>{remedy.title}</p>
      <Command text={remedy.run} />
      {tried.kind === 'done' && (
        <div className={css['outcome']} data-good={worked || undefined}>
          <p role="status">
            <StateIcon look={worked ? TASK_LOOK.succeeded : TASK_LOOK.failed} silent />
            {worked
              ? `Done on ${remedy.host}.`
              : `Ended on ${remedy.host} with exit ${tried.exit ?? 'unknown'}.`}
          </p>
          {tried.output.trim() !== '' && (
            <pre aria-label="Output" tabIndex={0}>
              {tried.output.trim()}
            </pre>
          )}
          {worked && (
            <Button
              fullWidth
              autoFocus={own.kind === 'done'}
              leftSection={<Icon name="resume" size={13} />}
              onClick={onResume}
            >
              Resume the run
            </Button>
          )}
        </div>
      )}
      {tried.kind === 'failed' && (
        <div className={css['outcome']}>
          <p role="alert">
            <StateIcon look={TASK_LOOK.failed} silent />
            {tried.message}
          </p>
        </div>
      )}
      {!worked && (
        <Button
          mt={8}
          variant="light"
          leftSection={<Icon name="play" size={13} />}
          loading={tried.kind === 'busy'}
          onClick={() => void runIt()}
        >
          Run {again ? 'again ' : ''}on {remedy.host}
        </Button>
      )}
    </div>
  )
}

/** What the events tell of it since the last resume: it may have been run before this page was opened. */
function useKnown(run: string, task: string, title: string): Tried {
  const seq = useRun(selectSeq)
  const events = useRun((state) => state.events)
  return useMemo(() => {
    const ran = lastRemedy(events, task, title)
    // One of a run below is told by its own page.
    return ran === null || ran.run !== run
      ? { kind: 'no' }
      : { kind: 'done', exit: ran.exit, output: ran.output }
    // The list of events grows in place; `seq` tells that it has.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [events, seq, run, task, title])
}

/** A long command shows its first lines; the rest on demand, so that the button under it stays in sight. */
function Command({ text }: { text: string }) {
  const shown = useRef<HTMLPreElement>(null)
  const [whole, setWhole] = useState(false)
  const [long, setLong] = useState(false)
  useLayoutEffect(() => {
    const pre = shown.current as HTMLPreElement
    const sizes = new ResizeObserver(() => {
      if (!whole) setLong(pre.scrollHeight > pre.clientHeight + 1)
    })
    sizes.observe(pre)
    return () => sizes.disconnect()
  }, [whole])
  return (
    <div className={css['command']}>
      <div className={css['text']}>
        <pre ref={shown} data-cut={!whole || undefined}>
          {text}
        </pre>
        <CopyButton text={text} label="Copy the command" />
      </div>
      {long && (
        <button
          type="button"
          className={css['more']}
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
        >
          <Icon name={whole ? 'up' : 'down'} size={12} />
          {whole ? 'Show less' : 'Show the whole command'}
        </button>
      )}
    </div>
  )
}
