// Tells the person what happened while they looked elsewhere, and what waits for them. A click opens it.
import { Notification } from 'electron'
import type { RunRow } from '../../shared/api/views.ts'
import type { Notice } from './person-news.ts'
import { noticeOfEnd } from './run-news.ts'

/** A notification that is collected as garbage loses its click, so the last ones are held. */
const heldMax = 20

export interface Notifier {
  ended: (row: RunRow) => void
  /** Something waits for them. Not told where they look already. */
  waits: (notice: Notice) => void
}

export function openNotifier(onClick: (route: string) => void, isLooking: () => boolean): Notifier {
  const held: Notification[] = []
  const show = ({ title, body, route }: Notice): void => {
    if (!Notification.isSupported()) return
    const notification = new Notification({ title, body })
    notification.on('click', () => onClick(route))
    held.push(notification)
    if (held.length > heldMax) held.shift()
    notification.show()
  }
  return {
    ended(row) {
      const notice = noticeOfEnd(row)
      if (notice !== null) show({ ...notice, route: `#/runs/${row.run}` })
    },
    waits(notice) {
      if (!isLooking()) show(notice)
    },
  }
}
