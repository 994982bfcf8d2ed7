import { Button, Group, Modal, NativeSelect, SegmentedControl } from '@mantine/core'
import { useEffect, useState, type CSSProperties } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { ResumePreview } from '../../../shared/api/views.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import { failed, loading, ready, type Loadable } from '../../state/loadable.ts'
import { parseRoute, turn } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { DECISION_LOOK, type Decision } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import table from '../../ui/table.module.css'
import { countWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { useRun } from './run-context.ts'
import css from './ResumeDialog.module.css'

interface Props {
  opened: boolean
  run: string
  onClose: () => void
}

const columns = { '--columns': 'minmax(120px, 0.8fr) 104px minmax(200px, 2fr)' } as CSSProperties
const rowPx = 32
const rowsSeenMax = 11
/** Of the dialog beside the plan: its buttons stay in sight in a small window. */
const aroundPx = 330

/** Shows what a resume will do, and why, before it does anything. */
export function ResumeDialog(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Resume this run" size={780}>
      {props.opened && <Plan {...props} />}
    </Modal>
  )
}

function Plan({ run, onClose }: Props) {
  const { bridge } = useStores()
  const graph = useRun((state) => state.graph)
  const [version, setVersion] = useState<'pinned' | 'fixed'>('pinned')
  const [from, setFrom] = useState('')
  const [preview, setPreview] = useState<Loadable<ResumePreview>>(loading)
  const [differs, setDiffers] = useState(false)
  const [busy, setBusy] = useState(false)

  useEffect(() => {
    let stale = false
    const input = { run, version, from: from === '' ? [] : [from] }
    bridge.call('run.resumePlan', input).then(
      (value) => {
        if (stale) return
        setPreview(ready(value))
        setDiffers(value.fixedDiffers)
      },
      (error: unknown) => {
        if (!stale) setPreview(failed(error))
      },
    )
    return () => {
      stale = true
    }
  }, [bridge, run, version, from])

  async function resume(): Promise<void> {
    setBusy(true)
    try {
      await bridge.call('run.resume', { run, version, from: from === '' ? [] : [from] })
      onClose()
      showNewestAttempt()
    } catch (error) {
      setPreview({ kind: 'error', error: errorShape(error) })
    } finally {
      setBusy(false)
    }
  }

  const plan = preview.kind === 'ready' ? preview.value.plan : []
  const counts = countBy(plan.map((row) => row.decision))
  return (
    <div>
      <Group gap="md" align="flex-end">
        <div>
          <div className={css['label']}>Pipeline file</div>
          <SegmentedControl
            value={version}
            onChange={(value) => setVersion(value as 'pinned' | 'fixed')}
            data={[
              { value: 'pinned', label: 'As this run has it' },
              { value: 'fixed', label: 'As it is now' },
            ]}
          />
        </div>
        <NativeSelect
          label="From"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
          data={[
            { value: '', label: 'The point of failure' },
            ...graph.map((node) => ({ value: node.name, label: node.name })),
          ]}
        />
      </Group>
      <p className={css['note']}>
        {differs
          ? 'The file has changed since this run began.'
          : 'The file is the same as when this run began.'}
      </p>
      <div className={css['plan']} style={{ ...columns, ...heightOf(plan.length) }}>
        {preview.kind === 'loading' && <Loading rows={4} label="Planning" />}
        {preview.kind === 'error' && <ErrorBlank error={preview.error} />}
        {preview.kind === 'ready' && (
          <VirtualRows
            label="Recovery plan"
            keys={plan.map((row) => taskKey(row.task, row.item))}
            rowHeight={rowPx}
            head={
              <div className={table['head']}>
                <span>Task</span>
                <span>Decision</span>
                <span>Reason</span>
              </div>
            }
            row={(key, index) => {
              const row = plan[index]
              if (row === undefined) return null
              return (
                <div className={table['row']}>
                  <span className={`${table['strong']} cut`}>{key}</span>
                  <StateBadge look={DECISION_LOOK[row.decision]} />
                  <span className="soft cut" title={row.reason}>
                    {row.reason}
                  </span>
                </div>
              )
            }}
          />
        )}
      </div>
      <Group justify="space-between" mt="md">
        <span className="soft">{planWords(counts)}</span>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button
            data-autofocus
            loading={busy}
            disabled={preview.kind !== 'ready' || (counts.refuse ?? 0) > 0}
            onClick={() => void resume()}
          >
            {(counts.run ?? 0) > 0
              ? `Resume, run ${countWords(counts.run ?? 0, 'task')}`
              : 'Resume'}
          </Button>
        </Group>
      </Group>
    </div>
  )
}

// The old attempt's log was worth reading until now; what comes next is in a new one.
function showNewestAttempt(): void {
  const here = parseRoute(location.hash)
  if (here.page === 'run') turn({ ...here, attempt: null, line: null })
}

function heightOf(rows: number): CSSProperties {
  const wanted = 31 + Math.max(3, Math.min(rows, rowsSeenMax)) * rowPx
  return { height: `min(${wanted}px, calc(100dvh - ${aroundPx}px))` }
}

function countBy(decisions: readonly Decision[]): Partial<Record<Decision, number>> {
  const counts: Partial<Record<Decision, number>> = {}
  for (const decision of decisions) counts[decision] = (counts[decision] ?? 0) + 1
  return counts
}

function planWords(counts: Partial<Record<Decision, number>>): string {
  const parts: string[] = []
  if (counts.reuse) parts.push(`${counts.reuse} reused`)
  if (counts.run) parts.push(`${counts.run} run again`)
  if (counts.attach) parts.push(`${counts.attach} attached`)
  if (counts.refuse) parts.push(`${counts.refuse} refused`)
  return parts.join(', ')
}
