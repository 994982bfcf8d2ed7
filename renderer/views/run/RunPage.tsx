import { useEffect } from 'react'
import type { RunRoute, RunTab } from '../../state/route.ts'
import { turn } from '../../state/route.ts'
import { rootRunOf } from '../../state/root-run.ts'
import { selectSeq } from '../../state/run.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Page } from '../../ui/Page.tsx'
import { Split } from '../../ui/Split.tsx'
import { Tabs } from '../../ui/Tabs.tsx'
import { CausePanel } from './CausePanel.tsx'
import { EventList } from './EventList.tsx'
import { RunContext, useOpenRun, useRun, useRunStore } from './run-context.ts'
import { OrderDialogs } from './OrderDialogs.tsx'
import { RunBanners } from './RunBanners.tsx'
import { RunGraph } from './RunGraph.tsx'
import { RunHeader } from './RunHeader.tsx'
import { TaskList } from './TaskList.tsx'
import { TaskPane } from './TaskPane.tsx'
import { Timeline } from './Timeline.tsx'
import css from './RunPage.module.css'

export function RunPage({ route }: { route: RunRoute }) {
  const store = useOpenRun(route.run)
  if (store === null) return <Waiting />
  return (
    <RunContext.Provider value={store}>
      <Opened route={route} />
    </RunContext.Provider>
  )
}

function Opened({ route }: { route: RunRoute }) {
  const kind = useRun((state) => state.kind)
  const error = useRun((state) => state.error)
  const explained = useRun((state) => state.explained)
  useFirstChoice(route)
  if (kind === 'error' && error !== null)
    return (
      <Page title="Run">
        <ErrorBlank error={error} />
      </Page>
    )
  if (kind === 'loading') return <Waiting />
  const main = (
    <Split
      name="log"
      way="down"
      start={0.44}
      minPx={150}
      first={<Views route={route} />}
      second={route.task === null ? null : <TaskPane route={route} task={route.task} />}
    />
  )
  return (
    <main className={css['page']}>
      <RunHeader />
      <RunBanners route={route} />
      <div className={css['body']}>
        <Split
          name="cause"
          way="across"
          start={0.26}
          minPx={312}
          first={main}
          second={explained.kind === 'none' ? null : <CausePanel route={route} />}
        />
      </div>
      <OrderDialogs />
    </main>
  )
}

function Waiting() {
  return (
    <Page title="Run">
      <Loading rows={9} label="Loading the run" />
    </Page>
  )
}

function Views({ route }: { route: RunRoute }) {
  const taskCount = useRun((state) => state.keys.length)
  const eventCount = useRun(selectSeq)
  return (
    <div className={css['views']}>
      <Tabs<RunTab>
        label="Views of this run"
        chosen={route.tab}
        onChoose={(tab) => turn({ ...route, tab })}
        tabs={[
          { name: 'graph', word: 'Graph', icon: 'graph' },
          { name: 'tasks', word: 'Tasks', icon: 'list', count: taskCount },
          { name: 'timeline', word: 'Timeline', icon: 'timeline' },
          { name: 'events', word: 'Events', icon: 'events', count: eventCount },
        ]}
      />
      <div className={css['view']} role="tabpanel">
        {route.tab === 'graph' && <RunGraph route={route} />}
        {route.tab === 'tasks' && <TaskList route={route} />}
        {route.tab === 'timeline' && <Timeline route={route} />}
        {route.tab === 'events' && <EventList route={route} />}
      </div>
    </div>
  )
}

// A run that failed opens at what failed: the log of the root task is what everybody looks at first. One with an outcome
// that nobody knows opens there: a person may have to decide.
function useFirstChoice(route: RunRoute): void {
  const explained = useRun((state) => state.explained)
  const ready = useRun((state) => state.kind === 'ready')
  const store = useRunStore()
  useEffect(() => {
    if (!ready || route.task !== null) return
    const { keys, view } = store.getState()
    const task = view?.tasks[keys.find((key) => view.tasks[key]?.state === 'unknown') ?? '']
    if (task !== undefined) turn({ ...route, task: task.task, item: task.item })
    // Once, as it opens.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [ready])
  useEffect(() => {
    if (route.task !== null || explained.kind !== 'ready') return
    const { cause } = explained
    const root = rootRunOf(cause, store.getState().view?.tasks ?? {})
    turn({ ...route, ...root, attempt: cause.via === undefined ? cause.attempt : null })
    // Once per answer; a person who closes the pane keeps it closed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [explained])
}
