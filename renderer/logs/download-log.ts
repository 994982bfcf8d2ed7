// Saves the whole log of an attempt as a file, byte for byte.
import type { Bridge } from '../bridge/bridge.ts'
import type { LogAddress } from './log-feed.ts'

const pieceBytes = 1 << 20
/** The file is put together in memory first. */
export const downloadBytesMax = 500_000_000

export async function downloadLog(bridge: Bridge, address: LogAddress): Promise<void> {
  const { bytes } = await bridge.call('log.info', address)
  const end = Math.min(bytes, downloadBytesMax)
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let offset = 0; offset < end;) {
    const length = Math.min(pieceBytes, end - offset)
    const piece = await bridge.call('log.read', { ...address, offset, length })
    if (piece.length === 0) break
    pieces.push(new Uint8Array(piece))
    offset += piece.length
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(pieces, { type: 'text/plain' }))
  const item = address.item === null ? '' : `.${address.item}`
  link.download = `${address.run}.${address.task}${item}.${address.attempt}.log`
  link.click()
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
