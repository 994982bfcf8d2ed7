// The life of the desktop app, from the first instance to the last window.
//   D1  One instance per home folder; a second one hands its link over and ends.
//   D2  The window opens at once; what it asks waits for the engine.
//   D3  Closing the window ends the app, unless runs go: then it stays in the tray and says so.
//   D4  Quitting closes the engine before the process ends. Tasks go on at their hosts.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Notification, app, dialog, nativeTheme, powerMonitor, type BrowserWindow } from 'electron'
import { errorShape } from '../../shared/api/app-error.ts'
import type { SecretStore } from '../ports/asks.ts'
import type { Clock } from '../ports/clock.ts'
import { makeHome } from '../system/home.ts'
import { registerAppScheme, serveAppScheme } from './app-scheme.ts'
import { openSettings, type DesktopSettings, type SettingsFile } from './desktop-settings.ts'
import { keepEngine, type EngineFace, type EngineKeeper } from './engine-face.ts'
import { guardAllContents, guardSession } from './guards.ts'
import { openKeptSecrets } from './kept-secrets.ts'
import { setMenu } from './menu.ts'
import { openNotifier } from './notifications.ts'
import { workspaceArgument } from './place.ts'
import type { RunCounts } from './run-news.ts'
import { LINK_SCHEME, linkAmong, routeOfLink } from './sluice-link.ts'
import { systemCipher } from './system-cipher.ts'
import { openTray, type SluiceTray } from './tray.ts'
import { watchPerson } from './watch-person.ts'
import { watchRuns } from './watch-runs.ts'
import { acceptPortRequests } from './window-link.ts'
import { openWindow, showRoute, showWindow } from './window.ts'

export interface DesktopOptions {
  home: string
  /** Folders and files of the build, absolute. */
  rendererDir: string
  preload: string
  icon: string
  trayIcon: string
  clock: Clock
  /** `last`: the folder that was open last, if any. */
  openEngine(
    last: string | null,
    secrets: SecretStore,
  ): Promise<{ engine: EngineFace; workspace: string }>
}

/** How long a quit waits for the engine. Tasks are safe either way: the next start finds them on their hosts. */
const closeWaitMs = 8_000

/** What lives from the first to the last moment. */
interface Desktop {
  options: DesktopOptions
  settings: SettingsFile
  stop: AbortController
  window: BrowserWindow | null
  /** Shown when the app is ready. */
  firstRoute: string | null
  tray: SluiceTray | null
  engine: EngineKeeper | null
  counts: RunCounts
}

export function startDesktop(options: DesktopOptions): void {
  const folder = join(options.home, 'desktop')
  makeHome(options.home)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // The lock of the single instance lies in this folder: one app per home (D1).
  app.setPath('userData', folder)
  // Windows shows no notification of a program without a name.
  app.setAppUserModelId('dev.sluice.desktop')
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  const desktop: Desktop = {
    options,
    settings: openSettings(join(folder, 'settings.json'), (error) => console.error(error)),
    stop: new AbortController(),
    window: null,
    firstRoute: routeAmong(process.argv),
    tray: null,
    engine: null,
    counts: { running: 0, failed: 0 },
  }
  registerAppScheme()
  registerLinks()
  app.on('second-instance', (_event, argv) => show(desktop, routeAmong(argv)))
  app.on('open-url', (event, url) => {
    event.preventDefault()
    show(desktop, routeOfLink(url))
  })
  app.on('activate', () => show(desktop))
  app.on('window-all-closed', () => onAllClosed(desktop))
  closeBeforeTheEnd(desktop)
  app
    .whenReady()
    .then(() => run(desktop))
    .catch((error: unknown) => {
      const { message, hint } = errorShape(error)
      dialog.showErrorBox('Sluice cannot start', `${message}\n\n${hint}`)
      app.quit()
    })
}

