import { NativeSelect } from '@mantine/core'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { fittingHosts, type HostFilter } from '../../state/hosts.ts'
import { selectPools } from '../../state/pools.ts'
import { hostsRoute, turn, type HostsTab, type Route } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import chip from '../../ui/chip.module.css'
import { FilterField } from '../../ui/FilterField.tsx'
import { Page } from '../../ui/Page.tsx'
import { Split } from '../../ui/Split.tsx'
import table from '../../ui/table.module.css'
import { Tabs } from '../../ui/Tabs.tsx'
import { numberWords } from '../../ui/time-words.ts'
import { HostDetail } from './HostDetail.tsx'
import { HostList } from './HostList.tsx'
import { PoolList } from './PoolList.tsx'

type HostsRoute = Extract<Route, { page: 'hosts' }>

/** The engine does not stream pools. */
const poolsMs = 2_000

/** Below it a filter is of no use. */
const filterFrom = 8

export function HostsPage({ route }: { route: HostsRoute }) {
  const { hosts, pools } = useStores()
  const kind = useStore(hosts, (state) => state.kind)
  const error = useStore(hosts, (state) => state.error)
  const count = useStore(hosts, (state) => state.names.length)
  const poolCount = useStore(pools, (state) => selectPools(state).length)
  useEffect(() => {
    void pools.load()
    const timer = setInterval(() => void pools.load(), poolsMs)
    return () => clearInterval(timer)
  }, [pools])

  if (kind === 'loading') return <Framed body={<Loading />} />
  if (kind === 'error' && error !== null) return <Framed body={<ErrorBlank error={error} />} />
  if (count === 0) return <Framed body={<NoHosts />} />
  return (
    <Page title="Hosts" still>
      <Tabs<HostsTab>
        label="Hosts and pools"
        chosen={route.tab}
        onChoose={(tab) => turn({ ...route, tab })}
        tabs={[
          { name: 'hosts', word: 'Hosts', icon: 'hosts', count },
          { name: 'pools', word: 'Pools', icon: 'pool', count: poolCount },
        ]}
      />
      {route.tab === 'hosts' ? <Hosts route={route} /> : <PoolList />}
    </Page>
  )
}

function Framed({ body }: { body: React.ReactNode }) {
  return (
    <Page title="Hosts" still>
      {body}
    </Page>
  )
}

function NoHosts() {
  return (
    <Blank icon="hosts" title="No hosts yet">
      <p>
        Name them under <code>hosts:</code> in <code>sluice.yaml</code>. Nothing has to be installed
        on a host: SSH and a POSIX shell are enough.
      </p>
    </Blank>
  )
}

function Hosts({ route }: { route: HostsRoute }) {
  const { hosts } = useStores()
  const state = useStore(hosts)
  const [text, setText] = useState('')
  const [only, setOnly] = useState<HostFilter['only']>('all')
  const laterText = useDeferredValue(text)
  const names = useMemo(
    () => fittingHosts(state, { text: laterText, pool: route.pool, only }),
    [state, laterText, route.pool, only],
  )
  const chosen = route.host !== null && state.byName[route.host] !== undefined ? route.host : null
  const close = (): void => turn({ ...route, host: null })
  const isFiltered = route.pool !== null || only !== 'all' || text !== ''
  return (
    <>
      {(state.names.length >= filterFrom || isFiltered) && (
        <div className={table['filters']}>
          <FilterField
            width={220}
            label="Filter hosts"
            placeholder="Filter: a name, label, address"
            value={text}
            onChange={setText}
          />
          <NativeSelect
            aria-label="Show"
            value={only}
            onChange={(event) => setOnly(event.currentTarget.value as HostFilter['only'])}
            data={[
              { value: 'all', label: 'All hosts' },
              { value: 'trouble', label: 'In trouble' },
              { value: 'closed', label: 'Take no new work' },
              { value: 'busy', label: 'Full, or with a queue' },
            ]}
          />
          {route.pool !== null && (
            <button
              type="button"
              className={chip['chip']}
              aria-pressed
              title="Show the hosts of every pool"
              onClick={() => turn({ ...route, pool: null })}
            >
              pool {route.pool} <span aria-hidden>×</span>
            </button>
          )}
          {isFiltered && (
            <span className="faint num">
              {numberWords(names.length)} of {numberWords(state.names.length)}
            </span>
          )}
        </div>
      )}
      <Split
        name="host"
        way="across"
        start={0.32}
        minPx={340}
        first={
          names.length === 0 ? (
            <Blank icon="hosts" title="No host fits this filter" />
          ) : (
            <HostList
              names={names}
              chosen={chosen}
              onChoose={(host) => turn(hostsRoute({ host, pool: route.pool }))}
            />
          )
        }
        second={chosen === null ? null : <HostDetail key={chosen} name={chosen} onClose={close} />}
      />
    </>
  )
}
