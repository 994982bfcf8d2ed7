// Frames over a byte stream (a Unix socket or a named pipe): four bytes of length, the top bit set for text, then the frame.
import type { Socket } from 'node:net'
import type { Wire } from '../../shared/api/wire.ts'

const headBytes = 4
const textFlag = 0x8000_0000

/** `frameBytesMax`: of what the other side sends; it is held in memory until it is whole. */
export function socketWire(socket: Socket, frameBytesMax: number): Wire {
  let why: string | null = null
  let onFrame: (frame: string | Uint8Array) => void = () => {}
  const closers: ((why: string) => void)[] = []
  const takeChunk = frameReader(
    (frame) => onFrame(frame),
    () => socket.destroy(new Error('a frame is too large')),
    frameBytesMax,
  )

  socket.setNoDelay(true)
  socket.on('data', (chunk) => takeChunk(chunk))
  // 'close' follows and tells; without a listener the error would end the process.
  socket.on('error', (error) => (why ??= error.message))
  socket.on('close', () => {
    why ??= 'the other side closed it'
    for (const closer of closers.splice(0)) closer(why)
  })

  return {
    send(frame) {
      if (socket.writable) writeFrame(socket, frame)
    },
    onMessage: (listener) => (onFrame = listener),
    onClose: (listener) =>
      socket.closed ? listener(why ?? 'it was closed') : closers.push(listener),
    close() {
      why ??= 'closed here'
      socket.destroy()
    },
    bufferedBytes: () => socket.writableLength,
  }
}

function writeFrame(socket: Socket, frame: string | Uint8Array): void {
  const body = typeof frame === 'string' ? Buffer.from(frame) : frame
  const head = Buffer.allocUnsafe(headBytes)
  head.writeUInt32BE(typeof frame === 'string' ? body.length + textFlag : body.length)
  // Frames of one turn leave in one system call.
  socket.cork()
  socket.write(head)
  socket.write(body)
  process.nextTick(() => socket.uncork())
}

/** Cuts a byte stream into frames; `onTooLarge` once a head promises more than a frame may hold. */
function frameReader(
  onFrame: (frame: string | Uint8Array) => void,
  onTooLarge: () => void,
  frameBytesMax: number,
): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let held = 0
  let needed = headBytes
  return (chunk) => {
    parts.push(chunk)
    held += chunk.length
    if (held < needed) return
    let rest = parts.length === 1 ? chunk : Buffer.concat(parts, held)
    for (;;) {
      needed = headBytes
      if (rest.length < headBytes) break
      const head = rest.readUInt32BE(0)
      const isText = head >= textFlag
      const length = isText ? head - textFlag : head
      if (length > frameBytesMax) return onTooLarge()
      needed = headBytes + length
      if (rest.length < needed) break
      const body = rest.subarray(headBytes, needed)
      rest = rest.subarray(needed)
      onFrame(isText ? body.toString('utf8') : body)
    }
    parts = rest.length === 0 ? [] : [rest]
    held = rest.length
  }
}
