import { Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { sinceOf } from '../../state/incidents.ts'
import { go, hashOf, incidentsRoute, runRoute, waveRoute } from '../../state/route.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { countWords } from '../../ui/time-words.ts'
import { useWaveFiles } from './use-wave-files.ts'
import { useWavePlan } from './use-wave-plan.ts'
import { WaveForm, type WaveChoice } from './WaveForm.tsx'
import { WavePlanRows } from './WavePlanRows.tsx'
import css from './Wave.module.css'

const asItBegins: WaveChoice = {
  canary: 1,
  batch: 5,
  otherMax: 1,
  version: 'pinned',
  params: {},
  forced: [],
  first: [],
  reason: '',
}

/** What a wave would do with all runs that failed like one, before anything is done. */
export function WavePlanPage({ like, days }: { like: string; days: number | null }) {
  const [choice, setChoice] = useState(asItBegins)
  // It must not wander on while the page is open: each plan would be another.
  const [since] = useState(() => (days === null ? null : sinceOf(days)))
  const [isAsking, setAsking] = useState(false)
  const { canary, params, forced, first, reason, ...sizes } = choice
  const shown = useWavePlan(
    params === null
      ? null
      : { like, since, canary, ...sizes, params, forced: [...forced], first: [...first] },
  )
  const { plan, before, error, isPlanning, isBusy } = shown
  const files = useWaveFiles(
    useMemo(() => plan?.runs.map(({ pipeline }) => pipeline) ?? [], [plan?.runs]),
  )
  const going = plan?.runs.filter((one) => one.batch !== null).length ?? 0

  async function start(): Promise<void> {
    const wave = await shown.start(reason.trim())
    if (wave !== null) go(waveRoute(wave))
  }

  return (
    <Page
      title={plan === null ? 'Recover all' : `Recover ${countWords(going, 'run')}`}
      still
      beside={
        <a
          className={css['back']}
          href={hashOf(plan === null ? runRoute(like) : incidentsRoute(plan.signature, days))}
        >
          {plan === null ? 'Back to the run' : 'Back to the incident'}
        </a>
      }
      actions={
        <Button
          loading={isBusy}
          disabled={error !== null || isPlanning || going === 0 || params === null || isAsking}
          leftSection={<Icon name="resume" size={13} />}
          onClick={() => void start()}
        >
          {going <= canary ? 'Start' : `Start with ${canary === 1 ? 'one run' : `${canary} runs`}`}
        </Button>
      }
    >
      <section className={css['top']}>
        {plan !== null && <code className={css['words']}>{plan.words}</code>}
        <WaveForm choice={choice} files={files} onChoose={setChoice} onAsking={setAsking} />
        {before !== null && (
          <p className={css['why']} role="alert">
            The plan is another by now: look at it again.
          </p>
        )}
        {plan !== null && plan.unexplained > 0 && (
          <p className={css['why']} role="status">
            {countWords(plan.unexplained, 'failed run')} not looked at yet, so more may belong to
            it.{' '}
            <button type="button" className="wordButton" onClick={shown.again}>
              Look again
            </button>
          </p>
        )}
      </section>
      {error !== null ? (
        <ErrorBlank error={error} onAgain={shown.again} />
      ) : plan === null ? (
        <Loading rows={6} label="Planning" />
      ) : (
        <WavePlanRows
          plan={plan}
          isPlanning={isPlanning}
          first={first}
          onFirst={(next) => setChoice({ ...choice, first: next })}
        />
      )}
    </Page>
  )
}
