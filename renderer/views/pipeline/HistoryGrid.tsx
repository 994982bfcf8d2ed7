import { Tooltip } from '@mantine/core'
import { useEffect, useMemo, useRef, useState, type CSSProperties } from 'react'
import { useStore } from 'zustand'
import type { GraphNode, RunRow } from '../../../shared/api/views.ts'
import type { RunView } from '../../../shared/run/run-view.ts'
import { failed, loading, ready, type Loadable } from '../../state/loadable.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { taskMs } from '../../state/task-facts.ts'
import { useNow } from '../../state/use-now.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { RUN_LOOK, TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { dateWords, durationWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import css from './HistoryGrid.module.css'

const runsShown = 25

interface Column {
  row: RunRow
  view: RunView
}

/** Runs across, tasks down: a task that always fails, and a run in which everything did, show as lines. */
export function HistoryGrid({
  pipeline,
  graph,
}: {
  pipeline: string
  graph: readonly GraphNode[]
}) {
  const columns = useColumns(pipeline)
  const nowMs = useNow()
  const keys = useMemo(() => graph.map((node) => node.name), [graph])
  if (columns.kind === 'loading') return <Loading rows={8} />
  if (columns.kind === 'error') return <ErrorBlank error={columns.error} />
  if (columns.value.length === 0)
    return (
      <Blank icon="runs" title="It has not run yet">
        <p>Each run becomes a column here, each task a line.</p>
      </Blank>
    )
  const oldestFirst = columns.value.toReversed()
  const style = { '--runs': oldestFirst.length } as CSSProperties
  const longest = Math.max(...oldestFirst.map(({ row }) => tookMs(row, nowMs)), 1)
  return (
    <div className={css['history']} style={style}>
      <VirtualRows
        label="History"
        keys={keys}
        rowHeight={26}
        head={
          <div className={css['head']}>
            <span className={css['corner']}>
              {oldestFirst.length === 1 ? 'One run' : `Last ${oldestFirst.length} runs`},{' '}
              {durationWords(longest)} at most
            </span>
            {oldestFirst.map(({ row }) => (
              <Tooltip key={row.run} label={runWords(row, nowMs)}>
                <a href={hashOf(runRoute(row.run))} aria-label={runWords(row, nowMs)}>
                  <i
                    style={{
                      height: `${Math.max(6, (tookMs(row, nowMs) / longest) * 100)}%`,
                      background: `var(--tone-${RUN_LOOK[row.state].tone})`,
                    }}
                  />
                  <StateIcon look={RUN_LOOK[row.state]} size={12} silent />
                </a>
              </Tooltip>
            ))}
          </div>
        }
        row={(name) => (
          <div className={css['row']}>
            <span className={`${css['name']} cut`}>{name}</span>
            {oldestFirst.map((column) => (
              <Cell key={column.row.run} column={column} task={name} nowMs={nowMs} />
            ))}
          </div>
        )}
      />
    </div>
  )
}

function Cell(props: { column: Column; task: string; nowMs: number }) {
  const { column, task: name, nowMs } = props
  const task = column.view.tasks[name]
  if (task === undefined)
    return <span className={css['none']} title="This task was not part of this run" />
  const ms = taskMs(task, nowMs)
  const words = `${name}: ${TASK_LOOK[task.state].word}${ms === null ? '' : `, ${durationWords(ms)}`}`
  return (
    <a href={hashOf(runRoute(column.row.run, { task: name }))} aria-label={words} title={words}>
      <StateIcon look={TASK_LOOK[task.state]} size={14} silent />
    </a>
  )
}

function useColumns(pipeline: string): Loadable<readonly Column[]> {
  const { bridge, runs } = useStores()
  // A run that has ended and does not change is asked for once.
  const kept = useRef(new Map<string, { stamp: string; column: Column }>())
  const [columns, setColumns] = useState<Loadable<readonly Column[]>>(loading)
  const stamp = useStore(runs, (state) => {
    const newest = state.ids.find((id) => state.byId[id]?.pipeline === pipeline)
    return `${newest ?? ''} ${newest === undefined ? '' : (state.byId[newest]?.state ?? '')}`
  })
  useEffect(() => {
    let stale = false
    const load = async () => {
      const rows = await bridge.call('run.list', { pipeline, limit: runsShown })
      return eachFew(rows, async (row) => {
        const known = kept.current.get(row.run)
        const now = stampOf(row)
        if (known?.stamp === now) return known.column
        const column = await bridge.call('run.get', { run: row.run })
        kept.current.set(row.run, { stamp: stampOf(column.row), column })
        return column
      })
    }
    load().then(
      (value) => !stale && setColumns(ready(value)),
      (error: unknown) => !stale && setColumns(failed(error)),
    )
    return () => {
      stale = true
    }
  }, [bridge, pipeline, stamp])
  return columns
}

function stampOf(row: RunRow): string {
  return `${row.state} ${row.endedAt ?? ''} ${JSON.stringify(row.counts)}`
}

const askedAtOnceMax = 4

// In order, and a few at a time: what a person presses meanwhile must not wait behind all of them.
async function eachFew<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index] as Item)
    }
  }
  await Promise.all(Array.from({ length: askedAtOnceMax }, worker))
  return results
}

function tookMs(row: RunRow, nowMs: number): number {
  if (row.startedAt === null) return 0
  return Math.max(0, (row.endedAt ?? nowMs) - row.startedAt)
}

function runWords(row: RunRow, nowMs: number): string {
  return `${RUN_LOOK[row.state].word}, ${dateWords(row.createdAt)}, ${row.environment}, ${durationWords(tookMs(row, nowMs))}`
}
