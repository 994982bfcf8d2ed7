// A thread that lives cases, ended and made anew when a life takes too long: a hang is a violation like any other.
import { Worker } from 'node:worker_threads'
import type { Lived, Order } from './sim-worker.ts'

/** Wall time; a life takes some 20 ms, and a busy machine may stand still for a while. */
const LIFE_MS_MAX = 60_000

export interface Hand {
  /** One at a time. */
  live(order: Order): Promise<Lived>
  close(): Promise<void>
}

export function openHand(lifeMsMax: number = LIFE_MS_MAX): Hand {
  let tell: (lived: Lived) => void = () => undefined
  const openWorker = (): Worker => {
    const made = new Worker(new URL('./sim-worker.ts', import.meta.url))
    const died = (why: unknown): void => {
      if (worker === made) tell({ ok: false, promise: 'no thread dies', words: String(why) })
    }
    made.on('message', (lived: Lived) => tell(lived))
    made.on('error', died)
    made.on('exit', (code) => died(`code ${code}`))
    return made
  }
  let worker: Worker | null = openWorker()
  const close = async (): Promise<void> => {
    const gone = worker
    worker = null
    await gone?.terminate()
  }
  return {
    async live(order) {
      worker ??= openWorker()
      const current = worker
      const lived = await new Promise<Lived | null>((resolve) => {
        const timer = setTimeout(() => resolve(null), lifeMsMax)
        tell = (found) => {
          clearTimeout(timer)
          resolve(found)
        }
        current.postMessage(order)
      })
      if (lived !== null && lived.ok) return lived
      if (lived?.ok === false && lived.promise !== 'no thread dies') return lived
      await close()
      const words = `It has not ended after ${lifeMsMax / 1000} s`
      return lived ?? { ok: false, promise: 'a life ends', words }
    },
    close,
  }
}
