// Digests of large logs on a thread of their own: sha256 takes as long as receiving the bytes does, and the engine's thread
// has other work. Reads the files itself, which are in the page cache; several digests take turns.
import { Worker } from 'node:worker_threads'
import type { DigestWay } from '../ports/logs.ts'
import type { LogPiece } from './log-parts.ts'

export interface HashThread {
  /** Over the pieces, one after the other; hex. Rejects where a file is gone or too short. */
  digest(way: DigestWay, pieces: readonly LogPiece[]): Promise<string>
  close(): Promise<void>
}

interface Request {
  id: number
  way: DigestWay
  pieces: readonly LogPiece[]
}

type Answer = { id: number; hex: string } | { id: number; error: string }

export function openHashThread(): HashThread {
  const waiting = new Map<number, { resolve(hex: string): void; reject(error: Error): void }>()
  let worker: Worker | null = null
  let ids = 0

  const failAll = (error: Error): void => {
    worker = null
    for (const one of waiting.values()) one.reject(error)
    waiting.clear()
  }

  // As source text: a file of its own would have to be found again in each way the app is packaged.
  const start = (): Worker => {
    const made = new Worker(`(${hashFiles.toString()})()`, { eval: true })
    made.on('error', failAll)
    made.on('message', (answer: Answer) => {
      const one = waiting.get(answer.id)
      waiting.delete(answer.id)
      if (waiting.size === 0) made.unref()
      if ('hex' in answer) one?.resolve(answer.hex)
      else one?.reject(new Error(answer.error))
    })
    return made
  }

  return {
    digest(way, pieces) {
      return new Promise((resolve, reject) => {
        ids += 1
        waiting.set(ids, { resolve, reject })
        worker ??= start()
        // Keeps the process only while an answer is awaited.
        worker.ref()
        worker.postMessage({ id: ids, way, pieces } satisfies Request)
      })
    },
    async close() {
      const stopped = worker
      failAll(new Error('The log store is closed'))
      await stopped?.terminate()
    },
  }
}

/** The thread. Stands alone: it sees nothing of this file, only what Node itself has. */
function hashFiles(): void {
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const { createCipheriv, createHash } = process.getBuiltinModule('node:crypto')
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs')
  const chunk = new Uint8Array(1024 * 1024)
  const turnBytes = 16 * 1024 * 1024
  const jobs: { id: number; work: Iterator<void, string> }[] = []

  const open = (way: DigestWay): { update(bytes: Uint8Array): void; hex(): string } => {
    if (!way.startsWith('gmac:')) {
      const hash = createHash(way)
      return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') }
    }
    // GMAC: AES-GCM over nothing, with the bytes as what is only authenticated.
    const iv = Buffer.from('000000000000000000000001', 'hex')
    const mac = createCipheriv('aes-128-gcm', Buffer.from(way.slice(5), 'hex'), iv)
    return {
      update: (bytes) => void mac.setAAD(bytes),
      hex: () => {
        mac.final()
        return mac.getAuthTag().toString('hex')
      },
    }
  }

  function* digest({ way, pieces }: Request): Generator<void, string> {
    const state = open(way)
    let turn = 0
    for (const { path, at, bytes } of pieces) {
      const fd = openSync(path, 'r')
      try {
        for (let done = 0; done < bytes;) {
          const length = Math.min(chunk.length, bytes - done)
          const count = readSync(fd, chunk, 0, length, at + done)
          if (count === 0) throw new Error(`${path} ends at ${at + done}, not at ${at + bytes}`)
          state.update(chunk.subarray(0, count))
          done += count
          turn += count
          if (turn < turnBytes) continue
          turn = 0
          yield
        }
      } finally {
        closeSync(fd)
      }
    }
    return state.hex()
  }

  const step = (): void => {
    const job = jobs.shift()
    if (job === undefined) return
    try {
      const { done, value } = job.work.next()
      if (done === true) parentPort?.postMessage({ id: job.id, hex: value } satisfies Answer)
      else jobs.push(job)
    } catch (error) {
      parentPort?.postMessage({ id: job.id, error: String(error) } satisfies Answer)
    }
    if (jobs.length > 0) setImmediate(step)
  }

  parentPort?.on('message', (request: Request) => {
    jobs.push({ id: request.id, work: digest(request) })
    if (jobs.length === 1) setImmediate(step)
  })
}
