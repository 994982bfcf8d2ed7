// Decrypts what an ssh server sends, for ssh2 and with the fields of its AES-GCM decipher (RFC 5647: length, body, tag). Of
// each packet the body is decrypted in one piece, into memory that is its payload's alone: who gets it may give it back. A
// packet that came in pieces is put together first, in memory that is used again; nothing else is kept.
import { createDecipheriv, type CipherGCMTypes, type KeyObject } from 'node:crypto'

export interface GcmDecipher {
  _decipherSSLName: CipherGCMTypes
  _decipherKey: KeyObject
  /** The next packet's. */
  _decipherIV: Uint8Array
  inSeqno: number
  /** Says where to go on: where it does not, in the same bytes; false, behind this packet, maybe with another decipher. */
  _onPayload: (payload: Buffer) => number | false | undefined
}

type Decrypt = (bytes: Buffer, from: number, to: number) => number | undefined

const lengthBytes = 4
const tagBytes = 16
/** ssh2's own limit. */
const packetBytesMax = 35_000

/** In the place of its `decrypt`, before its first packet. */
export function openWholePackets(decipher: GcmDecipher): Decrypt {
  const held = Buffer.allocUnsafe(packetBytesMax)
  let have = 0

  // Up to `wanted` bytes of the packet are in `held` then; says how many it took.
  const hold = (bytes: Buffer, at: number, to: number, wanted: number): number => {
    const count = Math.min(wanted - have, to - at)
    bytes.copy(held, have, at, at + count)
    have += count
    return count
  }

  return (bytes, from, to) => {
    let at = from
    while (at < to) {
      let packet: Buffer = held
      let start = 0
      if (have === 0 && to - at >= lengthBytes && to - at >= packetBytes(bytes, at)) {
        packet = bytes
        start = at
        at += packetBytes(bytes, at)
      } else {
        if (have < lengthBytes) at += hold(bytes, at, to, lengthBytes)
        if (have < lengthBytes) return undefined
        const wanted = packetBytes(held, 0)
        at += hold(bytes, at, to, wanted)
        if (have < wanted) return undefined
        have = 0
      }
      // Another one while keys are exchanged.
      const { _onPayload: take } = decipher
      const went = take(open(decipher, packet, start))
      if (went !== undefined) return went === false ? at : went
    }
    return undefined
  }
}

/** Of the packet that begins at `at`, with its length and tag. */
function packetBytes(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at)
  const all = lengthBytes + length + tagBytes
  if (all > packetBytesMax || length < 16 || length % 16 !== 0) throw new Error('Bad packet length')
  return all
}

function open(decipher: GcmDecipher, packet: Buffer, start: number): Buffer {
  const body = start + lengthBytes
  const tag = start + packetBytes(packet, start) - tagBytes
  const { _decipherSSLName: name, _decipherKey: key, _decipherIV: iv } = decipher
  const work = createDecipheriv(name, key, iv)
  work.setAAD(packet.subarray(start, body))
  const plain = work.update(packet.subarray(body, tag))
  work.setAuthTag(packet.subarray(tag, tag + tagBytes))
  work.final()
  decipher.inSeqno = (decipher.inSeqno + 1) >>> 0
  countUp(iv)
  const paddingBytes = plain[0] ?? 0
  return plain.subarray(1, Math.max(1, plain.length - paddingBytes))
}

/** The last eight bytes are a counter. */
function countUp(iv: Uint8Array): void {
  for (let at = iv.length - 1; at >= 4; at--) {
    iv[at] = (iv[at]! + 1) & 0xff
    if (iv[at] !== 0) return
  }
}
