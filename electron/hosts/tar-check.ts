// Whether a tar archive of one host may be unpacked on another: plain files, folders, and links that stay inside. What a
// host sends is never trusted, and not every tar program refuses what leads out of its folder.
import type { BlobSource } from '../ports/logs.ts'

const blockBytes = 512
/** Of a long name or a header of PAX. */
const metaBytesMax = 64 * 1024
const membersMax = 1_000_000

export async function isSafeTar(source: BlobSource): Promise<boolean> {
  let at = 0
  let name: string | null = null
  let link: string | null = null
  for (let members = 0; members < membersMax && at + blockBytes <= source.bytes; members++) {
    const block = await bytesOf(source, at, blockBytes)
    if (block.every((byte) => byte === 0)) return true
    const size = octal(block.subarray(124, 136))
    if (size === null) return false
    const type = String.fromCharCode(block[156] ?? 0)
    const body = at + blockBytes
    at = body + Math.ceil(size / blockBytes) * blockBytes
    if (at > source.bytes) return false
    switch (type) {
      case 'x':
      case 'L':
      case 'K': {
        if (size > metaBytesMax) return false
        const meta = await bytesOf(source, body, size)
        if (type === 'L') name = text(meta)
        else if (type === 'K') link = text(meta)
        else {
          const records = paxOf(meta)
          // A size of its own would move every header behind it.
          if (records === null || records.has('size')) return false
          name = records.get('path') ?? name
          link = records.get('linkpath') ?? link
        }
        continue
      }
      case '\0':
      case '0':
      case '5':
        break
      case '1':
      case '2':
        if (!staysInside(link ?? text(block.subarray(157, 257)))) return false
        break
      default:
        return false
    }
    const prefix = text(block.subarray(257, 262)) === 'ustar' ? text(block.subarray(345, 500)) : ''
    const short = text(block.subarray(0, 100))
    if (!staysInside(name ?? (prefix === '' ? short : `${prefix}/${short}`))) return false
    name = null
    link = null
  }
  return false
}

function staysInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..')
}

async function bytesOf(source: BlobSource, from: number, length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of source.read(from, length)) pieces.push(piece)
  return Buffer.concat(pieces)
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1')
}

function octal(bytes: Uint8Array): number | null {
  const word = text(bytes).trim()
  return /^[0-7]{1,11}$/.test(word) ? Number.parseInt(word, 8) : null
}

/** Records of `LENGTH NAME=VALUE\n`. */
function paxOf(bytes: Buffer): Map<string, string> | null {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const head = /^(\d{1,6}) ([^=]+)=/.exec(bytes.toString('latin1', at, at + 300))
    const length = Number(head?.[1] ?? 0)
    if (head === null || length < head[0].length + 1 || at + length > bytes.length) return null
    records.set(head[2] ?? '', bytes.toString('latin1', at + head[0].length, at + length - 1))
    at += length
  }
  return records
}
