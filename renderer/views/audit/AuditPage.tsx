import { NativeSelect } from '@mantine/core'
import { useDeferredValue, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { AuditRow } from '../../../shared/api/views.ts'
import { detailWords, fittingRows } from '../../state/audit.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { Page } from '../../ui/Page.tsx'
import { RowButton } from '../../ui/RowButton.tsx'
import { Split } from '../../ui/Split.tsx'
import { countWords, dateWords, exactWords, numberWords } from '../../ui/time-words.ts'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import css from './AuditPage.module.css'
import { AuditDetail } from './AuditDetail.tsx'
import { VerifyChain } from './VerifyChain.tsx'

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
      actions={kind === 'ready' && rows.length > 0 && <VerifyChain />}
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
  const isFiltered = laterText.trim() !== '' || action !== ''
  return (
    <>
      <div className={table['filters']}>
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
                  className="wordButton"
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
            <Table
              label="Audit"
              line={css['line']}
              keys={keys}
              rowHeight={32}
              shown={chosen === null ? null : String(chosen)}
              {...(!isFiltered && { onEnd: () => void audit.loadOlder() })}
              head={
                <>
                  <span className={`${table['right']} ${css['wide']}`}>#</span>
                  <span>When</span>
                  <span className={css['wide']}>Who</span>
                  <span>Action</span>
                  <span>What</span>
                  <span>Reason and details</span>
                </>
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
          }
          second={
            detail === null ? null : <AuditDetail row={detail} onClose={() => setChosen(null)} />
          }
        />
      )}
    </>
  )
}

function Line(props: { row: AuditRow; chosen: boolean; broken: boolean; onChoose: () => void }) {
  const { row, chosen, broken, onChoose } = props
  return (
    <RowButton line={css['line']} isChosen={chosen} onPress={onChoose}>
      <span className={`${table['right']} ${css['wide']} num ${broken ? css['broken'] : 'faint'}`}>
        {broken && '✕ '}
        {row.seq}
      </span>
      <time className="num soft" title={exactWords(row.at)}>
        {dateWords(row.at)}
      </time>
      <span className={`${css['wide']} cut`}>{row.by}</span>
      <span className={`${table['strong']} cut`}>{row.action}</span>
      <span className="cut">{row.subject}</span>
      <span className="soft cut">
        {row.reason !== '' && <span className={css['reason']}>{row.reason}</span>}
        <span className="faint">{detailWords(row)}</span>
      </span>
    </RowButton>
  )
}
