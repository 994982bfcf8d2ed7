import { Button } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { batchWords } from '../../../shared/run/wave-words.ts'
import { isWaveOver, type Wave, type WaveRun } from '../../../shared/run/wave.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { openWaveStore, type WaveStore } from '../../state/wave.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Page } from '../../ui/Page.tsx'
import { ReasonDialog } from '../../ui/ReasonDialog.tsx'
import { WAVE_LOOK, WAVE_RUN_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { countWords, dateWords, exactWords } from '../../ui/time-words.ts'
import { WaveBar } from './WaveBar.tsx'
import css from './Wave.module.css'

/** A wave as it goes on: what has recovered, what goes, what waits; and the way to stop it. */
export function WavePage({ wave }: { wave: string }) {
  const { bridge } = useStores()
  const [store, setStore] = useState<WaveStore | null>(null)
  useEffect(() => {
    const opened = openWaveStore(bridge, wave)
    // A store opens a stream, and a render may not.
    // oxlint-disable-next-line react/set-state-in-effect
    setStore(opened)
    return () => opened.close()
  }, [bridge, wave])
  return store === null ? <Waiting /> : <Opened store={store} />
}

function Waiting() {
  return (
    <Page title="Wave">
      <Loading rows={8} label="Loading the wave" />
    </Page>
  )
}

function Opened({ store }: { store: WaveStore }) {
  const wave = useStore(store, (state) => state.wave)
  const error = useStore(store, (state) => state.error)
  if (error !== null)
    return (
      <Page title="Wave">
        <ErrorBlank error={error} />
      </Page>
    )
  return wave === null ? <Waiting /> : <Found wave={wave} store={store} />
}

function Found({ wave, store }: { wave: Wave; store: WaveStore }) {
  const { state, words, by, reason, createdAt, why, counts } = wave
  const keys = useMemo(() => wave.runs.map(({ run }) => run as string), [wave.runs])
  return (
    <Page
      title={`Recovery of ${countWords(wave.runs.length, 'run')}`}
      still
      beside={<StateBadge look={WAVE_LOOK[state]} boxed />}
      actions={!isWaveOver(state) && <Stop wave={wave} />}
    >
      <section className={css['top']}>
        <code className={css['words']}>{words}</code>
        <p className="soft">
          Started by {by}, <time title={exactWords(createdAt)}>{dateWords(createdAt)}</time>
          {reason !== '' && <>: {reason}</>}
        </p>
        {why !== '' && (
          <p className={css['why']} data-bad={state === 'stopped' || undefined} role="status">
            {sentence(why)} Nothing more is resumed
            {(counts.going ?? 0) > 0 ? '; what goes is left to end.' : '.'}
          </p>
        )}
        <WaveBar counts={counts} total={wave.runs.length} />
      </section>
      <Table
        label="Runs of this wave"
        line={css['live']}
        keys={keys}
        rowHeight={34}
        head={
          <>
            <span>State</span>
            <span>Turn</span>
            <span>Run</span>
            <span>Pipeline</span>
            <span className={css['wide']}>Environment</span>
            <span className={css['wide']}>Task</span>
            <span>Why</span>
          </>
        }
        row={(run) => <Row run={run} store={store} />}
      />
    </Page>
  )
}

function Row({ run, store }: { run: string; store: WaveStore }) {
  const one = useStore(store, (state) => state.runById.get(run))
  return one === undefined ? null : <Line one={one} />
}

function Line({ one }: { one: WaveRun }) {
  return (
    <a className={`${table['row']} ${css['live']}`} href={hashOf(runRoute(one.run))}>
      <StateBadge look={WAVE_RUN_LOOK[one.state]} />
      <span className="soft">{batchWords(one.batch)}</span>
      <span className="mono cut">{one.run}</span>
      <span className={`${table['strong']} cut`}>{one.pipeline}</span>
      <span className={`${css['wide']} soft cut`}>{one.environment}</span>
      <span className={`${css['wide']} soft cut`}>{one.task}</span>
      <span className="soft cut" title={one.why}>
        {one.why}
      </span>
    </a>
  )
}

function Stop({ wave }: { wave: Wave }) {
  const { bridge } = useStores()
  const [isAsked, setAsked] = useState(false)
  const waiting = wave.counts.waiting ?? 0
  const going = wave.counts.going ?? 0
  return (
    <>
      <Button variant="default" onClick={() => setAsked(true)}>
        Stop…
      </Button>
      <ReasonDialog
        words={
          isAsked
            ? {
                title: 'Stop this wave',
                text: `${countWords(waiting, 'run')} will not be resumed. ${
                  going === 0
                    ? 'Nothing goes now.'
                    : `${countWords(going, 'run')} that ${going === 1 ? 'goes is' : 'go are'} left to end.`
                }`,
                kept: 'Kept in the audit.',
                leave: 'Let it go on',
                act: 'Stop it',
                grave: true,
              }
            : null
        }
        act={async (reason) => {
          await bridge.call('wave.stop', { wave: wave.wave, reason })
        }}
        onClose={() => setAsked(false)}
      />
    </>
  )
}

function sentence(why: string): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}.`
}
