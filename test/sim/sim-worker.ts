// Lives cases in a thread of its own, one after the other, and tells how each went. What hangs here is ended from outside.
import { parentPort } from 'node:worker_threads'
import { promiseOf } from './broken.ts'
import { randomCase } from './random-case.ts'
import type { SimCase } from './sim-case.ts'
import { simulate } from './simulate.ts'

/** A seed, or a case as it is. */
export type Order = { seed: number } | { sim: SimCase }

export type Lived =
  | { ok: true; counts: Record<string, number> }
  | { ok: false; promise: string; words: string }

export async function lifeOf(order: Order): Promise<Lived> {
  try {
    const sim = 'sim' in order ? order.sim : randomCase(order.seed)
    return { ok: true, counts: await simulate(sim) }
  } catch (error) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { ok: false, promise: promiseOf(error), words }
  }
}

parentPort?.on('message', (order: Order) => {
  void lifeOf(order).then((lived) => parentPort?.postMessage(lived))
})
