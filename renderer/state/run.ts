// One run, live: a snapshot, then events folded by the same function the engine uses.
//   The view is one object that changes in place; a task that changed gets a new record, so a row sees its own change only.
import { createStore } from 'zustand/vanilla'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import { errorShape } from '../../shared/api/app-error.ts'
import type { GraphNode, RootCause, RunRow, RunWatch } from '../../shared/api/views.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { foldEvent } from '../../shared/run/fold.ts'
import { taskKey, type RunView, type TaskView } from '../../shared/run/run-view.ts'
import { isRunEnd, type TaskState } from '../../shared/run/states.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { onNextFrame, perFrame, type Later } from './per-frame.ts'
import { rootRunOf } from './root-run.ts'

export type Explained =
  | { kind: 'none' }
  | { kind: 'loading' }
  | { kind: 'ready'; cause: RootCause }
  | { kind: 'error'; error: ErrorShape }

export interface RunStoreState {
  kind: 'loading' | 'error' | 'ready'
  error: ErrorShape | null
  row: RunRow | null
  view: RunView | null
  graph: readonly GraphNode[]
  nodeByName: ReadonlyMap<string, GraphNode>
  /** In the order of the plan, the items of a fan-out behind it. */
  keys: readonly string[]
  /** Grows in place; `seq` tells of a change. */
  events: RunEvent[]
  seq: number
  counts: Readonly<Partial<Record<TaskState, number>>>
  explained: Explained
}

export type RunStore = ReturnType<typeof openRunStore>

const empty: RunStoreState = {
  kind: 'loading',
  error: null,
  row: null,
  view: null,
  graph: [],
  nodeByName: new Map(),
  keys: [],
  events: [],
  seq: 0,
  counts: {},
  explained: { kind: 'none' },
}

/** `run`: an id, a unique part of one, or `latest`. */
export function openRunStore(bridge: Bridge, run: string, later: Later = onNextFrame) {
  const store = createStore<RunStoreState>(() => empty)
  let closed = false
  let askedFor = ''

  const take = perFrame<RunEvent>((events) => {
    if (closed) return
    store.setState(withEvents(store.getState(), events))
    explainWhenFailed()
  }, later)

  const stop = bridge.watch(
    'run.watch',
    { run },
    {
      onItem(item) {
        if (item.kind === 'events') return item.events.forEach(take)
        store.setState({ ...fromSnapshot(item), explained: store.getState().explained })
        askedFor = ''
        explainWhenFailed()
      },
      onError: (error) => store.setState({ kind: 'error', error }),
    },
  )

  // Asked at the first failure and again when the run stands still: what fails between the two follows from the first.
  function explainWhenFailed(): void {
    const { view, counts, explained } = store.getState()
    if (view === null) return
    if ((counts.failed ?? 0) + (counts.upstream_failed ?? 0) === 0) {
      askedFor = ''
      if (explained.kind !== 'none') store.setState({ explained: { kind: 'none' } })
      return
    }
    const stamp = `${view.resumes} ${isRunEnd(view.state) ? 'ended' : 'goes on'}`
    if (stamp === askedFor) return
    askedFor = stamp
    void explain(view.run)
  }

  async function explain(id: string): Promise<void> {
    if (store.getState().explained.kind !== 'ready')
      store.setState({ explained: { kind: 'loading' } })
    try {
      const cause = await bridge.call('run.explain', { run: id })
      if (closed) return
      store.setState({ explained: cause === null ? { kind: 'none' } : { kind: 'ready', cause } })
    } catch (error) {
      if (!closed) store.setState({ explained: { kind: 'error', error: errorShape(error) } })
    }
  }

  function close(): void {
    closed = true
    stop()
  }

  return Object.assign(store, { close })
}

function fromSnapshot(snapshot: Extract<RunWatch, { kind: 'snapshot' }>): RunStoreState {
  return {
    ...empty,
    kind: 'ready',
    row: snapshot.row,
    view: snapshot.view,
    graph: snapshot.graph,
    nodeByName: new Map(snapshot.graph.map((node) => [node.name, node])),
    keys: keysInOrder(snapshot.graph, snapshot.view),
    events: [...snapshot.events],
    seq: snapshot.view.seq,
    counts: { ...snapshot.view.counts },
  }
}

function keysInOrder(graph: readonly GraphNode[], { tasks }: RunView): string[] {
  const planned = graph.flatMap(({ name }) => {
    const head = tasks[name]
    if (head === undefined) return []
    return [name, ...(head.fan?.list ?? []).map((_, index) => taskKey(name, index))]
  })
  const known = new Set(planned)
  return [...planned, ...Object.keys(tasks).filter((key) => !known.has(key))]
}

function withEvents(state: RunStoreState, events: readonly RunEvent[]): Partial<RunStoreState> {
  const { view } = state
  if (view === null) return {}
  const touched = new Set<string>()
  let grew = false
  for (const event of events) {
    if (event.seq <= view.seq) continue
    const key = 'task' in event && 'item' in event ? taskKey(event.task, event.item) : null
    const isNew = key !== null && view.tasks[key] === undefined
    const task = foldEvent(view, event)
    state.events.push(event)
    if (task === null || key === null) continue
    touched.add(key)
    // The counts of a fan-out are in its head.
    if (task.item !== null) touched.add(task.task)
    grew ||= isNew || event.kind === 'task.expanded'
    // What was begun anew, or has another list, has touched its items, too.
    if (event.kind === 'task.expanded' || event.kind === 'task.reset')
      for (const index of task.fan?.list.keys() ?? []) touched.add(taskKey(task.task, index))
  }
  for (const key of touched) {
    const task = view.tasks[key]
    if (task !== undefined) view.tasks[key] = copyOf(task)
  }
  return {
    seq: view.seq,
    counts: { ...view.counts },
    ...(grew && { keys: keysInOrder(state.graph, view) }),
  }
}

function copyOf(task: TaskView): TaskView {
  return {
    ...task,
    attempts: task.attempts.map((attempt) => ({ ...attempt })),
    ...(task.fan !== undefined && { fan: { ...task.fan, counts: { ...task.fan.counts } } }),
  }
}

export const selectTask = (key: string) => (state: RunStoreState) => state.view?.tasks[key]
export const selectRunState = (state: RunStoreState) => state.view?.state
export const selectNode = (name: string) => (state: RunStoreState) => state.nodeByName.get(name)
type RemedyRan = Extract<RunEvent, { kind: 'remedy.ran' }>

/** The last time this way out was taken since the run was last resumed. */
export function lastRemedy(
  events: readonly RunEvent[],
  task: string,
  title: string,
): RemedyRan | null {
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index] as RunEvent
    if (event.kind === 'run.resumed') return null
    if (event.kind === 'remedy.ran' && event.task === task && event.title === title) return event
  }
  return null
}

/** What a person wants to see first: the root cause, else what failed, else what runs. */
export function selectFocus(state: RunStoreState): string | null {
  const { view, explained, counts, keys } = state
  if (view === null) return null
  if (explained.kind === 'ready') return rootRunOf(explained.cause, view.tasks).task
  const wanted = (['failed', 'unknown', 'running', 'queued'] as const).find(
    (each) => (counts[each] ?? 0) > 0,
  )
  if (wanted === undefined) return null
  return view.tasks[keys.find((key) => view.tasks[key]?.state === wanted) ?? '']?.task ?? null
}
export const selectSeq = (state: RunStoreState) => state.seq
