// How many channels one connection may have. sshd's MaxSessions is not told, only felt: an open that is refused while so
// many are open is the number, and it is remembered for the host as long as this process lives.
//   The main channel is opened first and takes what it needs; bytes, files and debug shells share the rest.
import { TransportError } from './transport.ts'

/** What is known of one host; outlives its connections. */
export interface SessionLimit {
  /** null: no open was refused yet. */
  max: number | null
}

export interface SessionBudget {
  /** Another channel may be tried. */
  hasRoom(): boolean
  /**
   * Opens one and counts it until `onClose` of what was opened calls back. Rejects with a TransportError: `isFull` of it says
   * that the host takes no more on this connection.
   */
  open<T>(open: () => Promise<T>, onClose: (opened: T, closed: () => void) => void): Promise<T>
}

export function openSessionBudget(limit: SessionLimit, onLearned: () => void): SessionBudget {
  let used = 0
  return {
    hasRoom: () => limit.max === null || used < limit.max,
    async open(open, onClose) {
      if (limit.max !== null && used >= limit.max) throw full(limit.max)
      used++
      let hasClosed = false
      const closed = (): void => {
        if (!hasClosed) used--
        hasClosed = true
      }
      try {
        const opened = await open()
        onClose(opened, closed)
        return opened
      } catch (error) {
        closed()
        // Of two that were refused together the lower count is the truth; a host without any session is broken otherwise.
        if (error instanceof TransportError && error.isFull && used >= 1) {
          limit.max = Math.min(limit.max ?? Number.POSITIVE_INFINITY, used)
          onLearned()
        }
        throw error
      }
    },
  }
}

function full(max: number): TransportError {
  const message = `The host allows ${max} sessions on one connection, and all are in use.`
  return new TransportError('host_refused', message, { isFull: true })
}
