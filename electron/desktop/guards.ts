// What no page of ours may do, whatever a bug in it lets through.
//   W1  No window of ours opens another, and none leaves its page. An outside address is shown to the person first.
//   W2  No permission is given but to put text on the clipboard: Sluice needs no camera, no place, no notification from a page.
//   W3  No webview is attached.
import { app, dialog, session, shell, type BrowserWindow, type WebContents } from 'electron'
import { APP_PAGE, isAppPage } from './app-files.ts'

export function guardSession(): void {
  session.defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(isAllowed(contents, permission)),
  )
  session.defaultSession.setPermissionCheckHandler(isAllowed)
}

/** Copy buttons put text on the clipboard; a page of ours asks for nothing else. */
function isAllowed(contents: WebContents | null, permission: string): boolean {
  return permission === 'clipboard-sanitized-write' && isAppPage(contents?.getURL() ?? '')
}

/** Every web contents that is ever made, also by mistake. */
export function guardAllContents(windowOf: () => BrowserWindow | null): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, windowOf))
}

function guardContents(contents: WebContents, windowOf: () => BrowserWindow | null): void {
  contents.setWindowOpenHandler(({ url }) => {
    void offerOutside(url, windowOf())
    return { action: 'deny' }
  })
  contents.on('will-navigate', (event) => {
    // A reload of our own page is a navigation too.
    if (isAppPage(event.url)) return
    event.preventDefault()
    void offerOutside(event.url, windowOf())
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** https only. The person sees the whole address: a log line can hold a link that somebody else wrote. */
async function offerOutside(address: string, window: BrowserWindow | null): Promise<void> {
  const url = URL.canParse(address, APP_PAGE) ? new URL(address, APP_PAGE) : null
  if (url?.protocol !== 'https:' || url.username !== '' || window === null) return
  const { response } = await dialog.showMessageBox(window, {
    type: 'question',
    message: `Open ${url.hostname} in your browser?`,
    detail: url.href.slice(0, 500),
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  })
  if (response === 0) await shell.openExternal(url.href)
}
