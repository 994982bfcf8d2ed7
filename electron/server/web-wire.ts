// A WebSocket as a wire.
import type { WebSocket } from 'ws'
import type { Wire } from '../../shared/api/wire.ts'

export function webWire(socket: WebSocket): Wire {
  return {
    send(frame) {
      if (socket.readyState === socket.OPEN) socket.send(frame)
    },
    onMessage: (listener) =>
      socket.on('message', (data, isBinary) => {
        const bytes = data as Buffer // one Buffer: `binaryType` stays 'nodebuffer'
        listener(isBinary ? bytes : bytes.toString('utf8'))
      }),
    onClose(listener) {
      if (socket.readyState === socket.CLOSED) return listener('it was closed')
      socket.once('close', (code, reason) =>
        listener(reason.length > 0 ? reason.toString('utf8') : `closed with code ${code}`),
      )
    },
    // A peer that does not answer the close would keep the socket for half a minute.
    close: () => socket.terminate(),
    bufferedBytes: () => socket.bufferedAmount,
  }
}
