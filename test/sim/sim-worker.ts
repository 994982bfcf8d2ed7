// Lives cases in a thread of its own, one after the other, and tells how each went. What hangs here is ended from outside.
import { parentPort } from 'node:worker_threads'
import { anyCase, live } from './any-case.ts'
import type { AnyCase } from './any-case.ts'
import { promiseOf } from './broken.ts'

/** A seed, or a case as it is. */
export type Order = { seed: number } | { sim: AnyCase }

export type Lived =
  | { ok: true; counts: Record<string, number> }
  | { ok: false; promise: string; words: string }

export async function lifeOf(order: Order): Promise<Lived> {
  try {
    const sim = 'sim' in order ? order.sim : anyCase(order.seed)
    return { ok: true, counts: await live(sim) }
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { ok: false, promise: promiseOf(error), words }
  }
}

parentPort?.on('message', (order: Order) => {
  void lifeOf(order).then((lived) => parentPort?.postMessage(lived))
})
