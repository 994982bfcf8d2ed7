// The seam for time: real in `electron/system`, virtual in tests.

export interface Clock {
  /** Wall clock, ms since 1970 UTC. May step. */
  now(): number
  /** Monotonic, ms. For measuring waits. */
  monotonic(): number
  /** Calls back once, not before `delayMs` have passed; gives back the way to cancel it. */
  after(delayMs: number, callback: () => void): () => void
}

/** Rejects with the signal's reason when it is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error)
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
