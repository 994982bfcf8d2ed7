// The life of the desktop app, from the first instance to the last window.
//   D1  One instance per home folder; a second one hands its link over and ends.
//   D2  The window opens at once; what it asks waits for the engine.
//   D3  Closing the window ends the app, unless runs go: then it stays in the tray and says so.
//   D4  Quitting closes the engine before the process ends. Tasks go on at their hosts.
import { join } from 'node:path'
import { Notification, app, dialog, nativeTheme, type BrowserWindow } from 'electron'
import { errorShape } from '../../shared/api/app-error.ts'
import type { Clock } from '../ports/clock.ts'
import { registerAppScheme, serveAppScheme } from './app-scheme.ts'
import { openSettings } from './desktop-settings.ts'
import type { EngineFace } from './engine-face.ts'
import { guardAllContents, guardSession } from './guards.ts'
import { setMenu } from './menu.ts'
import { runNotifier } from './notifications.ts'
import type { RunCounts } from './run-news.ts'
import { LINK_SCHEME, linkAmong, routeOfLink } from './sluice-link.ts'
import { openTray, type SluiceTray } from './tray.ts'
import { watchRuns } from './watch-runs.ts'
import { acceptPortRequests } from './window-link.ts'
import { openWindow, showRoute, showWindow } from './window.ts'

export interface DesktopOptions {
  home: string
  /** Folders of the build, absolute. */
  rendererDir: string
  preload: string
  icon: string
  trayIcon: string
  clock: Clock
  /** `workspace`: the folder that was open last, if any. */
  openEngine(workspace: string | null): Promise<EngineFace>
}

/** How long a quit waits for the engine. Tasks are safe either way: the next start finds them on their hosts. */
const closeWaitMs = 8_000

export function startDesktop(options: DesktopOptions): void {
  const folder = join(options.home, 'desktop')
  // The lock of the single instance lies in this folder: one app per home (D1).
  app.setPath('userData', folder)
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  const settings = openSettings(join(folder, 'settings.json'), (error) => console.error(error))
  let window: BrowserWindow | null = null
  let tray: SluiceTray | null = null
  let engine: Promise<EngineFace> | null = null
  let counts: RunCounts = { running: 0, failed: 0 }
  let closed = false
  const stop = new AbortController()

  const show = (route: string | null = null): void => {
    if (!app.isReady()) {
      firstRoute = route ?? firstRoute
    } else if (window === null) {
      window = openWindow({ ...options, settings, route })
      window.on('closed', () => (window = null))
    } else if (route === null) showWindow(window)
    else showRoute(window, route)
  }
  let firstRoute = routeAmong(process.argv)

  registerAppScheme()
  registerLinks()
  app.on('second-instance', (_event, argv) => show(routeAmong(argv)))
  app.on('open-url', (event, url) => {
    event.preventDefault()
    show(routeOfLink(url))
  })
  app.on('activate', () => show())

  app.on('window-all-closed', () => {
    if (process.platform === 'darwin') return
    if (counts.running === 0) return app.quit()
    new Notification({
      title: 'Sluice goes on in the tray',
      body: `${counts.running} ${counts.running === 1 ? 'run is' : 'runs are'} not over yet. Quit from the tray to stop here.`,
    }).show()
  })
  app.on('will-quit', (event) => {
    if (closed) return
    event.preventDefault()
    stop.abort()
    void closeEngine(engine, options.clock).finally(() => {
      closed = true
      tray?.close()
      app.quit()
    })
  })

  const whenReady = async (): Promise<void> => {
    guardSession()
    guardAllContents(() => window)
    serveAppScheme(options.rendererDir)
    const onTheme = (theme: 'system' | 'light' | 'dark'): void => {
      nativeTheme.themeSource = theme
      settings.set({ theme })
    }
    nativeTheme.themeSource = settings.get().theme
    setMenu({
      platform: process.platform,
      packaged: app.isPackaged,
      theme: settings.get().theme,
      onTheme,
      onRoute: show,
      onOpenWorkspace: () => void chooseWorkspace(),
    })
    engine = options.openEngine(settings.get().workspace)
    acceptPortRequests((wire) => {
      // A failed engine is told below; its window closes with the app.
      engine?.then((face) => face.attach(wire)).catch(() => wire.close())
    })
    tray = openTray(options.trayIcon, { show: () => show(), quit: () => app.quit() })
    show(firstRoute)
    const notifier = runNotifier((row) => show(`#/runs/${row.run}`))
    const watcher = {
      onCounts: (found: RunCounts) => {
        counts = found
        tray?.update(found)
      },
      onEnded: notifier.ended,
      onError: (error: unknown) => console.error(error),
    }
    await watchRuns((await engine).client, options.clock, watcher, stop.signal)
  }

  const chooseWorkspace = async (): Promise<void> => {
    const { filePaths } = await dialog.showOpenDialog({
      title: 'Open Workspace',
      message: 'Choose the folder that holds sluice.yaml',
      properties: ['openDirectory'],
    })
    const [workspace] = filePaths
    if (workspace === undefined) return
    settings.set({ workspace })
    app.relaunch()
    app.quit()
  }

  app
    .whenReady()
    .then(whenReady)
    .catch((error: unknown) => {
      const { message, hint } = errorShape(error)
      dialog.showErrorBox('Sluice cannot start', `${message}\n\n${hint}`)
      app.quit()
    })
}

/** In a checkout the system must start Electron with our folder; packaged, our own executable. */
function registerLinks(): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
  else app.setAsDefaultProtocolClient(LINK_SCHEME, process.execPath, [app.getAppPath()])
}

function routeAmong(argv: readonly string[]): string | null {
  const link = linkAmong(argv)
  return link === null ? null : routeOfLink(link)
}

async function closeEngine(engine: Promise<EngineFace> | null, clock: Clock): Promise<void> {
  if (engine === null) return
  const tooLate = new Promise<void>((resolve) => void clock.after(closeWaitMs, resolve))
  // An engine that never opened was told about already.
  const closing = engine.then((face) => face.close()).catch((error) => console.error(error))
  await Promise.race([closing, tooLate])
}
