// A blob store in memory, for tests that only plan.
import { createHash } from 'node:crypto'
import type { BlobStore } from '../../electron/ports/logs.ts'

export interface MemoryBlobs extends BlobStore {
  bytes(sha256: string): Uint8Array
}

export function memoryBlobs(): MemoryBlobs {
  const byHash = new Map<string, Uint8Array>()
  return {
    put: (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      byHash.set(sha256, bytes)
      return Promise.resolve(sha256)
    },
    has: (sha256) => Promise.resolve(byHash.has(sha256)),
    get: (sha256) => Promise.resolve(byHash.get(sha256) ?? null),
    open: () => Promise.resolve(null),
    receive: () => Promise.reject(new Error('Nothing is received in a plan')),
    bytes: (sha256) => byHash.get(sha256) as Uint8Array,
  }
}
