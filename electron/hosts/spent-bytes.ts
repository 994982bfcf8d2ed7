// Memory of bytes that nobody needs any more, given back at once. V8 counts what buffers hold and collects garbage again and
// again for what a fast log leaves behind: eleven times per 128 MB, a third of all that receiving it takes.

/** Smaller ones share a block with others. */
const spentBytesMin = 16 * 1024

/** Only for who owns them: whoever else looks into this memory finds nothing there. */
export function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes
  const isMostOfIt = bytes.length >= spentBytesMin && 2 * bytes.length > buffer.byteLength
  if (isMostOfIt && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
