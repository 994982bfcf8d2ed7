import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { parseTaskKey, type RunView } from '../../../shared/run/run-view.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { askOrder } from '../../state/orders.ts'
import { hashOf, runRoute, turn, type RunRoute } from '../../state/route.ts'
import { selectSeq } from '../../state/run.ts'
import { saidWords } from '../../state/task-facts.ts'
import { APPROVAL_LOOK, PAUSED_LOOK, TASK_LOOK, type Look } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { dateWords } from '../../ui/time-words.ts'
import { useAct } from './use-act.ts'
import { useRun } from './run-context.ts'
import css from './RunBanners.module.css'

const asksMax = 2

/** What a run waits for from people: answers, or a word that it may go on. */
export function RunBanners({ route }: { route: RunRoute }) {
  useRun(selectSeq)
  const view = useRun((state) => state.view) as RunView
  const act = useAct()
  if (isRunEnd(view.state)) return null
  const asks = Object.entries(view.asks ?? {})
  const { paused, stopAsked } = view
  return (
    <>
      {asks.slice(0, asksMax).map(([key, message]) => {
        const which = parseTaskKey(key)
        return (
          <Banner key={key} look={APPROVAL_LOOK} name="Waits for you">
            <p>
              <button
                type="button"
                className={css['task']}
                onClick={() => turn({ ...route, ...which, attempt: null, line: null })}
              >
                {key}
              </button>{' '}
              waits for you: <span className="soft">{message}</span>
            </p>
            <Button size="xs" onClick={() => askOrder({ kind: 'answer', ...which })}>
              Answer
            </Button>
          </Banner>
        )
      })}
      {asks.length > asksMax && (
        <Banner look={APPROVAL_LOOK} name="More that waits for you">
          <p>
            {asks.length - asksMax} more questions wait: they stand in the list of tasks as{' '}
            <em>{APPROVAL_LOOK.word}</em>.
          </p>
        </Banner>
      )}
      {paused !== undefined && (
        <Banner look={PAUSED_LOOK} name="Paused">
          <p>
            {paused.through === undefined ? (
              saidWords('Paused', paused)
            ) : (
              <>
                Paused with{' '}
                <a className="mono" href={hashOf(runRoute(paused.through))}>
                  {paused.through}
                </a>
                , of which it is a part, {saidWords('', paused)}
              </>
            )}{' '}
            <span className="soft">
              · since {dateWords(paused.at)}. Nothing of it starts, nor of the runs below it; what
              runs goes on.
            </span>
          </p>
          <Button
            size="xs"
            variant="default"
            onClick={() => void act('run.unpause', { run: paused.through ?? view.run })}
          >
            {paused.through === undefined ? 'Let it go on' : 'Let both go on'}
          </Button>
        </Banner>
      )}
      {stopAsked !== undefined && (
        <Banner look={TASK_LOOK.cancelled} name="Stopping">
          <p>{saidWords(`Stops after ${stopAsked.after ?? 'what runs'}, as asked`, stopAsked)}</p>
        </Banner>
      )}
    </>
  )
}

function Banner(props: { look: Look; name: string; children: ReactNode }) {
  const { look, name, children } = props
  return (
    <section className={css['banner']} data-tone={look.tone} aria-label={name}>
      <StateIcon look={look} size={15} silent />
      {children}
    </section>
  )
}
