// `BrowserWindow`: a page of the one Chromium, with the bounds and states that a window manager would keep.
import { app } from './app.ts'
import { theBrowser } from './browser.ts'
import { colorScheme, nativeTheme } from './native-theme.ts'
import { StrictEmitter, missing, strict } from './strict.ts'
import { WebContents, type WebPreferences } from './web-contents.ts'

interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

interface WindowOptions extends Partial<Bounds> {
  show?: boolean
  title?: string
  webPreferences?: WebPreferences & {
    sandbox?: boolean
    contextIsolation?: boolean
    nodeIntegration?: boolean
  }
}

const events = [
  'ready-to-show',
  'show',
  'hide',
  'focus',
  'close',
  'closed',
  'resize',
  'maximize',
  'unmaximize',
  'minimize',
  'restore',
]

let lastId = 0
const focus: { window: BrowserWindow | null } = { window: null }

export class BrowserWindow extends StrictEmitter {
  readonly id = ++lastId
  readonly webContents: WebContents
  #bounds: Bounds
  #shown = false
  #destroyed = false
  #state: 'normal' | 'maximized' | 'minimized' = 'normal'
  #readyToShow = false

  constructor(options: WindowOptions = {}) {
    super('BrowserWindow', events)
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready')
    const preferences = options.webPreferences ?? {}
    if (preferences.nodeIntegration === true) missing('nodeIntegration')
    if (preferences.contextIsolation === false) missing('contextIsolation: false')
    if (preferences.sandbox === false) missing('sandbox: false')
    const { x = 0, y = 0, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    const userData = app.getPath('userData')
    const contents = new WebContents(this.id, this.#bounds, {
      preferences,
      userData,
      colorScheme: colorScheme(),
    })
    this.webContents = strict('webContents', contents)
    windows.set(this.id, this)
    contents.on('did-finish-load', () => this.#onLoaded())
    void this.#follow(contents, userData)
    app.emit('browser-window-created', {}, this)
    app.emit('web-contents-created', {}, this.webContents)
    if (options.show !== false) this.show()
  }

  static getAllWindows(): BrowserWindow[] {
    return [...windows.values()]
  }

  static getFocusedWindow(): BrowserWindow | null {
    return focus.window
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.loadURL(url)
  }

  show(): void {
    this.#shown = true
    this.emit('show', {})
    this.focus()
  }

  hide(): void {
    this.#shown = false
    this.emit('hide', {})
  }

  focus(): void {
    focus.window = this
    this.emit('focus', {})
  }

  isVisible(): boolean {
    return this.#shown
  }

  isFocused(): boolean {
    return focus.window === this
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  maximize(): void {
    this.#state = 'maximized'
    this.emit('maximize', {})
  }

  unmaximize(): void {
    this.#state = 'normal'
    this.emit('unmaximize', {})
  }

  minimize(): void {
    this.#state = 'minimized'
    this.emit('minimize', {})
  }

  restore(): void {
    this.#state = 'normal'
    this.emit('restore', {})
  }

  isMaximized(): boolean {
    return this.#state === 'maximized'
  }

  isMinimized(): boolean {
    return this.#state === 'minimized'
  }

  getBounds(): Bounds {
    return { ...this.#bounds }
  }

  getNormalBounds(): Bounds {
    return { ...this.#bounds }
  }

  setBounds(bounds: Partial<Bounds>): void {
    this.#bounds = { ...this.#bounds, ...bounds }
    this.emit('resize', {})
  }

  close(): void {
    if (this.#destroyed || this.prevented('close')) return
    this.destroy()
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#onGone()
    const userData = app.getPath('userData')
    void this.webContents.started.then(async ({ page }) =>
      (await theBrowser(userData)).closePage(page.targetId),
    )
  }

  async #follow(contents: WebContents, userData: string): Promise<void> {
    const { page } = await contents.started
    const browser = await theBrowser(userData)
    browser.onPageGone((targetId) => {
      if (targetId === page.targetId) this.#onGone()
    })
    nativeTheme.on('updated', () => {
      const features = [{ name: 'prefers-color-scheme', value: colorScheme() }]
      // The page may be gone by then.
      page.session.send('Emulation.setEmulatedMedia', { features }).catch(() => {})
    })
  }

  #onLoaded(): void {
    if (this.#readyToShow) return
    this.#readyToShow = true
    this.emit('ready-to-show', {})
  }

  #onGone(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    windows.delete(this.id)
    if (focus.window === this) focus.window = null
    this.webContents.destroy()
    this.emit('closed')
    if (windows.size === 0) setImmediate(() => app.onAllWindowsClosed())
  }
}

const windows = new Map<number, BrowserWindow>()
