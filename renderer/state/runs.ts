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
  /** Every run from the newest to this one is in `ids`; of older ones, those that have changed since. */
  reach: string | null
  /** How many runs have ended since the page opened: others look again at what depends on it. */
  endings: number
  /** Older runs that the server still has. */
  older: Older
  /** What the engine has told of filtered lists, by `filterKey`. */
  lists: Readonly<Record<string, FilteredList>>
}

export type Older = 'some' | 'loading' | 'none'

/** Null takes all. */
export interface RunFilter {
  state: RunState | null
  pipeline: string | null
}

export interface FilteredList {
  /** As the engine found them: without holes among the runs that fit, from the newest on. */
  ids: readonly string[]
  older: Older
}

const unread: FilteredList = { ids: [], older: 'some' }

export function filterKey({ state, pipeline }: RunFilter): string {
  return `${state ?? ''}\n${pipeline ?? ''}`
}

export function isFiltered({ state, pipeline }: RunFilter): boolean {
  return state !== null || pipeline !== null
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
    reach: null,
    endings: 0,
    older: 'some',
    lists: {},
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
          reach: olderOf(state.reach, item.rows.at(-1)?.run ?? null),
          older: item.rows.length < liveRows ? 'none' : 'some',
        }))
      },
      onError: (error) => store.setState({ kind: 'error', error }),
    },
  )

  async function loadOlder(): Promise<void> {
    const { older, reach } = store.getState()
    if (older !== 'some') return
    store.setState({ older: 'loading' })
    try {
      const rows = await bridge.call('run.list', { before: reach, limit: pageRows })
      store.setState((state) => ({
        ...withRows(state, rows),
        reach: olderOf(state.reach, rows.at(-1)?.run ?? null),
        older: rows.length < pageRows ? 'none' : 'some',
      }))
    } catch (error) {
      store.setState({ older: 'some', error: errorShape(error) })
    }
  }

  /** Asks the engine for the next runs that fit, older than those this page has seen. */
  async function loadFiltered(filter: RunFilter): Promise<void> {
    const { reach, lists, kind, older } = store.getState()
    const list = lists[filterKey(filter)] ?? unread
    if (kind !== 'ready' || list.older !== 'some') return
    const put = (next: FilteredList, rows: readonly RunRow[] = []): void =>
      store.setState((state) => ({
        byId: rows.length === 0 ? state.byId : withFresh(state.byId, rows),
        lists: { ...state.lists, [filterKey(filter)]: next },
      }))
    // Every run there is has been seen: nothing is left to ask.
    if (older === 'none') return put({ ...list, older: 'none' })
    put({ ...list, older: 'loading' })
    const before = olderOf(reach, list.ids.at(-1) ?? null)
    try {
      const rows = await bridge.call('run.list', { ...filter, before, limit: pageRows })
      const found = [...list.ids, ...rows.map((row) => row.run)]
      put({ ids: found, older: rows.length < pageRows ? 'none' : 'some' }, rows)
    } catch (error) {
      put({ ...list, older: 'some' })
      store.setState({ error: errorShape(error) })
    }
  }

  return Object.assign(store, { loadOlder, loadFiltered, close: stop })
}

// What the stream has told is never older than a page that was asked for.
function withFresh(
  byId: RunsState['byId'],
  rows: readonly RunRow[],
): Readonly<Record<string, RunRow>> {
  return { ...Object.fromEntries(rows.map((row) => [row.run, row])), ...byId }
}

// Run ids sort by time.
function olderOf(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return a < b ? a : b
}

function withRows(state: RunsState, rows: readonly RunRow[]): RunsState {
  const byId = { ...state.byId }
  const fresh = new Set<string>()
  let endings = state.endings
  for (const row of rows) {
    const before = byId[row.run]
    const isListed =
      before !== undefined &&
      ((state.reach !== null && row.run >= state.reach) || state.ids.includes(row.run))
    if (!isListed) fresh.add(row.run)
    if (before !== undefined && !isRunEnd(before.state) && isRunEnd(row.state)) endings += 1
    byId[row.run] = row
  }
  return {
    ...state,
    byId,
    endings,
    // Run ids sort by time.
    ids: fresh.size === 0 ? state.ids : [...fresh, ...state.ids].sort().toReversed(),
  }
}

export const selectRun = (id: string) => (state: RunsState) => state.byId[id]

/** Of a sub-pipeline: the run that it is a part of, as far as it has been read. */
export const selectParent = (id: string) => (state: RunsState) => {
  const cause = state.byId[id]?.cause
  return cause?.kind === 'parent' ? state.byId[cause.run] : undefined
}

/** The runs that fit, newest first, as far as they have been read. */
export function selectIdsWhere(filter: RunFilter): (state: RunsState) => readonly string[] {
  if (!isFiltered(filter)) return (state) => state.ids
  const key = filterKey(filter)
  return ({ byId, ids, lists }) => {
    const fits = (id: string): boolean => {
      const row = byId[id] as RunRow
      return (
        (filter.state === null || row.state === filter.state) &&
        (filter.pipeline === null || row.pipeline === filter.pipeline)
      )
    }
    const told = (lists[key] ?? unread).ids.filter(fits)
    return [...new Set([...ids.filter(fits), ...told])].sort().toReversed()
  }
}

export const selectOlderWhere =
  (filter: RunFilter) =>
  (state: RunsState): Older =>
    isFiltered(filter) ? (state.lists[filterKey(filter)] ?? unread).older : state.older

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

/** Another text whenever a run has failed, or one that had is resumed. */
export function selectFailures({ byId }: RunsState): string {
  return Object.values(byId)
    .flatMap(({ run, state, endedAt }) => (state === 'failed' ? [`${run} ${endedAt}`] : []))
    .join('\n')
}

/** Runs with a task whose outcome nobody knows, newest first: a person may decide about it. */
export function selectUnknownIds(state: RunsState): readonly string[] {
  return selectLiveIds(state).filter((id) => (state.byId[id]?.counts.unknown ?? 0) > 0)
}

/** Runs that ask a person, newest first. */
export function selectAskingIds(state: RunsState): readonly string[] {
  return selectLiveIds(state).filter((id) => state.byId[id]?.asks !== undefined)
}
