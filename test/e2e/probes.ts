// Looks at, and answers for, what a person would see outside the window: dialogs, the browser, notifications.
import type { AppHandle } from './launch.ts'

interface Probes {
  asked: string[]
  opened: string[]
  notified: { title: string; body: string; click(): void }[]
}

type Place = typeof globalThis & { probes: Probes }

/** `answer`: the button that the person presses in every message box. */
export async function answerDialogs(app: AppHandle, answer: 'Open' | 'Cancel'): Promise<void> {
  await app.main(({ dialog, shell }, pressed) => {
    const probes: Probes = { asked: [], opened: [], notified: [] }
    Object.assign(globalThis, { probes })
    dialog.showMessageBox = ((...values: unknown[]) => {
      const options = values.at(-1) as { message: string; buttons: string[] }
      probes.asked.push(options.message)
      return Promise.resolve({ response: options.buttons.indexOf(pressed), checkboxChecked: false })
    }) satisfies typeof dialog.showMessageBox
    shell.openExternal = (url) => {
      probes.opened.push(url)
      return Promise.resolve()
    }
  }, answer)
}

export function outsideOf(app: AppHandle): Promise<{ asked: string[]; opened: string[] }> {
  return app.main(() => {
    const { asked, opened } = (globalThis as Place).probes
    return { asked, opened }
  }, null)
}

export async function recordNotifications(app: AppHandle): Promise<void> {
  await app.main(({ Notification }) => {
    const probes: Probes = { asked: [], opened: [], notified: [] }
    Object.assign(globalThis, { probes })
    Notification.prototype.show = function show() {
      const { title, body } = this
      probes.notified.push({ title, body, click: () => void this.emit('click') })
    }
  }, null)
}

export function notificationsOf(app: AppHandle): Promise<{ title: string; body: string }[]> {
  return app.main(
    () => (globalThis as Place).probes.notified.map(({ title, body }) => ({ title, body })),
    null,
  )
}

export async function clickNotification(app: AppHandle, title: string): Promise<void> {
  await app.main((_electron, asked) => {
    ;(globalThis as Place).probes.notified.find((shown) => shown.title === asked)?.click()
  }, title)
}

export async function clickMenu(app: AppHandle, id: string): Promise<void> {
  await app.main(({ Menu }, asked) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(asked)
    if (item === null || item === undefined) throw new Error(`No menu item ${asked}`)
    item.click()
  }, id)
}
