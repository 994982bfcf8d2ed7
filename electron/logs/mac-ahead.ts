// A GMAC over a log that is made while its bytes come: at its end nothing has to be read again. The key was chosen before
// the bytes were written, but nobody else knows it until then.
import { createCipheriv } from 'node:crypto'
import type { DigestWay } from '../ports/logs.ts'

export interface MacAhead {
  readonly way: DigestWay
  /** Of the log's first bytes. */
  readonly bytes: number
  add(bytes: Uint8Array): void
  /** Hex. Only once. */
  end(): string
}

/** AES-GCM over nothing, with the bytes as what is only authenticated; null for another way. */
export function openMacAhead(way: DigestWay): MacAhead | null {
  if (!way.startsWith('gmac:')) return null
  const iv = Buffer.from('000000000000000000000001', 'hex')
  const mac = createCipheriv('aes-128-gcm', Buffer.from(way.slice(5), 'hex'), iv)
  let bytes = 0
  return {
    way,
    get bytes() {
      return bytes
    },
    add(some) {
      mac.setAAD(some)
      bytes += some.length
    },
    end() {
      mac.final()
      return mac.getAuthTag().toString('hex')
    },
  }
}
