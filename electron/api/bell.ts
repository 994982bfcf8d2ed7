// Wakes one waiting stream. A ring while it is busy is kept, however many there were: it looks once and sees all.

export interface Bell {
  ring: () => void
  /** False once the signal is aborted. */
  next: () => Promise<boolean>
}

export function openBell(signal: AbortSignal): Bell {
  let rung = false
  let wake: (() => void) | null = null
  const ring = (): void => {
    rung = true
    wake?.()
    wake = null
  }
  signal.addEventListener('abort', ring, { once: true })
  return {
    ring,
    async next() {
      if (!rung && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
      return !signal.aborted
    },
  }
}
