// One shared second hand: a thousand running clocks on a screen cost one timer.
import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null
let nowMs = Date.now()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === null) {
    nowMs = Date.now()
    timer = setInterval(() => {
      nowMs = Date.now()
      for (const each of listeners) each()
    }, 1000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

const still = () => () => {}

/** Ms since 1970, renewed each second while `live`. */
export function useNow(live = true): number {
  return useSyncExternalStore(live ? subscribe : still, () => nowMs)
}
