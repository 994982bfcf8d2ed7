// The files on their way to or from one host, for its row.
import type { Transfer } from '../../shared/api/views.ts'
import type { Clock } from '../ports/clock.ts'

export interface Transfers {
  note: (transfer: Transfer, done: boolean) => void
  /** 16 at most. */
  list(): Transfer[]
  /** Nothing is under way: the link is gone. */
  clear(): void
}

/** Rows are for people. */
const tellEveryMs = 250
const listMax = 16

export function openTransfers(clock: Clock, onChange: () => void): Transfers {
  const under = new Map<string, Transfer>()
  let isTold = true
  const tell = (): void => {
    if (!isTold) return
    isTold = false
    clock.after(tellEveryMs, () => {
      isTold = true
      onChange()
    })
  }
  return {
    note(transfer, done) {
      const name = `${transfer.direction} ${transfer.path}`
      if (!done) under.set(name, transfer)
      // A small file is there before anybody could have seen it go.
      else if (!under.delete(name)) return
      tell()
    },
    list: () => [...under.values()].slice(0, listMax),
    clear() {
      if (under.size === 0) return
      under.clear()
      tell()
    },
  }
}
