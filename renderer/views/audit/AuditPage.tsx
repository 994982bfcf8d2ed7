import { Button, NativeSelect } from '@mantine/core'
import { useDeferredValue, useEffect, useMemo, useState, type CSSProperties } from 'react'
import { useStore } from 'zustand'
import type { AuditRow } from '../../../shared/api/views.ts'
import { detailWords, fittingRows } from '../../state/audit.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { Split } from '../../ui/Split.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import table from '../../ui/table.module.css'
import { countWords, dateWords, exactWords, numberWords } from '../../ui/time-words.ts'
import { useEscape } from '../../ui/use-escape.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import css from './AuditPage.module.css'

const columns = {
  '--columns':
    '56px 130px minmax(70px, 0.6fr) minmax(120px, 1fr) minmax(110px, 1.2fr) minmax(120px, 2fr)',
} as CSSProperties

/** The engine does not stream the record: it grows by a few rows a day. */
const lookAgainMs = 10_000

/** Who did what, to what, and why; each row is chained to the one before it. */
export function AuditPage() {
  const { audit } = useStores()
  const kind = useStore(audit, (state) => state.kind)
  const error = useStore(audit, (state) => state.error)
  const rows = useStore(audit, (state) => state.rows)
  useEffect(() => {
    void audit.load()
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void audit.load()
    }, lookAgainMs)
    return () => clearInterval(timer)
  }, [audit])
  return (
    <Page
      title="Audit"
      still
      beside={<span className="soft num">{rows.length > 0 && newestWords(rows)}</span>}
      actions={kind === 'ready' && rows.length > 0 && <Verify />}
    >
      {kind === 'loading' && <Loading />}
      {kind === 'error' && error !== null && (
        <ErrorBlank error={error} onAgain={() => void audit.load()} />
      )}
      {kind === 'ready' && rows.length === 0 && (
        <Blank icon="audit" title="Nothing is on record yet">
          <p>
            Trusting a host key, closing a host, deciding about an unknown outcome, opening a shell:
            each gets a row here, with who did it and why. Rows are only ever added, and each holds
            a hash over the one before it.
          </p>
        </Blank>
      )}
      {kind === 'ready' && rows.length > 0 && <Rows rows={rows} />}
    </Page>
  )
}

function newestWords(rows: readonly AuditRow[]): string {
  return countWords(rows[0]?.seq ?? 0, 'row')
}

function Rows({ rows }: { rows: readonly AuditRow[] }) {
  const { audit } = useStores()
  const older = useStore(audit, (state) => state.older)
  const brokenAt = useStore(audit, (state) =>
    state.verified.kind === 'done' ? state.verified.brokenAt : null,
  )
  const [text, setText] = useState('')
  const [action, setAction] = useState('')
  const [chosen, setChosen] = useState<number | null>(null)
  const laterText = useDeferredValue(text)
  const actions = useMemo(() => [...new Set(rows.map((row) => row.action))].sort(), [rows])
  const shown = useMemo(() => fittingRows(rows, laterText, action), [rows, laterText, action])
  const bySeq = useMemo(() => new Map(shown.map((row) => [String(row.seq), row])), [shown])
  const keys = useMemo(() => shown.map((row) => String(row.seq)), [shown])
  const detail = rows.find((row) => row.seq === chosen) ?? null
  useEscape(() => setChosen(null))
  const isFiltered = laterText.trim() !== '' || action !== ''
  return (
    <>
      <div className={css['filters']}>
        <FilterField
          width={280}
          label="Filter the record"
          placeholder="Filter: a person, a host, a run, a reason"
          value={text}
          onChange={setText}
        />
        <NativeSelect
          aria-label="Action"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
          data={[{ value: '', label: 'All actions' }, ...actions]}
        />
        {isFiltered && (
          <span className="faint">
            {numberWords(shown.length)} of {countWords(rows.length, 'row')} read
            {older !== 'none' && (
              <>
                {' · '}
                <button
                  type="button"
                  className={css['inline']}
                  disabled={older === 'loading'}
                  onClick={() => void audit.loadOlder()}
                >
                  {older === 'loading' ? 'Reading older rows…' : 'Read older rows'}
                </button>
              </>
            )}
          </span>
        )}
      </div>
      {shown.length === 0 ? (
        <Blank icon="audit" title="No row fits this filter" />
      ) : (
        <Split
          name="audit"
          way="across"
          start={0.28}
          minPx={320}
          first={
            <div className={css['list']} style={columns}>
              <VirtualRows
                label="Audit"
                keys={keys}
                rowHeight={32}
                shown={chosen === null ? null : String(chosen)}
                {...(!isFiltered && { onEnd: () => void audit.loadOlder() })}
                head={
                  <div className={table['head']}>
                    <span className={table['right']}>#</span>
                    <span>When</span>
                    <span>Who</span>
                    <span>Action</span>
                    <span>What</span>
                    <span>Reason and details</span>
                  </div>
                }
                row={(key) => {
                  const row = bySeq.get(key)
                  return row === undefined ? null : (
                    <Line
                      row={row}
                      chosen={row.seq === chosen}
                      broken={brokenAt !== null && row.seq >= brokenAt}
                      onChoose={() => setChosen(row.seq === chosen ? null : row.seq)}
                    />
                  )
                }}
              />
            </div>
          }
          second={detail === null ? null : <Detail row={detail} onClose={() => setChosen(null)} />}
        />
      )}
    </>
  )
}

function Line(props: { row: AuditRow; chosen: boolean; broken: boolean; onChoose: () => void }) {
  const { row, chosen, broken, onChoose } = props
  return (
    <button
      type="button"
      className={table['row']}
      data-chosen={chosen || undefined}
      onClick={onChoose}
    >
      <span className={`${table['right']} num ${broken ? css['broken'] : 'faint'}`}>
        {broken && '✕ '}
        {row.seq}
      </span>
      <time className="num soft" title={exactWords(row.at)}>
        {dateWords(row.at)}
      </time>
      <span className="cut">{row.by}</span>
      <span className={`${table['strong']} cut`}>{row.action}</span>
      <span className="cut">{row.subject}</span>
      <span className="soft cut">
        {row.reason !== '' && <span className={css['reason']}>{row.reason}</span>}
        <span className="faint">{detailWords(row)}</span>
      </span>
    </button>
  )
}

function Detail({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  const details = Object.entries(row.details)
  return (
    <aside className={css['detail']} aria-label={`Row ${row.seq}`}>
      <header>
        <h2>{row.action}</h2>
        <button type="button" className={css['close']} aria-label="Close" onClick={onClose}>
          <Icon name="close" size={14} />
        </button>
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

function Verify() {
  const { audit } = useStores()
  const verified = useStore(audit, (state) => state.verified)
  return (
    <>
      <span role="status" className={css['verdict']}>
        {verified.kind === 'done' && verified.brokenAt === null && (
          <>
            <StateIcon look={TASK_LOOK.succeeded} silent /> {countWords(verified.rows, 'row')}, and
            every one follows from the one before
          </>
        )}
        {verified.kind === 'done' && verified.brokenAt !== null && (
          <span className={css['broken']}>
            <StateIcon look={TASK_LOOK.failed} silent /> Broken at row{' '}
            {numberWords(verified.brokenAt)}: what stands there was changed or taken out after it
            was written
          </span>
        )}
        {verified.kind === 'error' && (
          <span className={css['broken']}>{verified.error.message}</span>
        )}
      </span>
      <Button
        variant="default"
        loading={verified.kind === 'busy'}
        onClick={() => void audit.verify()}
      >
        Verify the chain
      </Button>
    </>
  )
}
