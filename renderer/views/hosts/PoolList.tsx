import { useStore } from 'zustand'
import type { PoolRow } from '../../../shared/api/views.ts'
import type { PoolPick } from '../../../shared/pipeline/spec.ts'
import { selectHost } from '../../state/hosts.ts'
import { hashOf, hostsRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { CORDON_LOOK, KEY_CHANGED_LOOK, LINK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { Tag } from '../../ui/Tag.tsx'
import { countWords, numberWords } from '../../ui/time-words.ts'
import { Slots } from './Slots.tsx'
import css from './PoolList.module.css'

const pickWords: Record<PoolPick, string> = {
  least_busy: 'The host with the smallest share of its slots in use takes the next task.',
  in_order: 'The first host of the list that can takes the next task.',
  spread: 'The host with the fewest attempts of the same run takes the next task.',
}
const pickShort: Record<PoolPick, string> = {
  least_busy: 'least busy',
  in_order: 'in order',
  spread: 'spread',
}
const membersShown = 40

const sample = `pools:
  workers: { labels: [dc1], pick: least_busy }`

/** The named sets of hosts that tasks may ask for instead of one host. */
export function PoolList() {
  const { pools } = useStores()
  const rows = useStore(pools, (state) => state.rows)
  if (rows.kind === 'loading') return <Loading />
  if (rows.kind === 'error')
    return <ErrorBlank error={rows.error} onAgain={() => void pools.load()} />
  if (rows.value.length === 0)
    return (
      <Blank icon="pool" title="No pools yet" sample={sample}>
        <p>
          A pool is a named set of hosts. A task that asks for it runs on the host that can take it
          best, and on another one when that host is gone. In <code>sluice.yaml</code>:
        </p>
      </Blank>
    )
  return (
    <ul className={css['pools']} aria-label="Pools">
      {rows.value.map((row) => (
        <Pool key={row.name} row={row} />
      ))}
    </ul>
  )
}

function Pool({ row }: { row: PoolRow }) {
  const shown = row.hosts.slice(0, membersShown)
  return (
    <li className={css['pool']}>
      <header>
        <h2>
          <a href={hashOf(hostsRoute({ pool: row.name }))}>{row.name}</a>
        </h2>
        <Tag word={pickShort[row.pick]} why={pickWords[row.pick]} />
        <span className="soft">{countWords(row.hosts.length, 'host')}</span>
        <span className={css['space']} />
        {row.slots === null ? (
          <span className="soft num" title="Limited by the slots of its hosts alone">
            {numberWords(row.used)} running
            {row.queued > 0 && <b> +{numberWords(row.queued)} waiting</b>}
          </span>
        ) : (
          <Slots row={{ used: row.used, slots: row.slots, queued: row.queued }} />
        )}
      </header>
      <ul className={css['members']}>
        {shown.map((host) => (
          <Member key={host} name={host} />
        ))}
        {row.hosts.length > shown.length && (
          <li>
            <a className={css['member']} href={hashOf(hostsRoute({ pool: row.name }))}>
              and {numberWords(row.hosts.length - shown.length)} more
            </a>
          </li>
        )}
      </ul>
    </li>
  )
}

function Member({ name }: { name: string }) {
  const { hosts } = useStores()
  const row = useStore(hosts, selectHost(name))
  const look =
    row === undefined
      ? LINK_LOOK.idle
      : row.changedKey !== null
        ? KEY_CHANGED_LOOK
        : row.cordon !== null
          ? CORDON_LOOK[row.cordon.kind]
          : LINK_LOOK[row.link]
  return (
    <li>
      <a className={css['member']} href={hashOf(hostsRoute({ host: name }))} title={look.word}>
        <StateIcon look={look} size={12} />
        {name}
        {row !== undefined && (
          <span className="faint num">
            {row.used}/{row.slots}
          </span>
        )}
      </a>
    </li>
  )
}
