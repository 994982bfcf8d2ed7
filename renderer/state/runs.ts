// The runs this page has seen: the newest ones live, older ones as lists ask for them.
import { createStore } from 'zustand/vanilla'
import type { RunRow } from '../../shared/api/views.ts'
import type { RunState } from '../../shared/run/states.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import type { Bridge } from '../bridge/bridge.ts'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import { errorShape } from '../../shared/api/app-error.ts'
import { onNextFrame, perFrame, type Later } from './per-frame.ts'

export interface RunsState {
  kind: 'loading' | 'error' | 'ready'
  error: ErrorShape | null
  byId: Readonly<Record<string, RunRow>>
  /** Newest first. */
  ids: readonly string[]
  /** How many runs have ended since the page opened: others look again at what depends on it. */
  endings: number
  /** Older runs that the server still has. */
  older: 'some' | 'loading' | 'none'
}

export type RunsStore = ReturnType<typeof makeRunsStore>

const liveRows = 200
const pageRows = 200

export function makeRunsStore(bridge: Bridge, later: Later = onNextFrame) {
  const store = createStore<RunsState>(() => ({
    kind: 'loading',
    error: null,
    byId: {},
    ids: [],
    endings: 0,
    older: 'some',
  }))

  const take = perFrame<RunRow>((rows) => store.setState((state) => withRows(state, rows)), later)
  const stop = bridge.watch(
    'runs.watch',
    { limit: liveRows },
    {
      onItem(item) {
        if (item.kind === 'row') return take(item.row)
        store.setState((state) => ({
          ...withRows({ ...state, endings: state.endings + 1 }, item.rows),
          kind: 'ready',
          error: null,
          older: item.rows.length < liveRows ? 'none' : 'some',
        }))
      },
      onError: (error) => store.setState({ kind: 'error', error }),
    },
  )

  async function loadOlder(): Promise<void> {
    const { older, ids } = store.getState()
    if (older !== 'some') return
    store.setState({ older: 'loading' })
    try {
      const rows = await bridge.call('run.list', { before: ids.at(-1) ?? null, limit: pageRows })
      store.setState((state) => ({
        ...withRows(state, rows),
        older: rows.length < pageRows ? 'none' : 'some',
      }))
    } catch (error) {
      store.setState({ older: 'some', error: errorShape(error) })
    }
  }

  return Object.assign(store, { loadOlder, close: stop })
}

function withRows(state: RunsState, rows: readonly RunRow[]): RunsState {
  const byId = { ...state.byId }
  const fresh: string[] = []
  let endings = state.endings
  for (const row of rows) {
    const before = byId[row.run]
    if (before === undefined) fresh.push(row.run)
    else if (!isRunEnd(before.state) && isRunEnd(row.state)) endings += 1
    byId[row.run] = row
  }
  return {
    ...state,
    byId,
    endings,
    // Run ids sort by time.
    ids: fresh.length === 0 ? state.ids : [...fresh, ...state.ids].sort().toReversed(),
  }
}

export const selectRun = (id: string) => (state: RunsState) => state.byId[id]

/** Of the runs here, newest first. A null takes all. */
export function selectIdsWhere(filter: {
  state: RunState | null
  pipeline: string | null
  text: string
}): (state: RunsState) => readonly string[] {
  const text = filter.text.trim().toLowerCase()
  if (filter.state === null && filter.pipeline === null && text === '') return (state) => state.ids
  return (state) =>
    state.ids.filter((id) => {
      const row = state.byId[id] as RunRow
      if (filter.state !== null && row.state !== filter.state) return false
      if (filter.pipeline !== null && row.pipeline !== filter.pipeline) return false
      return (
        text === '' || `${row.pipeline} ${row.environment} ${row.run}`.toLowerCase().includes(text)
      )
    })
}

/** Runs that have not ended, newest first. */
export function selectLiveIds(state: RunsState): readonly string[] {
  return state.ids.filter((id) => !isRunEnd((state.byId[id] as RunRow).state))
}

/** The last run of a pipeline in an environment failed, and nothing newer is on its way. */
export function selectNeedsYouIds(state: RunsState): readonly string[] {
  const seen = new Set<string>()
  const ids: string[] = []
  for (const id of state.ids) {
    const row = state.byId[id] as RunRow
    const line = `${row.pipeline}\n${row.environment}`
    if (seen.has(line)) continue
    seen.add(line)
    if (row.state === 'failed') ids.push(id)
  }
  return ids
}
