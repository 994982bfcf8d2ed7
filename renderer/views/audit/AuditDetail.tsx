import type { AuditRow } from '../../../shared/api/views.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Pane, PaneBody } from '../../ui/Pane.tsx'
import { exactWords, numberWords } from '../../ui/time-words.ts'
import css from './AuditPage.module.css'

/** All that one row of the record holds. */
export function AuditDetail({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  const details = Object.entries(row.details)
  return (
    <Pane label={`Row ${row.seq}`} head={<h2>{row.action}</h2>} onClose={onClose}>
      <PaneBody>
        <Facts wide ruled>
          <Fact name="What">{row.subject}</Fact>
          <Fact name="Who">{row.by}</Fact>
          <Fact name="When">{exactWords(row.at)}</Fact>
          <Fact name="Reason">{row.reason === '' ? 'none given' : row.reason}</Fact>
        </Facts>
        {details.length > 0 && (
          <>
            <h3 className={css['part']}>Details</h3>
            <Facts wide ruled>
              {details.map(([name, value]) => (
                <Fact key={name} name={name.replaceAll('_', ' ')} mono>
                  {String(value)}
                </Fact>
              ))}
            </Facts>
          </>
        )}
        <h3 className={css['part']}>Row {numberWords(row.seq)} of the chain</h3>
        <p className={`${css['hash']} mono`}>
          {row.hash} <CopyButton text={row.hash} label="Copy the hash" />
        </p>
      </PaneBody>
    </Pane>
  )
}
