// Gives the page its link to the engine: one MessagePort, on request, to our own page only.
import { MessageChannelMain, ipcMain, type MessagePortMain, type WebFrameMain } from 'electron'
import type { Wire } from '../../shared/api/wire.ts'
import { isAppPage } from './app-files.ts'
import { portWire } from './port-wire.ts'

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
