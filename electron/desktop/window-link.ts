// Gives the page its link to the engine: one MessagePort, on request, to our own page only.
import { MessageChannelMain, ipcMain, type MessagePortMain, type WebFrameMain } from 'electron'
import type { Wire } from '../../shared/api/wire.ts'
import { isAppPage } from './app-files.ts'

/** `attach` serves a wire until it closes. */
export function acceptPortRequests(attach: (wire: Wire) => void): void {
  let last: MessagePortMain | null = null
  ipcMain.on('sluice:request-port', (event) => {
    const frame = event.senderFrame
    if (!isOwnMainFrame(frame)) return
    // A page has one link. A reload asks again, and what its old page left open must end.
    last?.close()
    const { port1, port2 } = new MessageChannelMain()
    last = port1
    attach(portWire(port1))
    frame.postMessage('sluice:port', null, [port2])
  })
}

/** A frame that is gone, or inside another, or that shows anything but our page gets nothing. */
function isOwnMainFrame(frame: WebFrameMain | null): frame is WebFrameMain {
  return frame !== null && frame.parent === null && isAppPage(frame.url)
}

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
