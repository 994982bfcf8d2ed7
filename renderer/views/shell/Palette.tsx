import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from '@mantine/spotlight'
import { useMantineColorScheme } from '@mantine/core'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { RunRow } from '../../../shared/api/views.ts'
import { go, hashOf, pipelineRoute, runRoute, turn, type Route } from '../../state/route.ts'
import { selectPipelineRows } from '../../state/pipelines.ts'
import { useStores } from '../../state/stores.ts'
import { Icon } from '../../ui/Icon.tsx'
import { RUN_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { dateWords } from '../../ui/time-words.ts'
import { selectAsks } from '../../state/asks.ts'
import { shellsStore } from '../../shell/shells-store.ts'
import { showAsk } from '../asks/ask-view-store.ts'
import { askShort } from '../asks/ask-words.ts'
import { helpStore } from './help-store.ts'
import { PLACES } from './Sidebar.tsx'
import { startRunStore } from '../pipeline/start-run-store.ts'

const runsOffered = 60

/** What the page has chosen can be looked at by hand. */
function shellActions(route: Route): SpotlightActionData[] {
  if (route.page !== 'run' || route.task === null) return []
  return [
    {
      id: 'shell here',
      label: `Open a shell for ${route.task} on its host`,
      description: 't',
      leftSection: <Icon name="shell" />,
      onClick: () => turn({ ...route, show: 'shell' }),
    },
  ]
}

/** Ctrl+K: any page, pipeline, run or action by a few letters. */
export function Palette({ route }: { route: Route }) {
  const { runs, pipelines, asks: store } = useStores()
  const { setColorScheme } = useMantineColorScheme()
  const rows = useStore(pipelines, selectPipelineRows)
  const ids = useStore(
    runs,
    useShallow((state) => state.ids.slice(0, runsOffered)),
  )
  const byId = runs.getState().byId
  const shells = useStore(shellsStore, (state) => state.byKey)
  const asks = useStore(store, selectAsks)

  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: PLACES.map((place) => ({
        id: `page ${place.page}`,
        label: place.word,
        description: `g ${place.key}`,
        leftSection: <Icon name={place.icon} />,
        onClick: () => go(place.route),
      })),
    },
    {
      group: 'Pipelines',
      actions: rows.flatMap((row) => [
        {
          id: `pipeline ${row.name}`,
          label: row.name,
          description: row.description,
          leftSection: <Icon name="pipelines" />,
          onClick: () => go(pipelineRoute(row.name)),
        },
        {
          id: `start ${row.name}`,
          label: `Run ${row.name}`,
          leftSection: <Icon name="play" />,
          onClick: () => startRunStore.setState({ pipeline: row.name }),
        },
      ]),
    },
    {
      group: 'Runs',
      actions: ids.map((id) => {
        const row = byId[id] as RunRow
        const look = RUN_LOOK[row.state]
        return {
          id: `run ${id}`,
          label: `${row.pipeline} ${look.word.toLowerCase()}`,
          description: `${row.environment}, ${dateWords(row.createdAt)}, ${id}`,
          leftSection: <StateIcon look={look} />,
          onClick: () => go(runRoute(id)),
        }
      }),
    },
    {
      group: 'Actions',
      actions: [
        ...asks.map((ask) => ({
          id: `ask ${ask.id}`,
          label: `Answer the sign-in to ${ask.question.host}`,
          description: askShort(ask.question),
          leftSection: <Icon name="key" />,
          onClick: () => showAsk(ask),
        })),
        ...shellActions(route),
        ...Object.entries(shells).map(([key, { address, host }]) => ({
          id: `shell ${key}`,
          label: `Go to the shell on ${host}`,
          description: `${address.task}, attempt ${address.attempt}, ${address.run}`,
          leftSection: <Icon name="shell" />,
          onClick: () => go(runRoute(address.run, { ...address, show: 'shell' })),
        })),
        {
          id: 'latest',
          label: 'Open the latest run',
          leftSection: <Icon name="runs" />,
          onClick: () => go(runRoute('latest')),
        },
        {
          id: 'copy link',
          label: 'Copy a link to this page',
          leftSection: <Icon name="link" />,
          onClick: () => void navigator.clipboard.writeText(location.href),
        },
        {
          id: 'light',
          label: 'Use the light theme',
          leftSection: <Icon name="sun" />,
          onClick: () => setColorScheme('light'),
        },
        {
          id: 'dark',
          label: 'Use the dark theme',
          leftSection: <Icon name="moon" />,
          onClick: () => setColorScheme('dark'),
        },
        {
          id: 'keys',
          label: 'Show the keys',
          leftSection: <Icon name="help" />,
          onClick: () => helpStore.setState({ opened: true }),
        },
        {
          id: 'settings',
          label: 'Settings',
          leftSection: <Icon name="settings" />,
          onClick: () => {
            location.hash = hashOf({ page: 'settings' })
          },
        },
      ],
    },
  ]
  return (
    <Spotlight
      actions={groups}
      shortcut={['mod + K']}
      limit={14}
      highlightQuery
      overlayProps={{ backgroundOpacity: 0.35, blur: 1 }}
      scrollable
      maxHeight={440}
      size={560}
      nothingFound="Nothing fits"
      searchProps={{
        placeholder: 'Find a page, pipeline, run or action',
        leftSection: <Icon name="search" />,
        size: 'md',
      }}
    />
  )
}
