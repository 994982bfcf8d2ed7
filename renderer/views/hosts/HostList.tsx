import type { CSSProperties } from 'react'
import { useStore } from 'zustand'
import type { HostRow } from '../../../shared/api/views.ts'
import { selectHost } from '../../state/hosts.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { CORDON_LOOK, KEY_CHANGED_LOOK, LINK_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import table from '../../ui/table.module.css'
import { distanceWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { Slots } from './Slots.tsx'
import css from './HostsPage.module.css'

const columns = {
  '--columns':
    'minmax(100px, 1fr) 122px 104px minmax(120px, 1.6fr) minmax(90px, 1fr) 116px 66px 72px',
} as CSSProperties
/** Beside an open host the list keeps what one compares hosts by. */
const fewColumns = {
  '--columns': 'minmax(100px, 1.2fr) 122px 104px minmax(80px, 1fr) 116px 72px',
} as CSSProperties

interface Props {
  names: readonly string[]
  chosen: string | null
  onChoose: (host: string | null) => void
}

export function HostList({ names, chosen, onChoose }: Props) {
  return (
    <div className={css['list']} style={chosen === null ? columns : fewColumns}>
      <VirtualRows
        label="Hosts"
        keys={names}
        rowHeight={38}
        shown={chosen}
        head={
          <div className={table['head']}>
            <span>Host</span>
            <span>Link</span>
            <span>New work</span>
            {chosen === null && <span>Address</span>}
            <span>Pools, labels</span>
            <span>Slots in use</span>
            {chosen === null && <span className={table['right']}>Round trip</span>}
            <span className={table['right']}>Seen</span>
          </div>
        }
        row={(name) => (
          <Row
            name={name}
            chosen={name === chosen}
            few={chosen !== null}
            onChoose={() => onChoose(name === chosen ? null : name)}
          />
        )}
      />
    </div>
  )
}

function Row(props: { name: string; chosen: boolean; few: boolean; onChoose: () => void }) {
  const { name, chosen, few, onChoose } = props
  const { hosts } = useStores()
  const row = useStore(hosts, selectHost(name)) as HostRow
  const nowMs = useNow()
  return (
    <button
      type="button"
      className={table['row']}
      data-chosen={chosen || undefined}
      onClick={onChoose}
    >
      <span className={`${table['strong']} cut`}>{name}</span>
      <LinkBadge row={row} />
      <Work row={row} />
      {!few && <span className="mono soft cut">{row.address}</span>}
      <span className="soft cut">
        {row.pools.join(', ')}
        {row.pools.length > 0 && row.labels.length > 0 && ' · '}
        <span className="faint">{row.labels.join(', ')}</span>
      </span>
      <Slots row={row} />
      {!few && (
        <span className={`${table['right']} num soft`}>
          <RoundTrip row={row} />
        </span>
      )}
      <span className={`${table['right']} num soft cut`}>
        {row.lastSeenAt === null ? 'never' : distanceWords(row.lastSeenAt, nowMs)}
      </span>
    </button>
  )
}

export function LinkBadge({ row, boxed = false }: { row: HostRow; boxed?: boolean }) {
  if (row.changedKey !== null) return <StateBadge look={KEY_CHANGED_LOOK} boxed={boxed} />
  if (row.askFingerprint !== null)
    return <StateBadge look={LINK_LOOK.refused} word="Unknown key" boxed={boxed} />
  return <StateBadge look={LINK_LOOK[row.link]} boxed={boxed} />
}

/** Nothing to say is said by nothing: only what keeps work away has a word. */
function Work({ row }: { row: HostRow }) {
  if (row.cordon !== null) return <StateBadge look={CORDON_LOOK[row.cordon.kind]} />
  if (row.health.score < lowHealth)
    return (
      <span className={`${css['low']} cut`} title={row.health.why}>
        comes last
      </span>
    )
  return <span className="faint">open</span>
}

/** Below it the engine gives a host its work last, and the list says so. */
export const lowHealth = 0.5

function RoundTrip({ row }: { row: HostRow }) {
  if (row.roundTripMs !== null)
    return <>{row.roundTripMs < 10 ? row.roundTripMs.toFixed(1) : Math.round(row.roundTripMs)} ms</>
  if (row.link !== 'linked') return null
  return (
    <span className="faint" title="Measured when the host is quiet for a while, or by Test">
      not yet
    </span>
  )
}
