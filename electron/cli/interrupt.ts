// Ctrl-C, a polite end and a closed terminal, for as long as a command listens. Otherwise they end the process as ever.

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function onInterrupt(listener: () => void): () => void {
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}
