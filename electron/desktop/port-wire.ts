// A wire over one end of a MessagePort of Electron's main process.
import type { MessagePortMain } from 'electron'
import type { Wire } from '../../shared/api/wire.ts'

export function portWire(port: MessagePortMain): Wire {
  let closed = false
  port.once('close', () => (closed = true))
  return {
    send(frame) {
      if (!closed) port.postMessage(frame)
    },
    onMessage(listener) {
      port.on('message', ({ data }) => {
        if (typeof data === 'string' || data instanceof Uint8Array) listener(data)
        else port.close()
      })
      port.start()
    },
    onClose(listener) {
      if (closed) listener('the window is gone')
      else port.once('close', () => listener('the window is gone'))
    },
    close() {
      port.close()
    },
    // Electron does not tell. Streams have their credit, so what waits here is bounded by it.
    bufferedBytes: () => 0,
  }
}
