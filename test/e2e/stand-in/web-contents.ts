// One page: its loading, its preload, what passes between it and the main process, and what it may not do.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { schemeServer, theBrowser, type Page } from './browser.ts'
import type { CdpResult } from './cdp.ts'
import type { SchemeServer } from './scheme-server.ts'
import { ipcMain } from './ipc-main.ts'
import { codec, type MessagePortMain } from './message-port.ts'
import { SEND_BINDING, WORLD, isolatedWorldScript, mainWorldScript } from './page-script.ts'
import type { FromMain, FromPage, IsolatedWorldInfo } from './page-worlds.ts'
import { settlePermissions } from './permissions.ts'
import { StrictEmitter, missing, strict } from './strict.ts'

export interface WebPreferences {
  preload?: string
  additionalArguments?: string[]
}

interface Started {
  page: Page
  schemes: SchemeServer
}

type OpenHandler = (details: { url: string }) => { action: string }
type PortEnd = ReturnType<MessagePortMain['sendToPage']>

const events = [
  'will-navigate',
  'will-attach-webview', // never sent: no page here has webviews
  'did-navigate',
  'did-navigate-in-page',
  'did-finish-load',
  'did-fail-load',
  'dom-ready',
  'preload-error',
  'page-title-updated',
  'render-process-gone',
  'destroyed',
]

let lastPortId = 0

export class WebContents extends StrictEmitter {
  readonly id: number
  readonly mainFrame: object
  readonly started: Promise<Started>
  #destroyed = false
  #loading = false
  #shown = 'about:blank'
  /** The document that `loadURL` or `reload` asked for: no `will-navigate` for it. */
  #asked: string | null = null
  #worldId: number | null = null
  #queue: FromMain[] = []
  #openHandler: OpenHandler | null = null
  readonly #ports = new Map<string, PortEnd>()
  #fromReal: (url: string) => string = (url) => url

  constructor(id: number, size: { width: number; height: number }, options: WebContentsOptions) {
    super('webContents', events)
    this.id = id
    const frame = {
      parent: null,
      url: '',
      send: (channel: string, ...args: unknown[]) => this.send(channel, ...args),
      postMessage: (channel: string, message: unknown, transfer?: MessagePortMain[]) =>
        this.postMessage(channel, message, transfer),
    }
    Object.defineProperty(frame, 'url', { get: () => this.getURL() })
    this.mainFrame = strict('WebFrameMain', frame)
    this.started = this.#start(size, options)
  }

  async loadURL(url: string): Promise<void> {
    const { page, schemes } = await this.started
    this.#loading = true
    const real = schemes.toReal(url)
    this.#asked = withoutHash(real)
    const loaded = new Promise<void>((resolve, reject) => {
      this.once('did-finish-load', () => resolve())
      this.once('destroyed', () => reject(new Error(`ERR_FAILED (-2) loading '${url}'`)))
    })
    loaded.catch(() => {})
    const { errorText } = await page.session.send('Page.navigate', { url: real })
    if (errorText === undefined) return loaded
    const name = String(errorText).replace('net::', '')
    this.emit('did-fail-load', {}, -2, name, url, true)
    throw new Error(`${name} (-2) loading '${url}'`)
  }

  reload(): void {
    this.#asked = withoutHash(this.#shown)
    void this.started.then(({ page }) => page.session.send('Page.reload'))
  }

  send(channel: string, ...args: unknown[]): void {
    this.#toPage({ what: 'message', channel, data: codec.encode(args), ports: [] })
  }

  postMessage(channel: string, message: unknown, transfer: MessagePortMain[] = []): void {
    const ports = transfer.map((port) => this.#sendPort(port))
    this.#toPage({ what: 'message', channel, data: codec.encode([message]), ports })
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler
  }

  getURL(): string {
    return this.#fromReal(this.#shown)
  }

  isLoading(): boolean {
    return this.#loading
  }

  isDestroyed(): boolean {
    return this.#destroyed
  }

  async executeJavaScript(expression: string): Promise<unknown> {
    const { page } = await this.started
    const { result, exceptionDetails } = await page.session.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception.description)
    return result.value
  }

