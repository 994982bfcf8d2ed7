import { NativeSelect } from '@mantine/core'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { IncidentList as Found } from '../../../shared/run/wave.ts'
import {
  daysOffered,
  daysUnasked,
  fittingIncidents,
  selectIsChanging,
} from '../../state/incidents.ts'
import { hashOf, turn, type Route } from '../../state/route.ts'
import { selectFailures } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { Page } from '../../ui/Page.tsx'
import { Split } from '../../ui/Split.tsx'
import table from '../../ui/table.module.css'
import { countWords, numberWords } from '../../ui/time-words.ts'
import { classWords } from '../run/class-words.ts'
import { IncidentList } from './IncidentList.tsx'
import { IncidentPane } from './IncidentPane.tsx'
import { dayWords } from './day-words.ts'
import css from './Incidents.module.css'

type IncidentsRoute = Extract<Route, { page: 'incidents' }>

/** The engine does not stream incidents: they change when a run fails, or is no failed one any more. */
const lookAgainMs = 5000

/** What failed alike: one row for all runs with the same cause, and the way to recover all of them. */
export function IncidentsPage({ route }: { route: IncidentsRoute }) {
  const { incidents, runs } = useStores()
  const kind = useStore(incidents, (state) => state.kind)
  const error = useStore(incidents, (state) => state.error)
  const list = useStore(incidents, (state) => state.list)
  const days = route.days ?? daysUnasked
  useEffect(() => {
    let seen = selectFailures(runs.getState())
    void incidents.load(days)
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible' || incidents.isBusy()) return
      const failures = selectFailures(runs.getState())
      if (failures === seen && !selectIsChanging(incidents.getState())) return
      seen = failures
      void incidents.load(days)
    }, lookAgainMs)
    return () => clearInterval(timer)
  }, [incidents, runs, days])
  return (
    <Page
      title="Incidents"
      still
      beside={
        kind === 'ready' &&
        list !== null &&
        list.incidents.length > 0 && (
          <span className="soft num">{numberWords(list.incidents.length)}</span>
        )
      }
      actions={
        <NativeSelect
          aria-label="Failed in"
          value={days}
          onChange={({ currentTarget: { value } }) =>
            turn({ ...route, days: Number(value) === daysUnasked ? null : Number(value) })
          }
          data={[...new Set<number>([...daysOffered, days])]
            .sort((a, b) => a - b)
            .map((each) => ({ value: String(each), label: `Last ${dayWords(each)}` }))}
        />
      }
    >
      {kind === 'loading' && <Loading rows={8} label="Looking for what failed alike" />}
      {kind === 'error' && error !== null && (
        <ErrorBlank error={error} onAgain={() => void incidents.load(days)} />
      )}
      {kind === 'ready' && list !== null && <Ready list={list} days={days} route={route} />}
    </Page>
  )
}

function Ready({ list, days, route }: { list: Found; days: number; route: IncidentsRoute }) {
  const [text, setText] = useState('')
  const laterText = useDeferredValue(text)
  const keys = useMemo(
    () => fittingIncidents(list.incidents, laterText, classWords).map(({ signature }) => signature),
    [list, laterText],
  )
  const close = (): void => turn({ ...route, signature: null })
  const isEmpty = list.incidents.length === 0
  if (isEmpty && route.signature === null)
    return (
      <>
        <Notes list={list} />
        <Blank icon="incidents" title={`Nothing failed alike in the last ${dayWords(days)}`}>
          <p>
            Runs that fail for the same reason are one incident, whatever their pipeline, task and
            host. Once the reason is gone, all of them are recovered from here: one first, and when
            that has gone well, the rest.
          </p>
        </Blank>
      </>
    )
  return (
    <>
      <div className={table['filters']}>
        <FilterField
          width={280}
          label="Filter incidents"
          placeholder="Filter: a cause, pipeline, task, host"
          value={text}
          onChange={setText}
        />
        {laterText.trim() !== '' && (
          <span className="faint num">
            {numberWords(keys.length)} of {numberWords(list.incidents.length)}
          </span>
        )}
      </div>
      <Notes list={list} />
      <Split
        name="incident"
        way="across"
        start={0.4}
        minPx={360}
        first={
          keys.length === 0 ? (
            <Blank
              icon="incidents"
              title={
                isEmpty
                  ? `Nothing failed alike in the last ${dayWords(days)}`
                  : 'No incident fits this filter'
              }
            />
          ) : (
            <IncidentList
              keys={keys}
              chosen={route.signature}
              onChoose={(signature) => turn({ ...route, signature })}
            />
          )
        }
        second={
          route.signature === null ? null : (
            <IncidentPane
              key={route.signature}
              signature={route.signature}
              days={route.days}
              onClose={close}
            />
          )
        }
      />
    </>
  )
}

/** What no row tells of. */
function Notes({ list: { unlike, unexplained, older } }: { list: Found }) {
  if (unlike.length === 0 && unexplained === 0 && older === 0) return null
  return (
    <p className={css['notes']} role="status">
      {unexplained > 0 && <span>Looking into {countWords(unexplained, 'more failed run')}…</span>}
      {unlike.length > 0 && (
        <span>
          {countWords(unlike.length, 'failed run')} like no other: nothing tells why.{' '}
          <a href={hashOf({ page: 'runs', state: 'failed', pipeline: null })}>See failed runs</a>
        </span>
      )}
      {older > 0 && <span>{countWords(older, 'older failed run')} not looked at.</span>}
    </p>
  )
}
