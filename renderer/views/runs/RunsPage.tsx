import { NativeSelect, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import { isRunEnd, type RunState } from '../../../shared/run/states.ts'
import { go, hashOf, runRoute, type Route } from '../../state/route.ts'
import { causeShort } from '../../state/run-words.ts'
import { selectIdsWhere, selectRun } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Page } from '../../ui/Page.tsx'
import { RunLine, RunLineHead } from './RunLine.tsx'
import { RUN_LOOK } from '../../ui/state-look.ts'
import { countWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import lines from './RunLine.module.css'

const states: readonly RunState[] = ['running', 'queued', 'failed', 'succeeded', 'cancelled']

/** Every run there is, newest first; older ones come as you scroll. */
export function RunsPage({ route }: { route: Extract<Route, { page: 'runs' }> }) {
  const { runs } = useStores()
  const kind = useStore(runs, (state) => state.kind)
  const error = useStore(runs, (state) => state.error)
  const older = useStore(runs, (state) => state.older)
  const [text, setText] = useState('')
  const state = states.find((each) => each === route.state) ?? null
  const select = useMemo(
    () => selectIdsWhere({ state, pipeline: route.pipeline, text }),
    [state, route.pipeline, text],
  )
  const ids = useStore(runs, useShallow(select))
  const filtered = state !== null || route.pipeline !== null || text !== ''
  return (
    <Page
      title="Runs"
      still
      beside={
        <span className="soft num">
          {older === 'none' || filtered
            ? countWords(ids.length, 'run')
            : `${ids.length.toLocaleString('en-GB')}+ runs`}
        </span>
      }
      actions={
        <>
          <TextInput
            w={200}
            placeholder="Filter"
            aria-label="Filter runs"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
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
      {kind === 'loading' && <Loading rows={10} />}
      {kind === 'error' && error !== null && <ErrorBlank error={error} />}
      {kind === 'ready' && ids.length === 0 && (
        <Blank icon="runs" title={filtered ? 'No run fits these filters' : 'Nothing has run yet'}>
          {!filtered && <p>Open a pipeline and press Run. Each run then stays here.</p>}
        </Blank>
      )}
      {kind === 'ready' && ids.length > 0 && (
        <div className={lines['lines']} style={{ display: 'flex', flex: 1, minHeight: 0 }}>
          <VirtualRows
            label="Runs"
            keys={ids}
            rowHeight={34}
            head={<RunLineHead />}
            onEnd={() => void runs.loadOlder()}
            row={(id) => <Row id={id} />}
          />
        </div>
      )}
    </Page>
  )
}

function Row({ id }: { id: string }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  const nowMs = useNow(row !== undefined && !isRunEnd(row.state))
  if (row === undefined) return null
  return (
    <RunLine row={row} href={hashOf(runRoute(id))} cause={causeShort(row.cause)} nowMs={nowMs} />
  )
}
