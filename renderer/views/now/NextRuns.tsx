import { useStore } from 'zustand'
import type { NextFire } from '../../../shared/api/views.ts'
import { hashOf, pipelineRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Loading } from '../../ui/Blank.tsx'
import { dateWords, distanceWords } from '../../ui/time-words.ts'
import { firstOfEach } from '../../state/schedule.ts'
import css from './NowPage.module.css'

const nextMax = 8

/** What the clock will start. */
export function NextRuns() {
  const { schedule } = useStores()
  const next = useStore(schedule, (state) => state.next)
  const nowMs = useNow()
  return (
    <section>
      <h2 className={css['title']}>
        Next
        <a className={css['more']} href="#/schedule">
          Schedule
        </a>
      </h2>
      {next.kind === 'loading' && <Loading rows={3} />}
      {next.kind === 'error' && <p className={css['quiet']}>{next.error.message}</p>}
      {next.kind === 'ready' && next.value.length === 0 && (
        <p className={css['quiet']}>
          Nothing is planned. A pipeline with <code>triggers:</code> shows its next run here.
        </p>
      )}
      {next.kind === 'ready' && (
        <ol className={css['next']}>
          {firstOfEach(next.value)
            .slice(0, nextMax)
            .map((fire) => (
              <Fire
                key={`${fire.pipeline} ${fire.environment} ${fire.trigger} ${fire.at}`}
                fire={fire}
                nowMs={nowMs}
              />
            ))}
        </ol>
      )}
    </section>
  )
}

function Fire({ fire, nowMs }: { fire: NextFire; nowMs: number }) {
  return (
    <li>
      <a href={hashOf(pipelineRoute(fire.pipeline, 'schedule'))}>
        <span className={css['fireLine']}>
          <span className={`${css['fireName']} cut`}>{fire.pipeline}</span>
          <span className="num">{distanceWords(fire.at, nowMs)}</span>
        </span>
        <span className={`${css['fireLine']} faint`}>
          <span className="cut">{fire.environment}</span>
          <span className="num">{dateWords(fire.at)}</span>
        </span>
      </a>
    </li>
  )
}
