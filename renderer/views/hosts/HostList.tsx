import { useStore } from 'zustand'
import type { HostRow } from '../../../shared/api/views.ts'
import { selectHost } from '../../state/hosts.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { RowButton } from '../../ui/RowButton.tsx'
import { CORDON_LOOK, KEY_CHANGED_LOOK, LINK_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { distanceWords } from '../../ui/time-words.ts'
import { Slots } from './Slots.tsx'
import css from './HostsPage.module.css'

interface Props {
  names: readonly string[]
  chosen: string | null
  onChoose: (host: string | null) => void
}

export function HostList({ names, chosen, onChoose }: Props) {
  return (
    <Table
      label="Hosts"
      line={css['line']}
      keys={names}
      rowHeight={38}
      shown={chosen}
      head={
        <>
          <span>Host</span>
          <span>Link</span>
          <span>New work</span>
          <span className={css['wide']}>Address</span>
          <span className={css['middle']}>Pools, labels</span>
          <span>Slots in use</span>
          <span className={`${table['right']} ${css['wide']}`}>Round trip</span>
          <span className={`${table['right']} ${css['middle']}`}>Seen</span>
        </>
      }
      row={(name) => (
        <Row
          name={name}
          chosen={name === chosen}
          onChoose={() => onChoose(name === chosen ? null : name)}
        />
      )}
    />
  )
}

function Row(props: { name: string; chosen: boolean; onChoose: () => void }) {
  const { name, chosen, onChoose } = props
  const { hosts } = useStores()
  const row = useStore(hosts, selectHost(name)) as HostRow
  const nowMs = useNow()
  return (
    <RowButton line={css['line']} isChosen={chosen} onPress={onChoose}>
      <span className={`${table['strong']} cut`}>{name}</span>
      <LinkBadge row={row} />
      <Work row={row} />
      <span className={`${css['wide']} mono soft cut`}>{row.address}</span>
      <span className={`${css['middle']} soft cut`}>
        {row.pools.join(', ')}
        {row.pools.length > 0 && row.labels.length > 0 && ' · '}
        <span className="faint">{row.labels.join(', ')}</span>
      </span>
      <Slots row={row} />
      <span className={`${table['right']} ${css['wide']} num soft`}>
        <RoundTrip row={row} />
      </span>
      <span className={`${table['right']} ${css['middle']} num soft cut`}>
        {row.lastSeenAt === null ? 'never' : distanceWords(row.lastSeenAt, nowMs)}
      </span>
    </RowButton>
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
