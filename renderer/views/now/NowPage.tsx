import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { RunRow } from '../../../shared/api/views.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { causeShort } from '../../state/run-words.ts'
import { selectLiveIds, selectParent, selectRun } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { useNeedsCount } from '../../state/use-needs-count.ts'
import { useNow } from '../../state/use-now.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Page } from '../../ui/Page.tsx'
import { RunLine, RunWords } from '../runs/RunLine.tsx'
import table from '../../ui/table.module.css'
import { countWords } from '../../ui/time-words.ts'
import lines from '../runs/RunLine.module.css'
import css from './NowPage.module.css'
import { FirstRun } from './FirstRun.tsx'
import { NeedsYou } from './NeedsYou.tsx'
import { NextRuns } from './NextRuns.tsx'
import { Section } from './Section.tsx'

const listMax = 12
const recentMax = 10

/** What runs, what needs a person, what comes next. */
export function NowPage() {
  const { runs } = useStores()
  const kind = useStore(runs, (state) => state.kind)
  const error = useStore(runs, (state) => state.error)
  const empty = useStore(runs, (state) => state.ids.length === 0)
  return (
    <Page title="Now" beside={kind === 'ready' && <Health />}>
      {kind === 'loading' && <Loading />}
      {kind === 'error' && error !== null && <ErrorBlank error={error} />}
      {kind === 'ready' && (
        <div className={css['columns']}>
          <div className={css['main']}>
            <NeedsYou />
            {empty ? <FirstRun /> : <Filled />}
          </div>
          <aside className={css['side']}>
            <NextRuns />
          </aside>
        </div>
      )}
    </Page>
  )
}

function Health() {
  const { runs } = useStores()
  const live = useStore(runs, useShallow(selectLiveIds)).length
  const needs = useNeedsCount()
  const parts = [
    live === 0 ? 'Nothing runs' : `${countWords(live, 'run')} under way`,
    needs === 0 ? 'nothing needs you' : `${needs} ${needs === 1 ? 'needs' : 'need'} you`,
  ]
  return <span className="soft">{parts.join(', ')}</span>
}

function Filled() {
  const { runs } = useStores()
  const live = useStore(runs, useShallow(selectLiveIds))
  const recent = useStore(
    runs,
    useShallow((state) =>
      state.ids.filter((id) => isRunEnd((state.byId[id] as RunRow).state)).slice(0, recentMax),
    ),
  )
  return (
    <>
      <Section
        title="Running"
        count={live.length}
        more={live.length > listMax ? '#/runs?state=running' : null}
      >
        {live.length === 0 ? (
          <p className={css['quiet']}>Nothing runs at the moment.</p>
        ) : (
          <RunRows ids={live.slice(0, listMax)} live />
        )}
      </Section>
      <Section title="Ended lately" more="#/runs">
        <RunRows ids={recent} live={false} />
      </Section>
    </>
  )
}

function RunRows({ ids, live }: { ids: readonly string[]; live: boolean }) {
  return (
    <div className={lines['lines']}>
      {ids.length > 0 && (
        <div className={`${table['head']} ${lines['line']}`}>
          <RunWords />
        </div>
      )}
      {ids.map((id) => (
        <OneRun key={id} id={id} live={live} />
      ))}
    </div>
  )
}

function OneRun({ id, live }: { id: string; live: boolean }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  const parent = useStore(runs, selectParent(id))
  const nowMs = useNow(live)
  if (row === undefined) return null
  return (
    <RunLine
      row={row}
      href={hashOf(runRoute(row.run))}
      cause={causeShort(row.cause, parent)}
      nowMs={nowMs}
    />
  )
}
