import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { OutputOf } from '../../../shared/api/contract.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { daysSince } from '../../state/incidents.ts'
import { go, hashOf, incidentsRoute, waveRoute, wavePlanRoute } from '../../state/route.ts'
import { useNow } from '../../state/use-now.ts'
import { useStores } from '../../state/stores.ts'
import { countWords } from '../../ui/time-words.ts'
import { useRun } from './run-context.ts'
import css from './Alike.module.css'

type Found = OutputOf<'incident.of'>

/** Other runs that failed for the same reason, and the way to recover all of them. Nothing where there are none. */
export function Alike() {
  const { bridge } = useStores()
  const failed = useRun(
    ({ view }) => view !== null && isRunEnd(view.state) && view.state === 'failed',
  )
  const run = useRun(({ view }) => view?.run ?? '')
  const resumes = useRun(({ view }) => view?.resumes ?? 0)
  const [found, setFound] = useState<Found | null>(null)
  const nowMs = useNow(false)
  useEffect(() => {
    let stale = false
    // A list that cannot be had is no news beside the cause of the run.
    const ask = async (): Promise<Found | null> =>
      failed ? await bridge.call('incident.of', { run }).catch(() => null) : null
    void ask().then((answer) => !stale && setFound(answer))
    return () => {
      stale = true
    }
  }, [bridge, run, failed, resumes])
  const incident = found?.incident ?? null
  if (incident === null || incident.runs.length < 2) return null
  const { runs, signature, firstAt } = incident
  const pipelines = new Set(runs.map(({ pipeline }) => pipeline)).size
  const wave = found?.wave ?? null
  return (
    <section className={css['alike']} aria-label="Runs that failed like this one">
      <div>
        <a
          className={css['all']}
          href={hashOf(incidentsRoute(signature, daysSince(firstAt, nowMs)))}
        >
          {countWords(runs.length, 'run')} failed like this
        </a>
        <p className="soft">
          in the last 7 days,{' '}
          {pipelines === 1 ? 'all of this pipeline' : `of ${pipelines} pipelines`}
        </p>
      </div>
      {wave === null ? (
        <Button variant="default" onClick={() => go(wavePlanRoute(run))}>
          Recover all…
        </Button>
      ) : (
        <Button variant="default" onClick={() => go(waveRoute(wave))}>
          See their wave
        </Button>
      )}
    </section>
  )
}
