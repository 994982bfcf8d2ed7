import type { ReactNode } from 'react'
import type { AttemptEnd } from '../../../shared/run/events.ts'
import type { HostDisk, HostSnapshot } from '../../../shared/run/host-snapshot.ts'
import {
  alarmCount,
  clockAlarm,
  diskAlarm,
  freeWords,
  groupAlarm,
  loadAlarm,
  memoryAlarm,
  offsetWords,
  oomAlarm,
  uptimeAlarm,
} from '../../state/snapshot-alarms.ts'
import { Icon } from '../../ui/Icon.tsx'
import { byteWords } from '../../../shared/run/byte-words.ts'
import {
  clockWords,
  countWords,
  durationWords,
  exactWords,
  numberWords,
} from '../../ui/time-words.ts'
import css from './SnapshotPanel.module.css'

interface Props {
  snapshot: HostSnapshot
  host: string
  end: AttemptEnd | null
}

/** H10: what the host was like when the attempt failed. Alarming values are marked by a sign and a word, then by colour. */
export function SnapshotPanel({ snapshot, host, end }: Props) {
  const alarms = alarmCount(snapshot)
  return (
    <section className={css['panel']} aria-label="The host when it failed">
      <h3 className={css['title']}>
        {host} when it failed
        <span className={css['when']} title={exactWords(snapshot.takenAt)}>
          {clockWords(snapshot.takenAt)} on its clock
        </span>
        {alarms > 0 && (
          <span className={css['alarm']}>
            <Icon name="warning" size={12} /> {countWords(alarms, 'alarming value')}
          </span>
        )}
      </h3>
      {!snapshot.isPrompt && (
        <p className={css['late']}>
          Taken {lateWords(snapshot, end)}over a new link: it may show a host that has recovered.
        </p>
      )}
      <dl className={css['values']}>
        <Memory snapshot={snapshot} />
        {snapshot.disks.map((disk) => (
          <Disk key={disk.path} disk={disk} />
        ))}
        <Group snapshot={snapshot} />
        {snapshot.load !== null && (
          <Value name="Load" alarm={loadAlarm(snapshot)}>
            {snapshot.load.map((each) => each.toFixed(2)).join('  ')}
            {snapshot.cores !== null && (
              <span className="faint"> on {countWords(snapshot.cores, 'core')}</span>
            )}
          </Value>
        )}
        {snapshot.oomKills !== null && (
          <Value name="Killed for memory" alarm={oomAlarm(snapshot)}>
            {snapshot.oomKills === 0
              ? 'none'
              : countWords(snapshot.oomKills, 'process', 'processes')}
          </Value>
        )}
        {snapshot.uptimeMs !== null && (
          <Value name="Up for" alarm={uptimeAlarm(snapshot)}>
            {durationWords(snapshot.uptimeMs)}
          </Value>
        )}
        {snapshot.clockOffsetMs !== null && (
          <Value name="Clock" alarm={clockAlarm(snapshot)}>
            {offsetWords(snapshot.clockOffsetMs)}
          </Value>
        )}
      </dl>
      <Kernel lines={snapshot.kernel} />
      <Processes snapshot={snapshot} />
      <Limits limits={snapshot.limits} />
      {snapshot.missing.length > 0 && (
        <p className={`${css['missing']} faint`}>
          Could not be had: {snapshot.missing.join('; ')}.
        </p>
      )}
    </section>
  )
}

function lateWords(snapshot: HostSnapshot, end: AttemptEnd | null): string {
  const endedAt = end?.hostEndedAt
  if (endedAt === null || endedAt === undefined) return 'later, '
  const late = snapshot.takenAt - endedAt
  return late > 1000 ? `${durationWords(late)} later, ` : 'later, '
}

function Value(props: { name: string; alarm: string | null; share?: number; children: ReactNode }) {
  const { name, alarm, share, children } = props
  return (
    <div data-alarm={alarm !== null || undefined}>
      <dt className="cut" title={name}>
        {name}
      </dt>
      <dd>
        {share !== undefined && (
          <span className={css['meter']} aria-hidden>
            <i style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
          </span>
        )}
        <span className="num">{children}</span>
        {alarm !== null && (
          <span className={css['alarm']}>
            <Icon name="warning" size={12} /> {alarm}
          </span>
        )}
      </dd>
    </div>
  )
}

function Memory({ snapshot }: { snapshot: HostSnapshot }) {
  const { memory } = snapshot
  if (memory === null) return null
  const { totalBytes, availableBytes, swapFreeBytes } = memory
  return (
    <Value
      name="Memory"
      alarm={memoryAlarm(snapshot)}
      share={totalBytes === 0 ? 0 : 1 - availableBytes / totalBytes}
    >
      {freeWords(availableBytes, totalBytes)}
      {swapFreeBytes !== null && (
        <span className="faint">, swap {byteWords(swapFreeBytes)} free</span>
      )}
    </Value>
  )
}

function Group({ snapshot }: { snapshot: HostSnapshot }) {
  const { group } = snapshot
  if (group === null) return null
  const { limitBytes, peakBytes, oomKills } = group
  const parts = [
    peakBytes === null ? '' : `peak ${byteWords(peakBytes)}`,
    limitBytes === null ? 'no limit' : `limit ${byteWords(limitBytes)}`,
    oomKills === null || oomKills === 0 ? '' : `${oomKills} killed`,
  ]
  return (
    <Value
      name="Its memory group"
      alarm={groupAlarm(snapshot)}
      {...(limitBytes !== null && peakBytes !== null && { share: peakBytes / limitBytes })}
    >
      {parts.filter((part) => part !== '').join(', ')}
    </Value>
  )
}

function Disk({ disk }: { disk: HostDisk }) {
  const { path, totalBytes, freeBytes, inodes, inodesFree } = disk
  return (
    <Value
      name={path}
      alarm={diskAlarm(disk)}
      share={totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes}
    >
      {freeWords(freeBytes, totalBytes)}
      {inodes !== null && inodesFree !== null && inodes > 0 && (
        <span className="faint">, {numberWords(inodesFree)} inodes free</span>
      )}
    </Value>
  )
}

function Kernel({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <>
      <h4>The kernel said</h4>
      <ol className={css['kernel']}>
        {lines.map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ol>
    </>
  )
}

function Processes({ snapshot }: { snapshot: HostSnapshot }) {
  if (snapshot.processes.length === 0) return null
  return (
    <>
      <h4>The largest processes</h4>
      <div className={css['scroll']}>
        <table className={css['processes']}>
          <thead>
            <tr>
              <th>Memory</th>
              <th>CPU</th>
              <th>PID</th>
              <th>User</th>
              <th>Command</th>
            </tr>
          </thead>
          <tbody>
            {snapshot.processes.map((each) => (
              <tr key={each.pid}>
                <td className="num">{byteWords(each.residentBytes)}</td>
                <td className="num">{Math.round(each.cpu)}%</td>
                <td className="num">{each.pid}</td>
                <td>{each.user}</td>
                <td className="mono" title={each.command}>
                  {each.command}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Limits({ limits }: { limits: HostSnapshot['limits'] }) {
  const rows = Object.entries(limits)
  if (rows.length === 0) return null
  return (
    <details className={css['limits']}>
      <summary>{countWords(rows.length, 'limit')} of its shell</summary>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
