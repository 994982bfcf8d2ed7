import { Button, Tooltip } from '@mantine/core'
import { useState, type CSSProperties } from 'react'
import { useStore } from 'zustand'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { HostRow } from '../../../shared/api/views.ts'
import { selectHost } from '../../state/hosts.ts'
import { turn, type Route } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { Split } from '../../ui/Split.tsx'
import { LINK_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import table from '../../ui/table.module.css'
import { countWords, distanceWords, durationWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { TrustDialog } from './TrustDialog.tsx'
import css from './HostsPage.module.css'

const columns = {
  '--columns': 'minmax(80px, 0.8fr) 118px minmax(150px, 2fr) minmax(70px, 0.9fr) 118px 72px 68px',
} as CSSProperties

type HostsRoute = Extract<Route, { page: 'hosts' }>

export function HostsPage({ route }: { route: HostsRoute }) {
  const { hosts } = useStores()
  const kind = useStore(hosts, (state) => state.kind)
  const error = useStore(hosts, (state) => state.error)
  const names = useStore(hosts, (state) => state.names)
  const chosen = route.host !== null && names.includes(route.host) ? route.host : null
  return (
    <Page
      title="Hosts"
      still
      beside={<span className="soft num">{kind === 'ready' && names.length}</span>}
    >
      {kind === 'loading' && <Loading />}
      {kind === 'error' && error !== null && <ErrorBlank error={error} />}
      {kind === 'ready' && names.length === 0 && (
        <Blank icon="hosts" title="No hosts yet">
          <p>
            Name them under <code>hosts:</code> in <code>sluice.yaml</code>. Nothing has to be
            installed on a host: SSH and a POSIX shell are enough.
          </p>
        </Blank>
      )}
      {names.length > 0 && (
        <Split
          name="host"
          way="across"
          start={0.26}
          minPx={320}
          first={
            <div className={css['list']} style={columns}>
              <VirtualRows
                label="Hosts"
                keys={names}
                rowHeight={38}
                shown={chosen}
                head={
                  <div className={table['head']}>
                    <span>Host</span>
                    <span>Link</span>
                    <span>Address</span>
                    <span>Labels</span>
                    <span>Slots in use</span>
                    <span className={table['right']}>Round trip</span>
                    <span className={table['right']}>Seen</span>
                  </div>
                }
                row={(name) => <Row name={name} chosen={name === chosen} />}
              />
            </div>
          }
          second={chosen === null ? null : <Detail key={chosen} name={chosen} />}
        />
      )}
    </Page>
  )
}

function Row({ name, chosen }: { name: string; chosen: boolean }) {
  const { hosts } = useStores()
  const row = useStore(hosts, selectHost(name)) as HostRow
  const nowMs = useNow()
  return (
    <button
      type="button"
      className={table['row']}
      data-chosen={chosen || undefined}
      onClick={() => turn({ page: 'hosts', host: chosen ? null : name })}
    >
      <span className={`${table['strong']} cut`}>{name}</span>
      {row.askFingerprint === null ? (
        <StateBadge look={LINK_LOOK[row.link]} />
      ) : (
        <StateBadge look={LINK_LOOK.refused} word="Unknown key" />
      )}
      <span className="mono soft cut">{row.address}</span>
      <span className="soft cut">{row.labels.join(', ')}</span>
      <Slots row={row} />
      <span className={`${table['right']} num soft`}>
        {row.roundTripMs === null
          ? row.link === 'linked' && (
              <span
                className="faint"
                title="Measured when the host is quiet for a while, or by Test"
              >
                not yet
              </span>
            )
          : `${row.roundTripMs < 10 ? row.roundTripMs.toFixed(1) : Math.round(row.roundTripMs)} ms`}
      </span>
      <span className={`${table['right']} num soft`}>
        {row.lastSeenAt === null ? 'never' : distanceWords(row.lastSeenAt, nowMs)}
      </span>
    </button>
  )
}

function Slots({ row }: { row: HostRow }) {
  const words = `${row.used} of ${row.slots} slots in use${row.queued > 0 ? `, ${row.queued} waiting` : ''}`
  return (
    <Tooltip label={words}>
      <span className={css['slots']}>
        <span
          className={css['bar']}
          role="img"
          aria-label={words}
          data-full={row.used >= row.slots || undefined}
        >
          <i style={{ width: `${Math.min(100, (row.used / Math.max(row.slots, 1)) * 100)}%` }} />
        </span>
        <span className="num soft">
          {row.used}/{row.slots}
          {row.queued > 0 && <b> +{row.queued}</b>}
        </span>
      </span>
    </Tooltip>
  )
}

function Detail({ name }: { name: string }) {
  const { hosts } = useStores()
  const row = useStore(hosts, selectHost(name)) as HostRow
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  const [trusting, setTrusting] = useState(false)

  async function test(): Promise<void> {
    setBusy(true)
    setFailure('')
    try {
      await hosts.check(name)
    } catch (error) {
      setFailure(errorShape(error).message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <aside className={css['detail']} aria-label={`Host ${name}`}>
      <h2 className={css['title']}>
        {name} <StateBadge look={LINK_LOOK[row.link]} boxed />
      </h2>
      <p className={`${css['address']} mono soft`}>
        {row.address}{' '}
        {row.address !== '' && <CopyButton text={row.address} label="Copy the address" />}
      </p>
      {row.why !== '' && row.askFingerprint === null && <p className={css['why']}>{row.why}</p>}
      {row.askFingerprint !== null && (
        <div className={css['why']}>
          <p>
            This host shows a key that Sluice has not seen before. Nothing is sent until you say it
            is right.
          </p>
          <code>{row.askFingerprint}</code>
        </div>
      )}
      {failure !== '' && (
        <p className={css['why']} role="alert">
          {failure}
        </p>
      )}
      <div className={css['buttons']}>
        {row.askFingerprint !== null && (
          <Button leftSection={<Icon name="key" size={13} />} onClick={() => setTrusting(true)}>
            Trust this key
          </Button>
        )}
        <Button variant="default" loading={busy} onClick={() => void test()}>
          Test
        </Button>
      </div>
      <Facts row={row} />
      {row.askFingerprint !== null && (
        <TrustDialog
          opened={trusting}
          host={row}
          fingerprint={row.askFingerprint}
          onClose={() => setTrusting(false)}
        />
      )}
    </aside>
  )
}

function Facts({ row }: { row: HostRow }) {
  const { facts } = row
  const rows: [string, string][] = [
    ['Kind', row.kind === 'local' ? 'This machine' : 'SSH'],
    [
      'Slots',
      `${row.used} of ${row.slots} in use${row.queued > 0 ? `, ${row.queued} waiting` : ''}`,
    ],
  ]
  if (facts !== null) {
    rows.push(
      ['System', facts.system],
      ['Shell', facts.shell || 'not told'],
      ['Clock', clockWords(facts.clockOffsetMs)],
      ['Boot id', facts.bootId],
      ['Agent', facts.agent.slice(0, 12)],
    )
  }
  return (
    <>
      <dl className={css['facts']}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="cut" title={value}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
      {facts === null && (
        <p className="faint">More is known once it has been reached. Press Test.</p>
      )}
      {facts !== null && facts.lacks.length > 0 && (
        <section className={css['lacks']}>
          <h3>{countWords(facts.lacks.length, 'thing')} this host lacks</h3>
          <ul>
            {facts.lacks.map((lack) => (
              <li key={lack}>{lack}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

function clockWords(offsetMs: number): string {
  if (Math.abs(offsetMs) < 1000) return 'right'
  return `${durationWords(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`
}
