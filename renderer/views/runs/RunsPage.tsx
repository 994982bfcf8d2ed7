import { Button, NativeSelect } from '@mantine/core'
import { useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import { isRunEnd, type RunState } from '../../../shared/run/states.ts'
import { go, hashOf, runRoute, type Route } from '../../state/route.ts'
import { causeShort } from '../../state/run-words.ts'
import { selectPipelineRows } from '../../state/pipelines.ts'
import {
  isFiltered,
  selectIdsWhere,
  selectOlderWhere,
  selectParent,
  selectRun,
} from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Page } from '../../ui/Page.tsx'
import { RunLine, RunWords } from './RunLine.tsx'
import { RUN_LOOK } from '../../ui/state-look.ts'
import { Table } from '../../ui/Table.tsx'
import { countWords, numberWords } from '../../ui/time-words.ts'
import lines from './RunLine.module.css'

const states: readonly RunState[] = ['running', 'queued', 'failed', 'succeeded', 'cancelled']

/** Every run there is, newest first; older ones come as you scroll. */
export function RunsPage({ route }: { route: Extract<Route, { page: 'runs' }> }) {
  const { runs } = useStores()
  const kind = useStore(runs, (state) => state.kind)
  const error = useStore(runs, (state) => state.error)
  const state = states.find((each) => each === route.state) ?? null
  const { pipeline } = route
  const filter = useMemo(() => ({ state, pipeline }), [state, pipeline])
  const select = useMemo(() => selectIdsWhere(filter), [filter])
  const ids = useStore(runs, useShallow(select))
  const older = useStore(runs, selectOlderWhere(filter))
  const filtered = isFiltered(filter)
  // The runs of this page are the newest ones; what fits may be older than all of them.
  useEffect(() => {
    if (filtered && kind === 'ready') void runs.loadFiltered(filter)
  }, [runs, filter, filtered, kind])
  const searching = filtered && ids.length === 0 && older !== 'none'
  return (
    <Page
      title="Runs"
      still
      beside={
        kind === 'ready' &&
        !searching && (
          <span className="soft num">
            {older === 'none' ? countWords(ids.length, 'run') : `${numberWords(ids.length)}+ runs`}
          </span>
        )
      }
      actions={
        <>
          <PipelineSelect
            value={pipeline}
            onChange={(next) => go({ ...route, pipeline: next || null })}
          />
          <NativeSelect
            aria-label="State"
            value={state ?? ''}
            onChange={(event) => go({ ...route, state: event.currentTarget.value || null })}
            data={[
              { value: '', label: 'All states' },
              ...states.map((each) => ({ value: each, label: RUN_LOOK[each].word })),
            ]}
          />
        </>
      }
    >
      {(kind === 'loading' || (kind === 'ready' && searching)) && <Loading rows={10} />}
      {kind === 'error' && error !== null && <ErrorBlank error={error} />}
      {kind === 'ready' && ids.length === 0 && !searching && (
        <Blank
          icon="runs"
          title={filtered ? 'No run fits these filters' : 'Nothing has run yet'}
          action={
            filtered && (
              <Button
                variant="default"
                onClick={() => go({ page: 'runs', state: null, pipeline: null })}
              >
                Show all runs
              </Button>
            )
          }
        >
          {!filtered && <p>Open a pipeline and press Run. Each run then stays here.</p>}
        </Blank>
      )}
      {kind === 'ready' && ids.length > 0 && (
        <Table
          label="Runs"
          keys={ids}
          rowHeight={34}
          line={lines['line']}
          head={<RunWords />}
          onEnd={() => void (filtered ? runs.loadFiltered(filter) : runs.loadOlder())}
          row={(id) => <Row id={id} />}
        />
      )}
    </Page>
  )
}

function PipelineSelect(props: { value: string | null; onChange: (value: string) => void }) {
  const { value, onChange } = props
  const { pipelines } = useStores()
  const rows = useStore(pipelines, selectPipelineRows)
  const names = useMemo(() => {
    const known = rows.map((row) => row.name).sort()
    // A pipeline whose file is gone still has its runs.
    return value === null || known.includes(value) ? known : [value, ...known]
  }, [rows, value])
  return (
    <NativeSelect
      aria-label="Pipeline"
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[{ value: '', label: 'All pipelines' }, ...names]}
    />
  )
}

function Row({ id }: { id: string }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  const parent = useStore(runs, selectParent(id))
  const nowMs = useNow(row !== undefined && !isRunEnd(row.state))
  if (row === undefined) return null
  return (
    <RunLine
      row={row}
      href={hashOf(runRoute(id))}
      cause={causeShort(row.cause, parent)}
      nowMs={nowMs}
    />
  )
}
