// The two sides of the context bridge, as they run in the page: `mainWorld` beside the page's own scripts,
// `isolatedWorld` around the preload. Their source is sent as text, so each uses only its arguments.
// The worlds share the document, not their objects: they speak by DOM events, whose `detail` Chromium clones.
import type { CloneCodec } from './clone-codec.ts'

/** What crosses the bridge: data, and functions of the preload that the page may call. */
export type Bridged =
  | { kind: 'data'; data: unknown }
  | { kind: 'function'; id: number }
  | { kind: 'list'; items: Bridged[] }
  | { kind: 'object'; fields: [string, Bridged][] }
  | { kind: 'promise'; id: number }
  | { kind: 'error'; message: string }

type BridgeEvent = CustomEvent<unknown>

export function mainWorld(toPreload: string, toPage: string): void {
  const page = globalThis as unknown as EventTarget & Record<string, unknown>
  // The page may replace these; the bridge must not notice.
  const { CustomEvent, Object, Promise, Map, Error, URL } = globalThis
  const dispatch = page.dispatchEvent.bind(page)
  const promises = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let answer: Bridged | null = null

  const build = (from: Bridged): unknown => {
    switch (from.kind) {
      case 'data':
        return from.data
      case 'list':
        return Object.freeze(from.items.map(build))
      case 'object':
        return Object.freeze(
          Object.fromEntries(from.fields.map(([key, field]) => [key, build(field)])),
        )
      case 'function':
        return (...args: unknown[]): unknown => callPreload(from.id, args)
      case 'promise':
        return new Promise((resolve, reject) => promises.set(from.id, { resolve, reject }))
      default:
        throw new Error(from.message)
    }
  }
  const callPreload = (id: number, args: unknown[]): unknown => {
    if (args.some((value) => typeof value === 'function'))
      throw new Error('electron stand-in: contextBridge with a callback argument is not there')
    answer = null
    dispatch(new CustomEvent(toPreload, { detail: { id, args } }))
    if (answer === null) throw new Error('An object could not be cloned.')
    return build(answer)
  }

  // A window that Chromium had made by then could not be taken back without a trace.
  page['open'] = (url: string) => {
    const { href } = new URL(url, String(page['origin']))
    dispatch(new CustomEvent(toPreload, { detail: { open: href } }))
    return null
  }

  page.addEventListener(toPage, (event) => {
    event.stopImmediatePropagation()
    const message = (event as BridgeEvent).detail as
      | { what: 'expose'; key: string; api: Bridged }
      | { what: 'answer'; value: Bridged }
      | { what: 'settle'; id: number; value: Bridged }
    if (message.what === 'answer') {
      answer = message.value
    } else if (message.what === 'settle') {
      const waiting = promises.get(message.id)
      promises.delete(message.id)
      if (message.value.kind === 'error') waiting?.reject(new Error(message.value.message))
      else waiting?.resolve(build(message.value))
    } else {
      const value = build(message.api)
      Object.defineProperty(page, message.key, { value, enumerable: true })
    }
  })
}

export interface IsolatedWorldInfo {
  toPreload: string
  toPage: string
  platform: string
  argv: string[]
  preloadFile: string
}

type Preload = (
  require: (name: string) => unknown,
  module: { exports: unknown },
  exports: unknown,
  process: unknown,
) => void

