// The two ways a page reaches its engine: the port of the desktop app's preload, or a WebSocket to the server it came from.
import { AppError } from '../../shared/api/app-error.ts'
import { connectLink } from '../../shared/api/link.ts'
import type { Wire } from '../../shared/api/wire.ts'
import type { Connected } from './bridge.ts'

declare global {
  interface Window {
    /** Put there by the desktop app's preload; absent in a browser. */
    sluice?: { requestPort(): void }
  }
}

const portWaitMs = 10_000

export function connectToEngine(): Promise<Connected> {
  return window.sluice === undefined ? bySocket() : byPort(window.sluice)
}

function linked(wire: Wire): Connected {
  const closing = Promise.withResolvers<void>()
  const client = connectLink({
    ...wire,
    onClose(listener) {
      wire.onClose((why) => {
        listener(why)
        closing.resolve()
      })
    },
  })
  return { client, closed: closing.promise }
}

function bySocket(): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const url = new URL('link', location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    url.hash = ''
    url.search = ''
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    const refuse = () =>
      reject(new AppError('link-closed', 'The engine does not answer at its address.'))
    socket.addEventListener('error', refuse)
    socket.addEventListener('close', refuse)
    socket.addEventListener('open', () => resolve(linked(socketWire(socket))))
  })
}

function socketWire(socket: WebSocket): Wire {
  return {
    send(frame) {
      if (socket.readyState !== WebSocket.OPEN) return
      // No frame of ours is backed by shared memory.
      socket.send(frame as string | Uint8Array<ArrayBuffer>)
    },
    onMessage(listener) {
      socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) =>
        listener(typeof data === 'string' ? data : new Uint8Array(data)),
      )
    },
    onClose(listener) {
      const end = (event?: CloseEvent) =>
        listener(event === undefined || event.reason === '' ? 'it went away' : event.reason)
      if (socket.readyState >= WebSocket.CLOSING) end()
      else socket.addEventListener('close', end, { once: true })
    },
    close: () => socket.close(),
    bufferedBytes: () => socket.bufferedAmount,
  }
}

function byPort(preload: { requestPort(): void }): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      removeEventListener('message', take)
      reject(new AppError('link-closed', 'The engine of this app does not answer.'))
    }, portWaitMs)
    const take = (event: MessageEvent) => {
      const port = event.ports[0]
      if (event.source !== window || event.data !== 'sluice:port' || port === undefined) return
      clearTimeout(timer)
      removeEventListener('message', take)
      resolve(linked(portWire(port)))
    }
    addEventListener('message', take)
    preload.requestPort()
  })
}

function portWire(port: MessagePort): Wire {
  let closed = false
  return {
    send(frame) {
      if (!closed) port.postMessage(frame)
    },
    onMessage(listener) {
      port.addEventListener('message', ({ data }: MessageEvent<string | Uint8Array>) =>
        listener(data),
      )
      port.start()
    },
    onClose(listener) {
      port.addEventListener('close', () => {
        closed = true
        listener('the app closed it')
      })
    },
    close() {
      closed = true
      port.close()
    },
    // A port has no count of its own; the credits of the streams bound what is under way.
    bufferedBytes: () => 0,
  }
}
