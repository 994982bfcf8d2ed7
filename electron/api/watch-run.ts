// Streams about runs. A stream listens first and reads after; what it sends comes from the store by number,
// so there is no gap and no double, and a reader that falls behind costs nothing but its place.
import type { ApiParts } from './parts.ts'
import { openBell } from './bell.ts'
import { graphOfPlan } from './graph-nodes.ts'
import { findRun, listRuns, loadEvents, loadRun, resolveRunRef } from '../store/run-queries.ts'
import { sleep } from '../ports/clock.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { RunsWatch, RunWatch } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'

/** The events page starts with these; older ones are read by `run.events`. */
const snapshotEventsMax = 2000
const batchEventsMax = 1000
/** A screen cannot show more often, and a busy run would cost a message per commit. */
const pauseMs = 20

export async function* watchRun(
  parts: ApiParts,
  ref: string,
  signal: AbortSignal,
): AsyncGenerator<RunWatch> {
  const { db, clock } = parts
  const run = resolveRunRef(db, ref)
  const bell = openBell(signal)
  const stop = parts.onEvents((events) => {
    if (events.some((event) => event.run === run)) bell.ring()
  })
  try {
    const snapshot = snapshotOf(parts, run)
    let { seq } = snapshot.view
    yield snapshot
    while (await bell.next()) {
      for (;;) {
        const events = loadEvents(db, run, seq, batchEventsMax)
        const last = events.at(-1)
        if (last === undefined) break
        seq = last.seq
        yield { kind: 'events', events }
      }
      await sleep(clock, pauseMs, signal).catch(() => {}) // aborted: the loop ends by itself
    }
  } finally {
    stop()
  }
}

export function snapshotOf(parts: ApiParts, run: RunId): Extract<RunWatch, { kind: 'snapshot' }> {
  const { db } = parts
  const loaded = loadRun(db, run)
  const row = findRun(db, run)
  if (loaded === null || row === null) throw new AppError('not-found', `There is no run "${run}".`)
  const { view, plan } = loaded
  return {
    kind: 'snapshot',
    row,
    view,
    graph: graphOfPlan(plan),
    events: loadEvents(db, run, Math.max(0, view.seq - snapshotEventsMax), snapshotEventsMax),
  }
}

export async function* watchRuns(
  parts: ApiParts,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<RunsWatch> {
  const { db, clock } = parts
  const bell = openBell(signal)
  const changed = new Set<RunId>()
  const stop = parts.onEvents((events) => {
    for (const event of events) changed.add(event.run)
    bell.ring()
  })
  try {
    yield { kind: 'snapshot', rows: listRuns(db, { limit }) }
    while (await bell.next()) {
      const runs = [...changed]
      changed.clear()
      for (const run of runs) {
        const row = findRun(db, run)
        if (row !== null) yield { kind: 'row', row }
      }
      await sleep(clock, pauseMs, signal).catch(() => {}) // aborted: the loop ends by itself
    }
  } finally {
    stop()
  }
}
