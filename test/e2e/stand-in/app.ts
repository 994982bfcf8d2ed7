// `app`: the life of the process, in Electron's order: ready; before-quit, close of each window, will-quit, quit.
import { existsSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { endBrowser } from './browser.ts'
import { InstanceLock } from './instance-lock.ts'
import { StrictEmitter, strict } from './strict.ts'

/** Set by `run.ts` before anything asks for `electron`. */
export const started: { appDir: string } = { appDir: process.cwd() }

interface ClosableWindow {
  close(): void
  isDestroyed(): boolean
}

const events = [
  'ready',
  'window-all-closed',
  'before-quit',
  'will-quit',
  'quit',
  'activate',
  'open-url',
  'second-instance',
  'browser-window-created',
  'web-contents-created',
]

class App extends StrictEmitter {
  readonly isPackaged = false
  readonly pathByName = new Map<string, string>()
  readonly schemes = new Set<string>()
  readonly windows = new Set<ClosableWindow>()
  ready = false
  quitting = false
  ended = false
  lock: InstanceLock | null = null
  /** What `relaunch` was asked, for specs. */
  relaunches = 0

  constructor() {
    super('app', events)
    this.on('browser-window-created', (_event: unknown, window: ClosableWindow) =>
      this.windows.add(window),
    )
  }

  isReady(): boolean {
    return this.ready
  }

  whenReady(): Promise<void> {
    return this.ready
      ? Promise.resolve()
      : new Promise((resolve) => this.once('ready', () => resolve()))
  }

  becomeReady(): void {
    if (this.ended) return
    this.ready = true
    this.emit('ready', {})
  }

  getVersion(): string {
    const text = readFileSync(join(started.appDir, 'package.json'), 'utf8')
    return (JSON.parse(text) as { version: string }).version
  }

  getAppPath(): string {
    return started.appDir
  }

  getPath(name: string): string {
    const known = this.pathByName.get(name)
    if (known !== undefined) return known
    const appData = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')
    switch (name) {
      case 'home':
        return homedir()
      case 'temp':
        return tmpdir()
      case 'appData':
        return appData
      case 'userData':
        return join(appData, 'Sluice')
      default:
        throw new Error(`Failed to get '${name}' path`)
    }
  }

  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to set path: there is no ${path}`)
    this.pathByName.set(name, path)
  }

  setAsDefaultProtocolClient(scheme: string): boolean {
    this.schemes.add(scheme)
    return true
  }

  isDefaultProtocolClient(scheme: string): boolean {
    return this.schemes.has(scheme)
  }

  setAppUserModelId(): void {}

  requestSingleInstanceLock(): boolean {
    this.lock ??= new InstanceLock(this.getPath('userData'))
    return this.lock.take((argv, cwd) => {
      void this.whenReady().then(() => this.emit('second-instance', {}, argv, cwd))
    })
  }

  relaunch(): void {
    this.relaunches++
  }

  quit(): void {
    if (this.quitting) return
    this.quitting = true
    if (this.prevented('before-quit')) return void (this.quitting = false)
    const open = [...this.windows].filter((window) => !window.isDestroyed())
    for (const window of open) window.close()
    if (open.some((window) => !window.isDestroyed())) return void (this.quitting = false)
    if (this.prevented('will-quit')) return void (this.quitting = false)
    this.exit(0)
  }

  exit(code = 0): void {
    if (this.ended) return
    this.ended = true
    this.emit('quit', {}, code)
    void Promise.all([this.lock?.release(), endBrowser()]).finally(() => process.exit(code))
  }

  onAllWindowsClosed(): void {
    if (this.quitting || this.ended) return
    if (!this.emit('window-all-closed')) this.quit()
  }
}

export const app = strict('app', new App())
