// A client of the Chrome DevTools Protocol over one WebSocket, with flat sessions.
import { EventEmitter } from 'node:events'

type Params = Record<string, unknown>
/** Shapes are those of the protocol; each reader names the fields that it needs. */
// oxlint-disable-next-line typescript/no-explicit-any
export type CdpResult = Record<string, any>

interface Pending {
  method: string
  resolve: (result: CdpResult) => void
  reject: (error: Error) => void
}

export interface CdpSession {
  send(method: string, params?: Params): Promise<CdpResult>
  on(method: string, listener: (params: CdpResult) => void): void
}

export class Cdp implements CdpSession {
  readonly #socket: WebSocket
  readonly #pending = new Map<number, Pending>()
  readonly #eventsBySession = new Map<string, EventEmitter>()
  #lastId = 0

  static async connect(url: string): Promise<Cdp> {
    const socket = new WebSocket(url)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error(`No answer at ${url}`)), {
        once: true,
      })
    })
    return new Cdp(socket)
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', (event) => this.#take(String(event.data)))
    socket.addEventListener('close', () => {
      for (const { method, reject } of this.#pending.values())
        reject(new Error(`${method}: Chromium is gone`))
      this.#pending.clear()
    })
  }

  send(method: string, params: Params = {}, sessionId?: string): Promise<CdpResult> {
    return new Promise((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN)
        return reject(new Error(`${method}: Chromium is gone`))
      const id = ++this.#lastId
      this.#pending.set(id, { method, resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }))
    })
  }

  on(method: string, listener: (params: CdpResult) => void): void {
    this.#eventsOf('').on(method, listener)
  }

  session(sessionId: string): CdpSession {
    return {
      send: (method, params) => this.send(method, params, sessionId),
      on: (method, listener) => void this.#eventsOf(sessionId).on(method, listener),
    }
  }

  #eventsOf(sessionId: string): EventEmitter {
    const known = this.#eventsBySession.get(sessionId)
    if (known !== undefined) return known
    const events = new EventEmitter()
    this.#eventsBySession.set(sessionId, events)
    return events
  }

  #take(text: string): void {
    const message = JSON.parse(text) as CdpResult
    if (message['id'] === undefined) {
      this.#eventsOf(String(message['sessionId'] ?? '')).emit(message['method'], message['params'])
      return
    }
    const pending = this.#pending.get(message['id'])
    this.#pending.delete(message['id'])
    if (pending === undefined) return
    if (message['error'] === undefined) pending.resolve(message['result'])
    else pending.reject(new Error(`${pending.method}: ${message['error'].message}`))
  }
}
