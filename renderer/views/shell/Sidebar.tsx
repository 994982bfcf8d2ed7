import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { useState } from 'react'
import { useStore } from 'zustand'
import { selectTroubledHosts } from '../../state/hosts.ts'
import { hashOf, hostsRoute, incidentsRoute, type Route } from '../../state/route.ts'
import { selectLiveIds } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { useNeedsCount } from '../../state/use-needs-count.ts'
import { CountMark } from '../../ui/CountMark.tsx'
import { Icon, type IconName } from '../../ui/Icon.tsx'
import { readKept, writeKept } from '../../ui/kept.ts'
import { AskBadge } from '../asks/AskBadge.tsx'
import { Mark } from './Mark.tsx'
import css from './Sidebar.module.css'

interface Place {
  page: Route['page']
  also?: readonly Route['page'][]
  route: Route
  word: string
  icon: IconName
  key: string
}

export const PLACES: readonly Place[] = [
  { page: 'now', route: { page: 'now' }, word: 'Now', icon: 'now', key: 'n' },
  {
    page: 'pipelines',
    also: ['pipeline'],
    route: { page: 'pipelines' },
    word: 'Pipelines',
    icon: 'pipelines',
    key: 'p',
  },
  {
    page: 'runs',
    also: ['run'],
    route: { page: 'runs', pipeline: null, state: null },
    word: 'Runs',
    icon: 'runs',
    key: 'r',
  },
  {
    page: 'incidents',
    also: ['wave'],
    route: incidentsRoute(),
    word: 'Incidents',
    icon: 'incidents',
    key: 'i',
  },
  { page: 'hosts', route: hostsRoute(), word: 'Hosts', icon: 'hosts', key: 'h' },
  { page: 'schedule', route: { page: 'schedule' }, word: 'Schedule', icon: 'schedule', key: 's' },
  { page: 'audit', route: { page: 'audit' }, word: 'Audit', icon: 'audit', key: 'a' },
]

// Below it the bar shows icons only, so that a small window keeps its width for the work.
const narrowPx = 1180

export function Sidebar({ route }: { route: Route }) {
  const { runs, hosts } = useStores()
  const live = useStore(runs, (state) => selectLiveIds(state).length)
  const needs = useNeedsCount()
  const troubled = useStore(hosts, (state) => selectTroubledHosts(state).length)
  const [folded, setFolded] = useState(() => {
    const kept = readKept('sidebar')
    return kept === null ? innerWidth < narrowPx : kept === 'folded'
  })
  const marks: Partial<
    Record<Route['page'], { count: number; tone: 'bad' | 'live'; word: string }>
  > = {
    ...(needs > 0 && { now: { count: needs, tone: 'bad' as const, word: 'need you' } }),
    ...(live > 0 && { runs: { count: live, tone: 'live' as const, word: 'running' } }),
    ...(troubled > 0 && { hosts: { count: troubled, tone: 'bad' as const, word: 'in trouble' } }),
  }
  return (
    <nav className={css['bar']} data-folded={folded || undefined} aria-label="Sluice">
      <div className={css['brand']}>
        <Mark />
        <span className={css['name']}>Sluice</span>
      </div>
      <button
        type="button"
        className={css['find']}
        onClick={() => spotlight.open()}
        aria-label="Find or do anything"
      >
        <Icon name="search" size={14} />
        <span>Find or do</span>
        <kbd>Ctrl K</kbd>
      </button>
      <ul className={css['places']}>
        {PLACES.map((place) => {
          const mark = marks[place.page]
          const here = route.page === place.page || place.also?.includes(route.page) === true
          return (
            <li key={place.page}>
              <Tooltip label={place.word} position="right" disabled={!folded}>
                <a
                  href={hashOf(place.route)}
                  className={css['place']}
                  aria-current={here ? 'page' : undefined}
                  aria-label={place.word}
                >
                  <Icon name={place.icon} />
                  <span className={css['word']}>{place.word}</span>
                  {mark !== undefined && (
                    <CountMark
                      count={mark.count}
                      tone={mark.tone}
                      label={`${mark.count} ${mark.word}`}
                      atCorner={folded}
                    />
                  )}
                </a>
              </Tooltip>
            </li>
          )
        })}
      </ul>
      <AskBadge folded={folded} />
      <div className={css['foot']}>
        <a
          href="#/settings"
          className={css['place']}
          aria-current={route.page === 'settings' ? 'page' : undefined}
          aria-label="Settings"
        >
          <Icon name="settings" />
          <span className={css['word']}>Settings</span>
        </a>
        <ThemeButton />
        <Tooltip label={folded ? 'Widen the bar' : 'Fold the bar'} position="right">
          <ActionIcon
            size="sm"
            aria-label={folded ? 'Widen the bar' : 'Fold the bar'}
            onClick={() => {
              setFolded(!folded)
              writeKept('sidebar', folded ? 'wide' : 'folded')
            }}
          >
            <Icon name="sidebar" />
          </ActionIcon>
        </Tooltip>
      </div>
    </nav>
  )
}

const nextScheme = { auto: 'light', light: 'dark', dark: 'auto' } as const
const schemeIcon = { auto: 'system', light: 'sun', dark: 'moon' } as const
const schemeWord = { auto: 'Follows the system', light: 'Light', dark: 'Dark' } as const

function ThemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Tooltip label={`Theme: ${schemeWord[colorScheme]}`} position="right">
      <ActionIcon
        size="sm"
        aria-label={`Theme: ${schemeWord[colorScheme]}`}
        onClick={() => setColorScheme(nextScheme[colorScheme])}
      >
        <Icon name={schemeIcon[colorScheme]} />
      </ActionIcon>
    </Tooltip>
  )
}
