// What shows a run while it goes on, whatever it is shown on.
import type { FollowedRun } from './follow-run.ts'
import type { HostTransfer } from './transfer-lines.ts'
import type { RunEvent } from '../../shared/run/events.ts'

export interface Progress {
  show: (run: FollowedRun, events: readonly RunEvent[]) => void
  /** Files on their way, below the table; null: there is no place for them. */
  showTransfers: ((transfers: readonly HostTransfer[]) => void) | null
  /** A line above what is live. */
  note: (text: string) => void
  /** Stands still, with room below for a question, until it is undone. */
  hold: () => () => void
  /** Leaves the last picture on the screen. Again changes nothing. */
  close: () => void
}
