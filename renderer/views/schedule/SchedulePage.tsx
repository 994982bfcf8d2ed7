import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { NextFire, OccurrenceRow } from '../../../shared/api/views.ts'
import { hashOf, pipelineRoute, runRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Page } from '../../ui/Page.tsx'
import { OCCURRENCE_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { Tabs } from '../../ui/Tabs.tsx'
import { dateWords, distanceWords, exactWords, localZone } from '../../ui/time-words.ts'
import { triggerSample } from './trigger-sample.ts'
import css from './SchedulePage.module.css'

type Tab = 'next' | 'past'

export function SchedulePage() {
  const [tab, setTab] = useState<Tab>('next')
  const { schedule } = useStores()
  useEffect(() => {
    void schedule.loadNext()
    void schedule.loadOccurrences()
  }, [schedule])
  return (
    <Page
      title="Schedule"
      still
      beside={<span className="soft">Your time zone is {localZone()}</span>}
    >
      <Tabs<Tab>
        label="Schedule"
        chosen={tab}
        onChoose={setTab}
        tabs={[
          { name: 'next', word: 'Next' },
          { name: 'past', word: 'What became of it' },
        ]}
      />
      {tab === 'next' ? <Next /> : <Past />}
    </Page>
  )
}

function Next() {
  const { schedule } = useStores()
  const next = useStore(schedule, (state) => state.next)
  const nowMs = useNow()
  if (next.kind === 'loading') return <Loading />
  if (next.kind === 'error')
    return <ErrorBlank error={next.error} onAgain={() => void schedule.loadNext()} />
  const fires = next.value
  if (fires.length === 0)
    return (
      <Blank icon="schedule" title="Nothing is planned" sample={triggerSample}>
        <p>Give a pipeline a time and it shows here, with its zone and in your own:</p>
      </Blank>
    )
  return (
    <Table
      label="Next firings"
      line={css['next']}
      keys={fires.map((fire) => `${fire.pipeline} ${fire.environment} ${fire.trigger} ${fire.at}`)}
      rowHeight={34}
      head={
        <>
          <span>When</span>
          <span>Pipeline</span>
          <span>Environment</span>
          <span>Your time</span>
          <span>Its time</span>
          <span>Its zone</span>
          <span className={css['wide']}>Cron</span>
        </>
      }
      row={(_, index) => <FireRow fire={fires[index] as NextFire} nowMs={nowMs} />}
    />
  )
}

function FireRow({ fire, nowMs }: { fire: NextFire; nowMs: number }) {
  return (
    <a
      className={`${table['row']} ${css['next']}`}
      href={hashOf(pipelineRoute(fire.pipeline, 'schedule'))}
    >
      <span className="num">{distanceWords(fire.at, nowMs)}</span>
      <span className={`${table['strong']} cut`}>{fire.pipeline}</span>
      <span className="soft cut">{fire.environment}</span>
      <time className="num" title={exactWords(fire.at)}>
        {dateWords(fire.at)}
      </time>
      <time className="num soft" title={exactWords(fire.at, fire.timezone)}>
        {dateWords(fire.at, fire.timezone)}
      </time>
      <span className="soft cut">{fire.timezone}</span>
      <code className={`${css['wide']} soft cut`}>{fire.cron}</code>
    </a>
  )
}

function Past() {
  const { schedule } = useStores()
  const occurrences = useStore(schedule, (state) => state.occurrences)
  if (occurrences.kind === 'loading') return <Loading />
  if (occurrences.kind === 'error')
    return <ErrorBlank error={occurrences.error} onAgain={() => void schedule.loadOccurrences()} />
  const rows = occurrences.value
  if (rows.length === 0)
    return (
      <Blank icon="schedule" title="No planned time has come yet">
        <p>Every planned firing gets a line here: whether it ran, and when not, why.</p>
      </Blank>
    )
  return (
    <Table
      label="Past firings"
      line={css['past']}
      keys={rows.map((row) => `${row.pipeline} ${row.environment} ${row.trigger} ${row.dueAt}`)}
      rowHeight={34}
      head={
        <>
          <span>Due</span>
          <span>Pipeline</span>
          <span>Environment</span>
          <span>Decision</span>
          <span>Reason</span>
          <span>Run</span>
        </>
      }
      row={(_, index) => <PastRow row={rows[index] as OccurrenceRow} />}
    />
  )
}

function PastRow({ row }: { row: OccurrenceRow }) {
  return (
    <div className={`${table['row']} ${css['past']}`}>
      <time className="num" title={exactWords(row.dueAt)}>
        {dateWords(row.dueAt)}
      </time>
      <a className={`${table['strong']} cut`} href={hashOf(pipelineRoute(row.pipeline))}>
        {row.pipeline}
      </a>
      <span className="soft cut">{row.environment}</span>
      <StateBadge look={OCCURRENCE_LOOK[row.decision]} />
      <span className="soft cut" title={row.reason}>
        {row.reason}
      </span>
      {row.run === null ? (
        <span />
      ) : (
        <a className={css['open']} href={hashOf(runRoute(row.run))}>
          Open
        </a>
      )}
    </div>
  )
}
