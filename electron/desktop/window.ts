// The one window: how it opens, what it remembers, and how it is told to show a screen.
import { BrowserWindow, app, nativeTheme, screen } from 'electron'
import { APP_PAGE } from './app-files.ts'
import type { SettingsFile } from './desktop-settings.ts'
import { fitBounds, sizeMin } from './window-bounds.ts'

export interface WindowOptions {
  preload: string
  icon: string
  settings: SettingsFile
  /** A hash route, `#/runs/...`; null for the first screen. */
  route: string | null
}

export function openWindow(options: WindowOptions): BrowserWindow {
  const { settings } = options
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id)
  const workAreas = [primary, ...others].map((display) => display.workArea)
  const window = new BrowserWindow({
    ...fitBounds(settings.get().bounds, workAreas),
    minWidth: sizeMin.width,
    minHeight: sizeMin.height,
    show: false,
    title: 'Sluice',
    icon: options.icon,
    // The colour behind the page until its first paint: no white flash in the dark.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#14171c' : '#ffffff',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      // A sandboxed preload can read no package.json.
      additionalArguments: [`--sluice-version=${app.getVersion()}`],
    },
  })
  if (settings.get().maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const maximized = window.isMaximized()
    settings.set({ bounds: window.getNormalBounds(), maximized })
  })
  window.loadURL(APP_PAGE + (options.route ?? '')).catch((error: unknown) => {
    // Closed before it was loaded: nobody waits for the page.
    if (!window.isDestroyed()) throw error
  })
  return window
}

export function showWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

/** The page changes its own hash: no navigation, its state stays. */
export function showRoute(window: BrowserWindow, route: string): void {
  const { webContents } = window
  const send = (): void => webContents.send('sluice:route', route)
  if (webContents.isLoading()) webContents.once('did-finish-load', send)
  else send()
  showWindow(window)
}