  /** The window is gone. */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#closePorts()
    this.emit('destroyed')
  }

  async #start(
    size: { width: number; height: number },
    options: WebContentsOptions,
  ): Promise<Started> {
    const schemes = await schemeServer()
    this.#fromReal = (url) => schemes.fromReal(url)
    const page = await (await theBrowser(options.userData)).openPage(size)
    const { session } = page
    session.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === WORLD) this.#worldId = context.id
    })
    session.on('Runtime.executionContextsCleared', () => this.#forgetWorld())
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => {
      if (executionContextId === this.#worldId) this.#forgetWorld()
    })
    session.on('Runtime.bindingCalled', ({ payload }) =>
      this.#fromPage(JSON.parse(payload) as FromPage),
    )
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId !== undefined) return
      this.#shown = frame.url + (frame.urlFragment ?? '')
      if (this.#shown !== 'about:blank') this.emit('did-navigate', {}, this.getURL())
    })
    session.on('Page.navigatedWithinDocument', ({ url }) => {
      this.#shown = url
      this.emit('did-navigate-in-page', {}, this.getURL(), true)
    })
    session.on('Page.domContentEventFired', () => this.emit('dom-ready', {}))
    session.on('Page.loadEventFired', () => {
      this.#loading = false
      if (this.#shown !== 'about:blank') this.emit('did-finish-load', {})
    })
    // By a link; `window.open` comes from the page's own world.
    session.on('Page.windowOpen', ({ url }) => this.#onOpen(url))
    session.on('Fetch.requestPaused', (paused) => void this.#onDocumentRequest(page, paused))
    session.on('Inspector.targetCrashed', () =>
      this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }),
    )
    await this.#prepare(page, options)
    return { page, schemes }
  }

  async #prepare(
    { session }: Page,
    { preferences, colorScheme }: WebContentsOptions,
  ): Promise<void> {
    const secret = randomBytes(8).toString('hex')
    const info: IsolatedWorldInfo = {
      toPreload: `stand-in-${secret}-in`,
      toPage: `stand-in-${secret}-out`,
      platform: process.platform,
      argv: [process.execPath, ...(preferences.additionalArguments ?? [])],
      preloadFile: preferences.preload ?? '',
    }
    const preload =
      preferences.preload === undefined ? '' : readFileSync(preferences.preload, 'utf8')
    await settlePermissions(session, this)
    await session.send('Page.enable')
    await session.send('Runtime.enable')
    await session.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript(info) })
    await session.send('Runtime.addBinding', { name: SEND_BINDING, executionContextName: WORLD })
    await session.send('Page.addScriptToEvaluateOnNewDocument', {
      worldName: WORLD,
      source: isolatedWorldScript(info, preload),
    })
    await session.send('Fetch.enable', {
      patterns: [{ resourceType: 'Document', requestStage: 'Request' }],
    })
    await session.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: colorScheme }],
    })
  }

  // Only a document that the page itself asks for is a `will-navigate`.
  async #onDocumentRequest(page: Page, paused: CdpResult): Promise<void> {
    const real = String(paused['request'].url)
    const byPage = this.#asked !== withoutHash(real) && this.#shown !== 'about:blank'
    this.#asked = null
    const url = this.#fromReal(real)
    const refused = byPage && this.prevented('will-navigate', { url, isMainFrame: true }, url)
    const { requestId } = paused
    const answer = refused
      ? page.session.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' })
      : page.session.send('Fetch.continueRequest', { requestId })
    // The page may be gone meanwhile.
    await answer.catch(() => {})
  }

  #onOpen(url: string): void {
    const answer = this.#openHandler?.({ url: this.#fromReal(url) })
    if (answer?.action !== 'deny') missing('a window that a page opened')
  }

  #fromPage(message: FromPage): void {
    const event = { sender: this, senderFrame: this.mainFrame, ports: [] }
    switch (message.what) {
      case 'send':
        ipcMain.emit(message.channel, event, ...(codec.decode(message.data) as unknown[]))
        return
      case 'invoke':
        void this.#invoke(message, event)
        return
      case 'port':
        this.#ports.get(message.id)?.receive(message.data)
        return
      case 'port-closed':
        this.#ports.get(message.id)?.close()
        this.#ports.delete(message.id)
        return
      case 'open':
        this.#onOpen(message.url)
        return
      case 'preload-error':
        console.error(`Unable to load preload script: ${message.file}\n${message.message}`)
        this.emit('preload-error', {}, message.file, new Error(message.message))
    }
  }

  async #invoke(
    message: Extract<FromPage, { what: 'invoke' }>,
    event: { sender: WebContents },
  ): Promise<void> {
    const { id, channel } = message
    try {
      const handler = ipcMain.handlerByChannel.get(channel)
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
      const value = await handler(event, ...(codec.decode(message.data) as unknown[]))
      this.#toPage({ what: 'answer', id, data: codec.encode(value), error: null })
    } catch (error) {
      // Electron's own words: only the text of the error arrives.
      const words = `Error invoking remote method '${channel}': ${String(error)}`
      this.#toPage({ what: 'answer', id, data: '', error: words })
    }
  }

  #sendPort(port: MessagePortMain): string {
    const id = `port-${++lastPortId}`
    const end = port.sendToPage({
      send: (data) => this.#toPage({ what: 'port', id, data }),
      close: () => {
        this.#ports.delete(id)
        this.#toPage({ what: 'port-closed', id })
      },
    })
    this.#ports.set(id, end)
    return id
  }

  // Many messages of one turn go in one command.
  #toPage(message: FromMain): void {
    if (this.#destroyed || this.#worldId === null) return
    this.#queue.push(message)
    if (this.#queue.length === 1) setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    const messages = this.#queue.splice(0)
    const executionContextId = this.#worldId
    if (executionContextId === null || messages.length === 0) return
    const { page } = await this.started
    await page.session
      .send('Runtime.callFunctionOn', {
        executionContextId,
        functionDeclaration: 'function (text) { globalThis.standInTake(text) }',
        arguments: [{ value: JSON.stringify(messages) }],
      })
      // The page went away with what it was sent.
      .catch(() => {})
  }

  #forgetWorld(): void {
    this.#worldId = null
    this.#queue = []
    this.#closePorts()
  }

  #closePorts(): void {
    for (const port of this.#ports.values()) port.close()
    this.#ports.clear()
  }
}

export interface WebContentsOptions {
  preferences: WebPreferences
  userData: string
  colorScheme: 'light' | 'dark'
}

function withoutHash(url: string): string {
  return url.replace(/#.*$/s, '')
}
