// The record of who did what, newest first, older parts as a reader scrolls.
import { createStore } from 'zustand/vanilla'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import { errorShape } from '../../shared/api/app-error.ts'
import type { AuditRow } from '../../shared/api/views.ts'
import type { Bridge } from '../bridge/bridge.ts'

export interface AuditState {
  kind: 'loading' | 'error' | 'ready'
  error: ErrorShape | null
  /** Newest first, without holes. */
  rows: readonly AuditRow[]
  older: 'some' | 'loading' | 'none'
  verified: Verified
}

export type Verified =
  | { kind: 'not' }
  | { kind: 'busy' }
  | { kind: 'done'; rows: number; brokenAt: number | null; at: number }
  | { kind: 'error'; error: ErrorShape }

export type AuditStore = ReturnType<typeof makeAuditStore>

const pageRows = 300

export function makeAuditStore(bridge: Bridge) {
  const store = createStore<AuditState>(() => ({
    kind: 'loading',
    error: null,
    rows: [],
    older: 'none',
    verified: { kind: 'not' },
  }))

  async function load(): Promise<void> {
    try {
      const newest = await bridge.call('audit.list', { limit: pageRows })
      const { rows, older } = store.getState()
      const last = newest.at(-1)?.seq ?? 0
      // What was read before follows without a hole, or is left: it is read again as one scrolls.
      const meets = rows[0] !== undefined && rows[0].seq >= last - 1
      store.setState({
        kind: 'ready',
        error: null,
        rows: meets ? [...newest, ...rows.filter((row) => row.seq < last)] : newest,
        older: meets && rows.length > newest.length ? older : olderAfter(newest),
      })
    } catch (error) {
      if (store.getState().kind !== 'ready')
        store.setState({ kind: 'error', error: errorShape(error) })
    }
  }

  async function loadOlder(): Promise<void> {
    const { older, rows } = store.getState()
    const before = rows.at(-1)?.seq
    if (older !== 'some' || before === undefined) return
    store.setState({ older: 'loading' })
    try {
      const more = await bridge.call('audit.list', { before, limit: pageRows })
      // The list may have been read anew meanwhile.
      const held = store.getState().rows
      if (held.at(-1)?.seq === before)
        store.setState({ rows: [...held, ...more], older: olderAfter(more) })
    } catch (error) {
      store.setState({ older: 'some', error: errorShape(error) })
    }
  }

  async function verify(): Promise<void> {
    store.setState({ verified: { kind: 'busy' } })
    try {
      const { rows, brokenAt } = await bridge.call('audit.verify', {})
      store.setState({ verified: { kind: 'done', rows, brokenAt, at: Date.now() } })
    } catch (error) {
      store.setState({ verified: { kind: 'error', error: errorShape(error) } })
    }
  }

  return Object.assign(store, { load, loadOlder, verify })
}

function olderAfter(rows: readonly AuditRow[]): AuditState['older'] {
  return rows.length < pageRows ? 'none' : 'some'
}

/** Rows that hold every word of `text` somewhere, and are of `action` unless that is empty. */
export function fittingRows(
  rows: readonly AuditRow[],
  text: string,
  action: string,
): readonly AuditRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && action === '') return rows
  return rows.filter((row) => {
    if (action !== '' && row.action !== action) return false
    const whole =
      `${row.by} ${row.action} ${row.subject} ${row.reason} ${detailWords(row)} ${row.hash}`.toLowerCase()
    return words.every((word) => whole.includes(word))
  })
}

/** `host=edge, port=22`. */
export function detailWords({ details }: AuditRow): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ')
}
