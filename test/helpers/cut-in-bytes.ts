// A link that breaks in the middle of a chunk: after so many bytes from the host, or to it.
import type { Connection, Pipe, Transport } from '../../electron/hosts/transport.ts'

export interface Cutter {
  /** Bytes until each cut, counted from the cut before. */
  down: number[]
  up: number[]
  received?: number
  sent?: number
}

export function cutInBytes(inner: Transport, cutter: Cutter): Transport {
  let downLeft = 0
  let upLeft = 0
  const cuttable = (pipe: Pipe, connection: Connection): Pipe => ({
    ...pipe,
    onData(listener) {
      let isCut = false
      pipe.onData((bytes) => {
        if (isCut) return
        cutter.received = (cutter.received ?? 0) + bytes.length
        if (downLeft === 0) downLeft = cutter.down.shift() ?? 0
        if (downLeft === 0) return listener(bytes)
        const part = bytes.subarray(0, downLeft)
        downLeft -= part.length
        listener(part)
        if (downLeft > 0) return
        isCut = true
        connection.close()
      })
    },
    async write(bytes) {
      cutter.sent = (cutter.sent ?? 0) + bytes.length
      if (upLeft === 0) upLeft = cutter.up.shift() ?? 0
      if (upLeft === 0) return await pipe.write(bytes)
      const part = bytes.subarray(0, upLeft)
      upLeft -= part.length
      await pipe.write(part)
      if (upLeft > 0) return
      connection.close()
      throw new Error('cut')
    },
  })
  return {
    address: inner.address,
    async connect(signal) {
      const connection = await inner.connect(signal)
      return {
        ...connection,
        exec: async (command) => cuttable(await connection.exec(command), connection),
      }
    },
  }
}
