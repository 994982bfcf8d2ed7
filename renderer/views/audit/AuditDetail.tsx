import type { AuditRow } from '../../../shared/api/views.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { exactWords, numberWords } from '../../ui/time-words.ts'
import { Tool } from '../../ui/Tool.tsx'
import css from './AuditPage.module.css'

/** All that one row of the record holds. */
export function AuditDetail({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  const details = Object.entries(row.details)
  return (
    <aside className={css['detail']} aria-label={`Row ${row.seq}`}>
      <header>
        <h2>{row.action}</h2>
        <Tool icon="close" label="Close (Esc)" onClick={onClose} />
      </header>
      <dl>
        <Fact name="What" value={row.subject} />
        <Fact name="Who" value={row.by} />
        <Fact name="When" value={exactWords(row.at)} />
        <Fact name="Reason" value={row.reason === '' ? 'none given' : row.reason} />
      </dl>
      {details.length > 0 && (
        <>
          <h3>Details</h3>
          <dl>
            {details.map(([name, value]) => (
              <Fact key={name} name={name.replaceAll('_', ' ')} value={String(value)} mono />
            ))}
          </dl>
        </>
      )}
      <h3>Row {numberWords(row.seq)} of the chain</h3>
      <p className={`${css['hash']} mono`}>
        {row.hash} <CopyButton text={row.hash} label="Copy the hash" />
      </p>
    </aside>
  )
}

function Fact({ name, value, mono = false }: { name: string; value: string; mono?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={mono ? 'mono' : undefined}>{value}</dd>
    </div>
  )
}
