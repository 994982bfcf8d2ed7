import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { HostRow } from '../../../shared/api/views.ts'
import { selectAsks } from '../../state/asks.ts'
import { selectHost } from '../../state/hosts.ts'
import { useStores } from '../../state/stores.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Pane, PaneBody } from '../../ui/Pane.tsx'
import { byteWords } from '../../../shared/run/byte-words.ts'
import { countWords, durationWords } from '../../ui/time-words.ts'
import { useOneAct } from '../../ui/use-one-act.ts'
import { showAsk } from '../asks/ask-view-store.ts'
import { askShort } from '../asks/ask-words.ts'
import { ChangedKey } from './ChangedKey.tsx'
import { CheckReport } from './CheckReport.tsx'
import { CordonBar, CordonButtons } from './Cordon.tsx'
import { LinkBadge } from './HostList.tsx'
import { TrustDialog } from './TrustDialog.tsx'
import css from './HostDetail.module.css'

export function HostDetail({ name, onClose }: { name: string; onClose: () => void }) {
  const { hosts } = useStores()
  const row = useStore(hosts, selectHost(name)) as HostRow
  const { busy, failure, perform } = useOneAct()
  const [trusting, setTrusting] = useState(false)

  const plainTrouble = row.why !== '' && row.askFingerprint === null && row.changedKey === null
  return (
    <Pane
      label={`Host ${name}`}
      head={
        <h2 className={css['title']}>
          <span className="cut">{name}</span> <LinkBadge row={row} boxed />
        </h2>
      }
      onClose={onClose}
    >
      <PaneBody>
        <p className={`${css['address']} mono soft`}>
          {row.address}{' '}
          {row.address !== '' && <CopyButton text={row.address} label="Copy the address" />}
        </p>
        <Asked host={name} />
        {row.changedKey !== null && <ChangedKey host={row} changed={row.changedKey} />}
        {plainTrouble && <p className={css['why']}>{row.why}</p>}
        {row.askFingerprint !== null && (
          <div className={css['why']}>
            <p>
              This host shows a key that Sluice has not seen before. Nothing is sent until you say
              it is right.
            </p>
            <code>{row.askFingerprint}</code>
          </div>
        )}
        <Failure error={failure} apart />
        <CordonBar row={row} />
        <div className={css['buttons']}>
          {row.askFingerprint !== null && (
            <Button leftSection={<Icon name="key" size={13} />} onClick={() => setTrusting(true)}>
              Check the key
            </Button>
          )}
          <Button
            variant="default"
            loading={busy}
            onClick={() => void perform(() => hosts.check(name))}
          >
            Test
          </Button>
          <CordonButtons row={row} />
        </div>
        <Transfers row={row} />
        <FactsOf row={row} />
        {row.facts !== null && <CheckReport facts={row.facts} />}
        {row.askFingerprint !== null && (
          <TrustDialog
            opened={trusting}
            host={row}
            fingerprint={row.askFingerprint}
            onClose={() => setTrusting(false)}
          />
        )}
      </PaneBody>
    </Pane>
  )
}

/** Its login waits for an answer. */
function Asked({ host }: { host: string }) {
  const { asks } = useStores()
  const ask = useStore(asks, (state) =>
    selectAsks(state).find(({ question }) => question.host === host),
  )
  if (ask === undefined) return null
  return (
    <div className={css['why']}>
      <p>Its sign-in asks for {askShort(ask.question)}.</p>
      <Button mt={8} leftSection={<Icon name="key" size={13} />} onClick={() => showAsk(ask)}>
        Answer
      </Button>
    </div>
  )
}

function Transfers({ row }: { row: HostRow }) {
  if (row.transfers.length === 0) return null
  return (
    <Part title={countWords(row.transfers.length, 'file under way', 'files under way')}>
      <ul className={css['transfers']}>
        {row.transfers.map((each) => {
          const share = each.totalBytes === 0 ? 1 : Math.min(1, each.bytes / each.totalBytes)
          const words = `${byteWords(each.bytes)} of ${byteWords(each.totalBytes)}`
          return (
            <li key={`${each.direction} ${each.path}`}>
              <span className={css['transferPath']}>
                <span aria-label={each.direction === 'to' ? 'to the host' : 'from the host'}>
                  {each.direction === 'to' ? '↑' : '↓'}
                </span>
                <span className="cut" title={each.path}>
                  {each.path}
                </span>
                <span className="num soft">{words}</span>
              </span>
              <span
                className={css['meter']}
                role="progressbar"
                aria-label={each.path}
                aria-valuenow={Math.round(share * 100)}
                aria-valuemin={0}
                aria-valuemax={100}
              >
                <i style={{ width: `${share * 100}%` }} />
              </span>
            </li>
          )
        })}
      </ul>
    </Part>
  )
}

function FactsOf({ row }: { row: HostRow }) {
  const { facts } = row
  const rows: [string, string][] = [
    ['Kind', row.kind === 'local' ? 'This machine' : 'SSH'],
    [
      'Slots',
      `${row.used} of ${row.slots} in use${row.queued > 0 ? `, ${row.queued} waiting` : ''}`,
    ],
    ['Health', healthWords(row)],
  ]
  if (row.pools.length > 0) rows.push(['Pools', row.pools.join(', ')])
  if (row.labels.length > 0) rows.push(['Labels', row.labels.join(', ')])
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
      <Facts ruled>
        {rows.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </Facts>
      {facts === null && (
        <p className={`${css['hint']} faint`}>
          More is known once it has been reached. Press Test.
        </p>
      )}
    </>
  )
}

function healthWords({ health }: HostRow): string {
  const share = `${Math.round(health.score * 100)}%`
  if (health.why !== '') return `${share}: ${health.why}`
  return health.score >= 1 ? 'nothing went wrong of late' : share
}

function clockWords(offsetMs: number): string {
  if (Math.abs(offsetMs) < 1000) return 'right'
  return `${durationWords(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead' : 'behind'}`
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css['part']}>
      <h3>{title}</h3>
      {children}
    </section>
  )
}