export function isolatedWorld(codec: CloneCodec, info: IsolatedWorldInfo, preload: Preload): void {
  const world = globalThis as unknown as EventTarget &
    Record<'standInSend' | 'standInTake', unknown>
  const sendText = world.standInSend as (text: string) => void
  delete (world as Partial<typeof world>).standInSend
  const send = (message: object): void => sendText(JSON.stringify(message))

  // --- contextBridge
  const functions = new Map<number, (...args: unknown[]) => unknown>()
  let lastId = 0
  const tell = (detail: object): void =>
    void world.dispatchEvent(new CustomEvent(info.toPage, { detail }))
  const failed = (error: unknown): Bridged => ({
    kind: 'error',
    message: error instanceof Error ? error.message : String(error),
  })
  const describe = (value: unknown): Bridged => {
    const id = ++lastId
    if (typeof value === 'function') {
      functions.set(id, value as (...args: unknown[]) => unknown)
      return { kind: 'function', id }
    }
    if (value instanceof Promise) {
      const settle = (settled: Bridged): void => tell({ what: 'settle', id, value: settled })
      value.then((result) => settle(describe(result))).catch((error) => settle(failed(error)))
      return { kind: 'promise', id }
    }
    if (Array.isArray(value)) return { kind: 'list', items: value.map(describe) }
    if (Object.prototype.toString.call(value) === '[object Object]') {
      const fields = Object.entries(value as object)
      return { kind: 'object', fields: fields.map(([key, field]) => [key, describe(field)]) }
    }
    return { kind: 'data', data: value }
  }
  world.addEventListener(info.toPreload, (event) => {
    event.stopImmediatePropagation()
    const message = (event as BridgeEvent).detail as
      | { open: string }
      | { id: number; args: unknown[] }
    if ('open' in message) {
      send({ what: 'open', url: message.open })
      return
    }
    const { id, args } = message
    let value: Bridged
    try {
      value = describe(functions.get(id)?.(...args))
    } catch (error) {
      value = failed(error)
    }
    tell({ what: 'answer', value })
  })
  const contextBridge = named('contextBridge', {
    exposeInMainWorld: (key: string, api: unknown) =>
      tell({ what: 'expose', key, api: describe(api) }),
  })

  // --- ipcRenderer and message ports
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>()
  const calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  type Port = InstanceType<typeof MessageChannel>['port1']
  const ports = new Map<string, Port>()
  const makePort = (id: string): unknown => {
    const channel = new MessageChannel()
    const near = channel.port1 as unknown as Port & EventTarget
    ports.set(id, near)
    near.addEventListener('message', (event: Event) =>
      send({ what: 'port', id, data: codec.encode((event as unknown as { data: unknown }).data) }),
    )
    near.addEventListener('close', () => {
      if (ports.delete(id)) send({ what: 'port-closed', id })
    })
    near.start()
    return channel.port2
  }
  const ipcRenderer = named('ipcRenderer', {
    send: (channel: string, ...args: unknown[]) =>
      send({ what: 'send', channel, data: codec.encode(args) }),
    invoke: (channel: string, ...args: unknown[]) => {
      const id = ++lastId
      const data = codec.encode(args)
      return new Promise((resolve, reject) => {
        calls.set(id, { resolve, reject })
        send({ what: 'invoke', id, channel, data })
      })
    },
    on: (channel: string, listener: (event: object, ...args: unknown[]) => void) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
    },
  })
  const take = (message: FromMain): void => {
    switch (message.what) {
      case 'message': {
        const event = { sender: ipcRenderer, ports: message.ports.map(makePort) }
        const args = codec.decode(message.data) as unknown[]
        for (const listener of listeners.get(message.channel) ?? []) listener(event, ...args)
        return
      }
      case 'answer': {
        const call = calls.get(message.id)
        calls.delete(message.id)
        if (message.error === null) call?.resolve(codec.decode(message.data))
        else call?.reject(new Error(message.error))
        return
      }
      case 'port':
        ports.get(message.id)?.postMessage(codec.decode(message.data))
        return
      case 'port-closed': {
        const port = ports.get(message.id)
        ports.delete(message.id)
        port?.close()
      }
    }
  }
  // The main process calls this by its name, in this world only.
  Object.defineProperty(world, 'standInTake', {
    value: (text: string) => {
      for (const message of JSON.parse(text) as FromMain[]) take(message)
    },
  })

  // --- what a sandboxed preload may require
  function named<T extends object>(name: string, api: T): T {
    return new Proxy(api, {
      get(of, key) {
        if (key in of || typeof key === 'symbol') return Reflect.get(of, key) as unknown
        throw new Error(`electron stand-in: ${name}.${key} is not there`)
      },
    })
  }
  const require = (name: string): unknown => {
    if (name === 'electron') return named('electron', { contextBridge, ipcRenderer })
    throw new Error(`module not found: ${name}`)
  }
  const process = Object.freeze({
    platform: info.platform,
    argv: info.argv,
    type: 'renderer',
    sandboxed: true,
    contextIsolated: true,
  })
  const module = { exports: {} }
  try {
    preload(require, module, module.exports, process)
  } catch (error) {
    send({
      what: 'preload-error',
      file: info.preloadFile,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}

/** Messages of the main process to the isolated world. `data` is text of the codec. */
export type FromMain =
  | { what: 'message'; channel: string; data: string; ports: string[] }
  | { what: 'answer'; id: number; data: string; error: string | null }
  | { what: 'port'; id: string; data: string }
  | { what: 'port-closed'; id: string }

export type FromPage =
  | { what: 'send'; channel: string; data: string }
  | { what: 'invoke'; id: number; channel: string; data: string }
  | { what: 'port'; id: string; data: string }
  | { what: 'port-closed'; id: string }
  | { what: 'open'; url: string }
  | { what: 'preload-error'; file: string; message: string }
