// Tells the person that a run ended while they looked elsewhere. A click opens the run.
import { Notification } from 'electron'
import type { RunRow } from '../../shared/api/views.ts'
import { noticeOfEnd } from './run-news.ts'

/** A notification that is collected as garbage loses its click, so the last ones are held. */
const heldMax = 20

export interface RunNotifier {
  ended: (row: RunRow) => void
}

export function runNotifier(onClick: (row: RunRow) => void): RunNotifier {
  const held: Notification[] = []
  return {
    ended(row) {
      const notice = noticeOfEnd(row)
      if (notice === null || !Notification.isSupported()) return
      const notification = new Notification(notice)
      notification.on('click', () => onClick(row))
      held.push(notification)
      if (held.length > heldMax) held.shift()
      notification.show()
    },
  }
}
