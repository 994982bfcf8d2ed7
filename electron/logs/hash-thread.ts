// Hashes large log files on a thread of its own: sha256 takes as long as receiving the bytes does, and the engine's thread
// has other work. Reads the file itself, which is in the page cache, and goes on from where it was the last time.
import { Worker } from 'node:worker_threads'

export interface HashThread {
  /** The file has `size` bytes by now, and they will not change: hash them when there is time. */
  advance(path: string, size: number): void
  /** sha256 of the first `size` bytes, 64 hex digits. */
  digest(path: string, size: number): Promise<string>
  forget(path: string): void
  close(): Promise<void>
}

type Request =
  | { kind: 'advance'; path: string; size: number }
  | { kind: 'digest'; path: string; size: number; id: number }
  | { kind: 'forget'; path: string }

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
    // Keeps the process only while an answer is awaited.
    made.unref()
    return made
  }

  const ask = (request: Request): Worker => {
    worker ??= start()
    worker.postMessage(request)
    return worker
  }

  return {
    advance: (path, size) => void ask({ kind: 'advance', path, size }),
    digest(path, size) {
      return new Promise((resolve, reject) => {
        ids += 1
        waiting.set(ids, { resolve, reject })
        ask({ kind: 'digest', path, size, id: ids }).ref()
      })
    },
    forget(path) {
      worker?.postMessage({ kind: 'forget', path } satisfies Request)
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
  const { createHash } = process.getBuiltinModule('node:crypto')
  const { closeSync, openSync, readSync } = process.getBuiltinModule('node:fs')
  const chunk = new Uint8Array(1024 * 1024)
  const doneByPath = new Map<string, { hash: ReturnType<typeof createHash>; size: number }>()

  const advance = (path: string, size: number): ReturnType<typeof createHash> => {
    let done = doneByPath.get(path)
    if (done === undefined || done.size > size) done = { hash: createHash('sha256'), size: 0 }
    doneByPath.set(path, done)
    const fd = openSync(path, 'r')
    try {
      while (done.size < size) {
        const bytes = readSync(fd, chunk, 0, Math.min(chunk.length, size - done.size), done.size)
        if (bytes === 0) throw new Error(`${path} ends at ${done.size}, not at ${size}`)
        done.hash.update(chunk.subarray(0, bytes))
        done.size += bytes
      }
    } finally {
      closeSync(fd)
    }
    return done.hash
  }

  parentPort?.on('message', (request: Request) => {
    if (request.kind === 'forget') return doneByPath.delete(request.path)
    const id = request.kind === 'digest' ? request.id : null
    try {
      const hash = advance(request.path, request.size)
      if (id !== null) parentPort.postMessage({ id, hex: hash.copy().digest('hex') })
    } catch (error) {
      // What went wrong with `advance` will be said by the `digest` that follows.
      if (id !== null) parentPort.postMessage({ id, error: String(error) })
    }
  })
}
