import { Button } from '@mantine/core'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { someOf } from '../../../shared/pipeline/suggest.ts'
import {
  isWaveStill,
  type Failure,
  type Incident,
  type WaveHead,
} from '../../../shared/run/wave.ts'
import { daysUnasked, namesOf, selectWaveOf } from '../../state/incidents.ts'
import { go, hashOf, runRoute, wavePlanRoute, waveRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { Blank } from '../../ui/Blank.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Pane } from '../../ui/Pane.tsx'
import { WAVE_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { countWords, dateWords, exactWords } from '../../ui/time-words.ts'
import { classWords } from '../run/class-words.ts'
import { WaveBar } from '../wave/WaveBar.tsx'
import { dayWords } from './day-words.ts'
import waveCss from '../wave/Wave.module.css'
import css from './Incidents.module.css'

interface Props {
  signature: string
  days: number | null
  onClose: () => void
}

const namesShown = 6

/** What its runs have in common, each of them, and the way to recover them all. */
export function IncidentPane({ signature, days, onClose }: Props) {
  const { incidents } = useStores()
  const one = useStore(incidents, (state) => state.bySignature.get(signature))
  const wave = useStore(incidents, selectWaveOf(signature))
  const title = one === undefined ? 'Incident' : classWords(one.class)
  return (
    <Pane label={`Incident: ${title}`} head={<h2>{title}</h2>} onClose={onClose}>
      {one === undefined ? (
        <Blank icon="check" title="No failed run is left of it">
          <p>
            Nothing that failed in the last {dayWords(days ?? daysUnasked)} has the signature{' '}
            <code>{signature}</code>.
          </p>
        </Blank>
      ) : (
        <Found one={one} wave={wave} days={days} />
      )}
    </Pane>
  )
}

function Found(props: { one: Incident; wave: WaveHead | null; days: number | null }) {
  const { one, wave, days } = props
  const isGoing = wave !== null && !isWaveStill(wave)
  const [last] = one.runs
  return (
    <>
      <section className={css['top']}>
        {one.words !== '' && (
          <code className={waveCss['words']} title="# stands for what differs from run to run">
            {one.words}
          </code>
        )}
        <FactsOf one={one} />
        {wave !== null && (
          <div className={css['wave']}>
            <p>
              <StateBadge look={WAVE_LOOK[wave.state]} />{' '}
              <span className="soft">
                a wave by {wave.by},{' '}
                <time title={exactWords(wave.createdAt)}>{dateWords(wave.createdAt)}</time>
              </span>
            </p>
            <WaveBar
              counts={wave.counts}
              total={Object.values(wave.counts).reduce((sum, count) => sum + count, 0)}
            />
          </div>
        )}
        <div className={css['buttons']}>
          {!isGoing && last !== undefined && (
            <Button
              leftSection={<Icon name="resume" size={13} />}
              onClick={() => go(wavePlanRoute(last.run, days))}
            >
              {one.runs.length === 1 ? 'Recover it…' : 'Recover all…'}
            </Button>
          )}
          {wave !== null && (
            <Button variant="default" onClick={() => go(waveRoute(wave.wave))}>
              See the wave
            </Button>
          )}
        </div>
      </section>
      <Runs runs={one.runs} />
    </>
  )
}

function FactsOf({ one }: { one: Incident }) {
  const { runs, firstAt, lastAt, signature } = one
  const facts = [
    [countWords(runs.length, 'run'), `of ${someOf(namesOf(one, 'pipeline'), namesShown)}`],
    ['In', someOf(namesOf(one, 'environment'), namesShown)],
    ['On', someOf(namesOf(one, 'host'), namesShown)],
    [
      runs.length === 1 ? 'Seen' : 'First, last',
      runs.length === 1 ? dateWords(lastAt) : `${dateWords(firstAt)}, ${dateWords(lastAt)}`,
    ],
  ] as const
  return (
    <Facts>
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      <Fact name="Signature">
        <span className="mono">{signature}</span>
        <CopyButton text={signature} label="Copy the signature" />
      </Fact>
    </Facts>
  )
}

function Runs({ runs }: { runs: readonly Failure[] }) {
  const byId = useMemo(() => new Map(runs.map((one) => [one.run as string, one])), [runs])
  const keys = useMemo(() => [...byId.keys()], [byId])
  return (
    <Table
      label="Runs of this incident"
      line={css['run']}
      keys={keys}
      rowHeight={34}
      head={
        <>
          <span>Failed</span>
          <span>Pipeline</span>
          <span>Task</span>
          <span className={css['wide']}>Environment</span>
          <span className={css['wide']}>Host</span>
          <span className={css['wide']}>Run</span>
        </>
      }
      row={(key) => {
        const one = byId.get(key)
        return one === undefined ? null : <RunLine one={one} />
      }}
    />
  )
}

function RunLine({ one }: { one: Failure }) {
  return (
    <a
      className={`${table['row']} ${css['run']}`}
      href={hashOf(runRoute(one.run))}
      title={`Run ${one.run}`}
    >
      <time className="num soft" title={exactWords(one.failedAt)}>
        {dateWords(one.failedAt)}
      </time>
      <span className={`${table['strong']} cut`}>{one.pipeline}</span>
      <span className="soft cut">{one.task}</span>
      <span className={`${css['wide']} soft cut`}>{one.environment}</span>
      <span className={`${css['wide']} soft cut`}>{one.host}</span>
      <span className={`${css['wide']} mono faint cut`}>{one.run}</span>
    </a>
  )
}
