// Writes to a stream of this machine, each resolved when more may be written; the end rejects those that wait.
import type { Writable } from 'node:stream'
import type { OnceClosed } from './once-closed.ts'

export function roomToWrite(
  stream: Writable,
  closed: OnceClosed,
): (bytes: Uint8Array) => Promise<void> {
  const waiting: { resolve(): void; reject(error: Error): void }[] = []
  stream.on('drain', () => {
    for (const one of waiting.splice(0)) one.resolve()
  })
  closed.listen((why) => {
    for (const one of waiting.splice(0)) one.reject(new Error(why))
  })
  return (bytes) =>
    new Promise((resolve, reject) => {
      const why = closed.why()
      if (why !== null) return reject(new Error(why))
      if (stream.write(bytes)) return resolve()
      waiting.push({ resolve, reject })
    })
}
