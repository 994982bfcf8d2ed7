// A thread that lives cases, ended and made anew when a life takes too long: a hang is a violation like any other.
import { Worker } from 'node:worker_threads'
import type { Lived, Order } from './sim-worker.ts'

/** Wall time; a life takes some 20 ms, and a busy machine may stand still for a while. */
const LIFE_MS_MAX = 60_000

export interface Hand {
  live(order: Order): Promise<Lived>
  close(): Promise<void>
}

export function openHand(lifeMsMax: number = LIFE_MS_MAX): Hand {
  let worker = openWorker()
  return {
    async live(order) {
      const lived = await liveBounded(worker, order, lifeMsMax)
      if (lived !== null) return lived
      await worker.terminate()
      worker = openWorker()
      const words = `It has not ended after ${lifeMsMax / 1000} s`
      return { ok: false, promise: 'a life ends', words }
    },
    close: async () => void (await worker.terminate()),
  }
}

function openWorker(): Worker {
  return new Worker(new URL('./sim-worker.ts', import.meta.url))
}

function liveBounded(worker: Worker, order: Order, lifeMsMax: number): Promise<Lived | null> {
  return new Promise((resolve) => {
    const done = (lived: Lived | null): void => {
      clearTimeout(timer)
      worker.removeAllListeners()
      resolve(lived)
    }
    const timer = setTimeout(() => done(null), lifeMsMax)
    const died = (error: unknown): void =>
      done({ ok: false, promise: 'no thread dies', words: String(error) })
    worker.on('message', done)
    worker.on('error', died)
    worker.on('exit', (code) => died(`code ${code}`))
    worker.postMessage(order)
  })
}