/** Until the app ends. */
async function run(desktop: Desktop): Promise<void> {
  const { options, settings } = desktop
  guardSession()
  guardAllContents(() => desktop.window)
  serveAppScheme(options.rendererDir)
  useTheme(settings.get().theme)
  showMenu(desktop)
  const secrets = openKeptSecrets(join(options.home, 'desktop', 'kept.json'), systemCipher)
  const engine = keepEngine(async () => {
    const opened = await options.openEngine(settings.get().workspace, secrets)
    // Only one that could be opened: the next start must not stumble over it again.
    settings.set({ workspace: opened.workspace })
    return opened.engine
  })
  desktop.engine = engine
  acceptPortRequests((wire) => {
    // Why there is no engine is told once, below.
    engine.current().then(
      (face) => face.serve(wire),
      () => wire.close(),
    )
  })
  desktop.tray = openTray(options.trayIcon, { show: () => show(desktop), quit: () => app.quit() })
  show(desktop, desktop.firstRoute)
  await engine.current()
  powerMonitor.on('resume', () => void wakeLinks(engine))
  await followEngine(desktop, engine)
}

async function wakeLinks(engine: EngineKeeper): Promise<void> {
  // Why there is no engine is told once, elsewhere.
  const face = await engine.current().catch(() => null)
  face?.wake?.()
}

async function followEngine(desktop: Desktop, engine: EngineKeeper): Promise<void> {
  const { options, stop } = desktop
  const onError = (error: unknown): void => console.error(error)
  const notifier = openNotifier(
    (route) => show(desktop, route),
    () => desktop.window?.isFocused() === true,
  )
  const watcher = {
    onCounts: (counts: RunCounts): void => {
      desktop.counts = counts
      desktop.tray?.update(counts)
    },
    onEnded: notifier.ended,
    onError,
  }
  const clientNow = async (): Promise<EngineFace['client']> => (await engine.current()).client
  await Promise.all([
    watchRuns(clientNow, options.clock, watcher, stop.signal),
    watchPerson(clientNow, options.clock, { onNotice: notifier.waits, onError }, stop.signal),
  ])
}

function show(desktop: Desktop, route: string | null = null): void {
  const { options, settings, window } = desktop
  if (!app.isReady()) {
    desktop.firstRoute = route ?? desktop.firstRoute
  } else if (window === null) {
    desktop.window = openWindow({ ...options, settings, route })
    desktop.window.on('closed', () => (desktop.window = null))
  } else if (route === null) showWindow(window)
  else showRoute(window, route)
}

/** D3 */
function onAllClosed({ counts }: Desktop): void {
  if (process.platform === 'darwin') return
  if (counts.running === 0) return app.quit()
  const runs = counts.running === 1 ? 'A run is' : `${counts.running} runs are`
  new Notification({
    title: 'Sluice goes on in the tray',
    body: `${runs} not over yet. To end Sluice, choose Quit there.`,
  }).show()
}

/** D4: the first `will-quit` is held until the engine is closed, then the app quits again. */
function closeBeforeTheEnd(desktop: Desktop): void {
  let closed = false
  app.on('will-quit', (event) => {
    if (closed) return
    event.preventDefault()
    desktop.stop.abort()
    void closeEngine(desktop).finally(() => {
      closed = true
      desktop.tray?.close()
      app.quit()
    })
  })
}

async function closeEngine({ engine, options }: Desktop): Promise<void> {
  if (engine === null) return
  const tooLate = new Promise<void>((resolve) => void options.clock.after(closeWaitMs, resolve))
  // One that never opened was told about already.
  const closing = engine.close().catch((error: unknown) => console.error(error))
  await Promise.race([closing, tooLate])
}

function showMenu(desktop: Desktop): void {
  const { settings } = desktop
  setMenu({
    platform: process.platform,
    packaged: app.isPackaged,
    theme: settings.get().theme,
    onTheme: (theme) => {
      useTheme(theme)
      settings.set({ theme })
    },
    onRoute: (route) => show(desktop, route),
    onOpenWorkspace: () => void chooseWorkspace(),
  })
}

function useTheme(theme: DesktopSettings['theme']): void {
  nativeTheme.themeSource = theme
}

/** The engine has one workspace for its whole life, so another one is another start. */
async function chooseWorkspace(): Promise<void> {
  const { filePaths } = await dialog.showOpenDialog({
    title: 'Open Workspace',
    message: 'Choose the folder that holds sluice.yaml',
    properties: ['openDirectory'],
  })
  const [workspace] = filePaths
  if (workspace === undefined) return
  const others = process.argv.slice(1).filter((one) => !one.startsWith(workspaceArgument('')))
  app.relaunch({ args: [...others, workspaceArgument(workspace)] })
  app.quit()
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
