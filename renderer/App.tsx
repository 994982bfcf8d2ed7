import { useEffect } from 'react'
import { useStore } from 'zustand'
import { useRoute, type Route } from './state/route.ts'
import { useStores } from './state/stores.ts'
import { HelpDialog } from './views/shell/HelpDialog.tsx'
import { LinkBar } from './views/shell/LinkBar.tsx'
import { Palette } from './views/shell/Palette.tsx'
import { Sidebar } from './views/shell/Sidebar.tsx'
import { usePageKeys } from './views/shell/use-page-keys.ts'
import { RunDialog } from './views/pipeline/RunDialog.tsx'
import { AskDialog } from './views/asks/AskDialog.tsx'
import { AuditPage } from './views/audit/AuditPage.tsx'
import { IncidentsPage } from './views/incidents/IncidentsPage.tsx'
import { HostsPage } from './views/hosts/HostsPage.tsx'
import { NowPage } from './views/now/NowPage.tsx'
import { PipelinePage } from './views/pipeline/PipelinePage.tsx'
import { PipelinesPage } from './views/pipelines/PipelinesPage.tsx'
import { RunPage } from './views/run/RunPage.tsx'
import { RunsPage } from './views/runs/RunsPage.tsx'
import { SchedulePage } from './views/schedule/SchedulePage.tsx'
import { SettingsPage } from './views/settings/SettingsPage.tsx'
import { WavePage } from './views/wave/WavePage.tsx'
import { WavePlanPage } from './views/wave/WavePlanPage.tsx'
import css from './App.module.css'

export function App() {
  const route = useRoute()
  const { link } = useStores()
  const lost = useStore(link, (state) => state.link.kind === 'lost')
  usePageKeys()
  useEffect(() => {
    // The page of a run tells its state, too, and sets its own.
    if (route.page !== 'run') document.title = `${titleOf(route)} · Sluice`
  }, [route])
  return (
    <div className={css['app']} data-lost={lost || undefined}>
      <LinkBar />
      <div className={css['frame']}>
        <Sidebar route={route} />
        <Screen route={route} />
      </div>
      <Palette route={route} />
      <RunDialog />
      <HelpDialog />
      <AskDialog />
    </div>
  )
}

function Screen({ route }: { route: Route }) {
  switch (route.page) {
    case 'now':
      return <NowPage />
    case 'pipelines':
      return <PipelinesPage />
    case 'pipeline':
      return <PipelinePage key={route.pipeline} route={route} />
    case 'runs':
      return <RunsPage route={route} />
    case 'run':
      return <RunPage route={route} />
    case 'incidents':
      return <IncidentsPage route={route} />
    case 'wave':
      return route.wave === null ? (
        <WavePlanPage key={route.like} like={route.like ?? 'latest'} days={route.days} />
      ) : (
        <WavePage key={route.wave} wave={route.wave} />
      )
    case 'hosts':
      return <HostsPage route={route} />
    case 'schedule':
      return <SchedulePage />
    case 'audit':
      return <AuditPage />
    case 'settings':
      return <SettingsPage />
  }
}

function titleOf(route: Route): string {
  switch (route.page) {
    case 'pipeline':
      return route.pipeline
    default:
      return route.page.charAt(0).toUpperCase() + route.page.slice(1)
  }
}
