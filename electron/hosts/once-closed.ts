// An end that is told to every listener once, also to those who come late.

export interface OnceClosed {
  say: (why: string) => void
  listen: (listener: (why: string) => void) => void
  /** null: it is open. */
  why: () => string | null
}

export function onceClosed(): OnceClosed {
  const listeners: ((why: string) => void)[] = []
  let said: string | null = null
  return {
    say(why) {
      if (said !== null) return
      said = why
      for (const listener of listeners.splice(0)) listener(why)
    },
    listen(listener) {
      if (said !== null) listener(said)
      else listeners.push(listener)
    },
    why: () => said,
  }
}
