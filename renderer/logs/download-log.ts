// Saves the whole log of an attempt as a file, byte for byte; a line says what is missing.
import { gapAt } from '../../shared/run/log-gaps.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { gapWords } from './gap-words.ts'
import type { LogAddress } from './log-feed.ts'

const encoder = new TextEncoder()
const pieceBytes = 1 << 20
/** The file is put together in memory first. */
export const downloadBytesMax = 500_000_000

export async function downloadLog(bridge: Bridge, address: LogAddress): Promise<void> {
  const { bytes, gaps } = await bridge.call('log.info', address)
  const end = Math.min(bytes, downloadBytesMax)
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let offset = 0; offset < end;) {
    const length = Math.min(pieceBytes, end - offset)
    const piece = await bridge.call('log.read', { ...address, offset, length })
    const gap = piece.length === 0 ? gapAt(gaps, offset) : null
    if (piece.length === 0 && gap === null) break
    pieces.push(gap === null ? new Uint8Array(piece) : encoder.encode(`\n[${gapWords(gap)}]\n`))
    offset += gap === null ? piece.length : (gap.bytes ?? end)
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(pieces, { type: 'text/plain' }))
  const item = address.item === null ? '' : `.${address.item}`
  link.download = `${address.run}.${address.task}${item}.${address.attempt}.log`
  link.click()
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
