import { useMemo, useState, type CSSProperties } from 'react'
import type { ResumeDecision } from '../../../shared/run/events.ts'
import type { ForcedDecision } from '../../../shared/run/recovery.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import { editOf, isLeftOut, type Decision } from '../../state/recovery.ts'
import { Blank } from '../../ui/Blank.tsx'
import chip from '../../ui/chip.module.css'
import { DECISION_LOOK, LEFT_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { numberWords } from '../../ui/time-words.ts'
import css from './ResumeDialog.module.css'

interface Props {
  plan: readonly ResumeDecision[]
  edits: readonly ForcedDecision[]
  /** A person wants a row otherwise; the reason comes next. */
  onEdit: (edit: Omit<ForcedDecision, 'reason'>) => void
  onUndo: (which: { task: string; item: number | null }) => void
}

const rowPx = 32
const rowsSeenMax = 10
const filterFrom = 12

const order: readonly Decision[] = ['run', 'reuse', 'attach', 'refuse']

/** A row per task run: what becomes of it, why, and the way to have it otherwise. */
export function PlanRows({ plan, edits, onEdit, onUndo }: Props) {
  const [wanted, setWanted] = useState<Decision | null>(null)
  const shown = useMemo(
    () => (wanted === null ? plan : plan.filter(({ decision }) => decision === wanted)),
    [plan, wanted],
  )
  const counts = new Map(order.map((each) => [each, countOf(plan, each)]))
  return (
    <>
      {plan.length >= filterFrom && (
        <div className={css['kinds']} role="group" aria-label="Rows to show">
          {order
            .filter((each) => (counts.get(each) ?? 0) > 0)
            .map((each) => (
              <button
                key={each}
                type="button"
                className={chip['chip']}
                aria-pressed={wanted === each}
                onClick={() => setWanted(wanted === each ? null : each)}
              >
                {DECISION_LOOK[each].word} {numberWords(counts.get(each) ?? 0)}
              </button>
            ))}
        </div>
      )}
      <div className={css['rows']} style={heightOf(Math.min(plan.length, rowsSeenMax))}>
        {shown.length === 0 ? (
          <Blank icon="list" title="No row is of that kind" />
        ) : (
          <Table
            label="Recovery plan"
            line={css['columns']}
            keys={shown.map((row) => taskKey(row.task, row.item))}
            rowHeight={rowPx}
            head={
              <>
                <span>Task</span>
                <span>Decision</span>
                <span>Reason</span>
                <span />
              </>
            }
            row={(key, index) => {
              const row = shown[index]
              if (row === undefined) return null
              const edit = editOf(edits, row)
              return (
                <div
                  className={`${table['row']} ${css['columns']}`}
                  data-edited={edit !== undefined || undefined}
                >
                  <span
                    className={`${table['strong']} cut`}
                    style={{ paddingLeft: row.item === null ? 0 : 18 }}
                  >
                    {key}
                  </span>
                  <StateBadge
                    look={isLeftOut(row, edits) ? LEFT_LOOK : DECISION_LOOK[row.decision]}
                  />
                  <span className="soft cut" title={row.reason}>
                    {row.reason}
                  </span>
                  <Change row={row} edit={edit} onEdit={onEdit} onUndo={onUndo} />
                </div>
              )
            }}
          />
        )}
      </div>
    </>
  )
}

function Change(
  props: { row: ResumeDecision; edit: ForcedDecision | undefined } & Pick<
    Props,
    'onEdit' | 'onUndo'
  >,
) {
  const { row, edit, onEdit, onUndo } = props
  const { task, item, decision } = row
  const key = taskKey(task, item)
  if (edit !== undefined)
    return (
      <button
        type="button"
        className={table['act']}
        aria-label={`Undo the change of ${key}`}
        onClick={() => onUndo(row)}
      >
        Undo
      </button>
    )
  // What lives is attached to, never started beside itself.
  if (decision === 'attach') return <span />
  const wish = decision === 'run' ? 'leave' : 'run'
  return (
    <button
      type="button"
      className={table['act']}
      aria-label={wish === 'run' ? `Run ${key} too` : `Leave ${key} out`}
      onClick={() => onEdit({ task, item, decision: wish })}
    >
      {wish === 'run' ? 'Run it' : 'Leave out'}
    </button>
  )
}

function countOf(plan: readonly ResumeDecision[], decision: Decision): number {
  return plan.filter((one) => one.decision === decision).length
}

function heightOf(rows: number): CSSProperties {
  const wanted = 31 + Math.max(3, rows) * rowPx
  return { height: wanted }
}
